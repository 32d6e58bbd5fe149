/** A small reverse proxy: takes turns, steps over whoever is not there, and asks again only what may be asked twice. */
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream'

export interface Upstream {
  readonly port: number
  readonly isUp: boolean
}

interface Question {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** `unheard`: nobody was there to hear it. `unanswered`: it may have been heard, and done. */
type Reply = IncomingMessage | 'unheard' | 'unanswered'

const LARGEST_BODY = 65_536
const PATIENCE_MILLISECONDS = 15_000

/** They concern one connection, and here are two (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']

export function createProxy(servers: readonly Upstream[]): RequestListener {
  let turn = 0
  return (incoming, response) => {
    answer(incoming, response).catch(() => response.destroy())
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming)
    if (!body) return refuse(response, 413)
    const question = { method: incoming.method ?? '', path: incoming.url ?? '', headers: headersOf(incoming), body }
    for (const { port } of inTurn()) {
      const reply = await ask(port, question)
      if (typeof reply === 'object') return pass(reply, response)
      if (reply === 'unanswered' && !mayRepeat(question)) return refuse(response, 502)
    }
    refuse(response, 503)
  }

  function inTurn(): readonly Upstream[] {
    const first = turn++ % servers.length
    return [...servers.slice(first), ...servers.slice(0, first)].filter(({ isUp }) => isUp)
  }
}

/**
 * What only reads may be asked twice, and a refresh: its second answer has the same refresh token as the first, whichever
 * server gives it. A login would make a second session, and a logout that is asked twice looks like a failure.
 */
function mayRepeat({ method, path }: Question): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(method) || (method === 'POST' && path === '/auth/refresh')
}

function ask(port: number, { method, path, headers, body }: Question): Promise<Reply> {
  return new Promise((resolve) => {
    // A connection of its own: one that was kept may be closed at the very moment, and nobody knows what was heard.
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve)
    const timer = setTimeout(() => outgoing.destroy(), PATIENCE_MILLISECONDS)
    outgoing.once('response', () => clearTimeout(timer))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve(error.code === 'ECONNREFUSED' ? 'unheard' : 'unanswered')
    })
    outgoing.end(body)
  })
}

function pass(reply: IncomingMessage, response: ServerResponse): void {
  response.writeHead(reply.statusCode ?? 502, without(HOP_BY_HOP, reply.headers))
  // Half an answer is cut off, so that nobody takes it for a whole one.
  pipeline(reply, response, () => {})
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...(status === 503 && { 'retry-after': '1' }), 'content-length': 0 }).end()
}

function headersOf({ headers, socket }: IncomingMessage): IncomingHttpHeaders {
  const kept = without([...HOP_BY_HOP, 'expect', 'content-length'], headers)
  // Not added to what the client says: nobody stands in front of this proxy.
  return { ...kept, 'x-forwarded-for': socket.remoteAddress }
}

function without(names: readonly string[], headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}

/** The whole of it, so that it can be sent twice; `undefined` if it is too large for that. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    bytes += chunk.length
    if (bytes > LARGEST_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
