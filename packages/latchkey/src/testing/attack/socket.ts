/** Requests over a socket, header by header: `fetch` would join two of one name, and hide what is to be tried. */
import { Agent, request as askHttp, type ClientRequest } from 'node:http'
import { request as askHttps, Agent as SecureAgent } from 'node:https'
import type { Pair } from '../carrying.js'
import { type AttackAnswer, type AttackRequest, isEndless, patient, type Target } from './wire.js'

/** More than this of an answer tells nothing. */
const MOST_TEXT = 65_536

/** Asks whoever listens there; the path of the URL stands before those of the routes. Throws a TypeError for another protocol. */
export function askOver(base: URL, patience: number): Target {
  const { protocol, hostname, port, host, pathname } = base
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError('attack() takes an http or https URL')
  const isSecure = protocol === 'https:'
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  const ask = isSecure ? askHttps : askHttp
  const prefix = pathname.replace(/\/$/, '')
  return { send, close: () => agent.destroy() }

  async function send({ method, path, headers, body }: AttackRequest): Promise<AttackAnswer> {
    const length: readonly Pair[] = body === undefined ? [] : [['content-length', `${Buffer.byteLength(body)}`]]
    const all = [['host', host], ...headers, ...length].flat()
    // Of an address in brackets the brackets are no part.
    const to = { agent, method, hostname: hostname.replace(/^\[|\]$/g, ''), port, path: prefix + path, headers: all }
    const request = ask(to)
    const answer = await patient(patience, () => answerTo(request, body))
    // What is still under way is not waited for, and a socket that is done can be used again.
    if (answer.status === 0) request.destroy()
    return answer
  }
}

function answerTo(request: ClientRequest, body: string | undefined): Promise<AttackAnswer> {
  return new Promise((done, failed) => {
    request.on('error', failed)
    request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        if (text.length < MOST_TEXT) text += chunk
      })
      response.on('end', () => done({ status, text }))
      response.on('error', failed)
      if (!isEndless(headers['content-type'])) return
      done({ status, text })
      response.destroy()
    })
    request.end(body)
  })
}
