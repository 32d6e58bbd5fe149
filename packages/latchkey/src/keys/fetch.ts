/** One JSON document from somebody else's server: permitted addresses only, no redirects, no proxies, bounded in bytes and in time. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { decodeUtf8, isJsonError, parseJson } from '../util/json.js'
import { checkedLookup, type Permits, type Resolve } from './addresses.js'

export interface Fetched {
  readonly value: unknown
  /** For how many seconds the answer calls itself fresh; `undefined` where it says nothing. May be negative or without end. */
  readonly maxAge: number | undefined
}

/** Rejects with an `Error` whose message is for operators; `status` is there when the server answered with another than 200. */
export type FetchJson = (url: string, signal?: AbortSignal) => Promise<Fetched>

/** Which URLs are fetched at all. */
export interface UrlRules {
  readonly permits: Permits
  readonly allowHttp: boolean
}

export interface FetchParts extends UrlRules {
  /** For everything together, from the name look-up to the last byte. Default 5. */
  readonly seconds?: number
  /** Default: as the system resolves names. */
  readonly resolve?: Resolve
  /** Certificates to trust instead of the system's. */
  readonly ca?: string
}

/** Enough for 64 keys with their certificates. */
const MAX_BYTES = 262_144
const limits = { depth: 8, members: 2_048 }

/** Makes a fetch. Every request is a connection of its own, and nothing of it is left when it has answered. */
export function createJsonFetch(parts: FetchParts): FetchJson {
  const { seconds = 5, ca } = parts
  const lookup = checkedLookup(parts.permits, parts.resolve)
  return async (text, signal) => {
    const url = fetchable(text, parts)
    const { Agent, request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        lookup,
        // Of its own: the shared one, and whatever is made after its likeness (`false`), may be anything and may know of proxies.
        agent: new Agent({ keepAlive: false }),
        headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'latchkey' },
        maxHeaderSize: 16_384,
        // Written out, because a variable of the environment turns the default off.
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca }),
      })
      const stop = (message: string) => {
        reject(new Error(message))
        sent.destroy()
      }
      const timer = setTimeout(() => stop(`no complete answer within ${seconds} seconds`), seconds * 1000)
      timer.unref()
      const closed = () => stop('closed')
      if (signal?.aborted) closed()
      signal?.addEventListener('abort', closed)
      sent.on('error', reject)
      let isAnswered = false
      sent.on('response', (answer) => {
        isAnswered = true
        receive(answer)
          .then(resolve, reject)
          .finally(() => sent.destroy())
      })
      sent.on('close', () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', closed)
        if (!isAnswered) reject(new Error('the connection was closed without an answer'))
      })
      sent.end()
    })
  }
}

/** The URL of a text, if it is one that is fetched. Throws an `Error` that says why it is not. */
export function fetchable(text: unknown, { permits, allowHttp }: UrlRules): URL {
  if (typeof text !== 'string' || !URL.canParse(text)) throw new Error('this is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) throw new Error('only https is fetched')
  if (url.username !== '' || url.password !== '') throw new Error('a URL with credentials is not fetched')
  // An address needs no look-up, so it is checked here. Other spellings of one (decimal, octal) are gone with the parsing.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !permits(host)) throw new Error(`${host} is no public address`)
  return url
}

async function receive(answer: IncomingMessage): Promise<Fetched> {
  checkHead(answer)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return { value: parsed(Buffer.concat(chunks)), maxAge: freshFor(answer.headers) }
}

function checkHead({ statusCode, headers }: IncomingMessage): void {
  if (statusCode !== 200) {
    const why = statusCode !== undefined && statusCode >= 300 && statusCode < 400 ? ': redirects are not followed' : ''
    throw Object.assign(new Error(`the answer has status ${statusCode}${why}`), { status: statusCode })
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  // Asked for none, who encodes nevertheless is not worth a decoder that can be made to work without end.
  if (encoding.toLowerCase() !== 'identity')
    throw new Error('the answer is compressed, although that was not asked for')
  if (/html/i.test(headers['content-type'] ?? '')) throw new Error('the answer is a page of HTML')
  if (Number(headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge()
}

function parsed(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new Error('the answer is not UTF-8 without a byte order mark')
  try {
    return parseJson(text, limits)
  } catch (error) {
    if (!isJsonError(error)) throw error
    throw new Error(`the answer is no JSON that is taken here: ${error.reason}`)
  }
}

const tooLarge = () => new Error(`the answer is larger than ${MAX_BYTES / 1024} KiB`)

/** RFC 9111 sections 4.2 and 5.2.2: what is left of `max-age` after the time that caches on the way have kept the answer. */
function freshFor(headers: IncomingHttpHeaders): number | undefined {
  const control = headers['cache-control'] ?? ''
  if (/(^|[\s,])no-(store|cache)\b/i.test(control)) return 0
  const [, seconds] = /(?:^|[\s,])max-age\s*=\s*"?(-?\d+)/i.exec(control) ?? []
  if (seconds === undefined) return undefined
  const kept = /^\d+$/.test(headers.age ?? '') ? Number(headers.age) : 0
  return Number(seconds) - kept
}
