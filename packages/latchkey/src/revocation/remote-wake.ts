/** News of revocations of an issuer elsewhere, by its stream of events: a reason to read the log, and nothing else is believed of it. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Send } from '../keys/request.js'
import type { Wake } from '../stores/port.js'
import { authorized, type RemoteToken } from './remote-log.js'

export interface RemoteWakeParts {
  /** Where the stream is. */
  readonly url: string
  readonly token: RemoteToken
  readonly send: Send
  /** A stream that is silent this long is dead: it has a heartbeat. Default 40. */
  readonly silenceSeconds?: number
  /** Between two attempts, at first; twice as long after each that failed, up to 30. Default 1. */
  readonly pauseSeconds?: number
}

const LONGEST_PAUSE = 30

export function createRemoteWake({ url, token, send, silenceSeconds = 40, pauseSeconds = 1 }: RemoteWakeParts): Wake {
  return {
    async listen(wake) {
      const ending = new AbortController()
      void follow(wake, ending.signal)
      return () => ending.abort()
    },
  }

  /** Nobody is told of failures: the log is read at intervals beneath it, and says what is wrong. */
  async function follow(wake: () => void, signal: AbortSignal): Promise<void> {
    for (let pause = pauseSeconds; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const heard = await listenOnce(wake, signal).catch(() => false)
      if (heard) pause = pauseSeconds
      // At random, so that the services of an issuer that starts again do not all come at once.
      const milliseconds = pause * 1000 * (0.5 + Math.random())
      await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** Until the stream ends; answers whether it was one. */
  async function listenOnce(wake: () => void, signal: AbortSignal): Promise<boolean> {
    const headers = { accept: 'text/event-stream', ...(await authorized(token)) }
    const sent = await send(url, { method: 'GET', headers })
    const stop = () => sent.destroy()
    signal.addEventListener('abort', stop)
    try {
      if (signal.aborted) return false
      sent.on('socket', (socket) => socket.unref())
      sent.setTimeout(silenceSeconds * 1000, stop)
      const answer = await answered(sent)
      if (answer.statusCode !== 200 || !answer.headers['content-type']?.startsWith('text/event-stream')) return false
      await hear(answer, wake).catch(() => {})
      return true
    } finally {
      signal.removeEventListener('abort', stop)
      sent.destroy()
    }
  }
}

function answered(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve).on('error', reject)
    sent.on('close', () => reject(new Error('closed')))
    sent.end()
  })
}

async function hear(answer: IncomingMessage, wake: () => void): Promise<void> {
  let rest = ''
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const text = rest + chunk.toString('latin1')
    if (text.includes('data:')) wake()
    // A word that was cut in two.
    rest = text.includes('data:') ? '' : text.slice(-4)
  }
}
