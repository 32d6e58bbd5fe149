/** Requests over a socket, header by header: `fetch` would join two of one name, and hide what is to be tried. */
import { Agent, request as askHttp } from 'node:http'
import { request as askHttps, Agent as SecureAgent } from 'node:https'
import type { AttackAnswer, AttackRequest, Target } from './wire.js'

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

  function send({ method, path, headers, body }: AttackRequest): Promise<AttackAnswer> {
    const all = [
      ['host', host],
      ...headers,
      ...(body === undefined ? [] : [['content-length', `${Buffer.byteLength(body)}`]]),
    ]
    return new Promise((done) => {
      const failed = (why: string): void => done({ status: 0, text: why })
      const request = ask(
        // Of an address in brackets the brackets are no part.
        {
          agent,
          method,
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port,
          path: prefix + path,
          headers: all.flat(),
          timeout: patience,
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            if (text.length < MOST_TEXT) text += chunk
          })
          response.on('end', () => done({ status: response.statusCode ?? 0, text }))
          response.on('error', () => failed('the answer broke off'))
          response.on('aborted', () => failed('the answer broke off'))
        },
      )
      request.on('timeout', () => request.destroy(new Error(`no answer in ${patience} ms`)))
      request.on('error', (error) => failed(error.message))
      request.end(body)
    })
  }
}
