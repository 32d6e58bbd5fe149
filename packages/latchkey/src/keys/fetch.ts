/** One JSON document from somebody else's server: permitted addresses only, no redirects, no proxies, bounded in bytes and in time. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { decodeUtf8, isJsonError, parseJson } from '../util/json.js'
import { createSend, type RequestParts } from './request.js'

export interface Fetched {
  readonly value: unknown
  /** For how many seconds the answer calls itself fresh; `undefined` where it says nothing. May be negative or without end. */
  readonly maxAge: number | undefined
}

/** What a request carries beyond its URL. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, with POST. */
  readonly body?: object
}

/**
 * Rejects with an `Error` whose message is for operators; `status` is there when the server answered with another than 200, and `value`
 * where that answer was JSON too and `refusals` are read.
 */
export type FetchJson = (url: string, signal?: AbortSignal, asked?: Asked) => Promise<Fetched>

export interface FetchParts extends RequestParts {
  /** For everything together, from the name look-up to the last byte. Default 5. */
  readonly seconds?: number
  /** How large an answer may be, in bytes. Default 256 KiB. */
  readonly maxBytes?: number
  /** How many members its objects may have in all. Default 2,048. */
  readonly maxMembers?: number
  /** Whether what a refusal says in JSON is read. Default false. */
  readonly refusals?: boolean
}

/** Enough for 64 keys with their certificates. */
const MAX_BYTES = 262_144
const MAX_MEMBERS = 2_048
const DEPTH = 8

/** Makes a fetch. Nothing of a request is left when it has answered, but for a connection that is kept for the next. */
export function createJsonFetch(parts: FetchParts): FetchJson {
  const { seconds = 5, keepAlive = false, maxBytes = MAX_BYTES, maxMembers = MAX_MEMBERS, refusals = false } = parts
  const limits = { maxBytes, maxMembers, refusals }
  const send = createSend(parts)
  return async (url, signal, asked = {}) => {
    for (let left = MOST_STALE; ; left--) {
      try {
        return await attempt(url, signal, asked)
      } catch (error) {
        if (left === 0 || !isStale(error)) throw error
      }
    }
  }

  async function attempt(url: string, signal: AbortSignal | undefined, { headers, body }: Asked): Promise<Fetched> {
    const bytes = body && Buffer.from(JSON.stringify(body))
    const sent = await send(url, {
      method: bytes ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        ...headers,
        ...(bytes && { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
      },
    })
    return new Promise((resolve, reject) => {
      const stop = (message: string) => {
        reject(new Error(message))
        sent.destroy()
      }
      const timer = setTimeout(() => stop(`no complete answer within ${seconds} seconds`), seconds * 1000)
      timer.unref()
      const closed = () => stop('closed')
      if (signal?.aborted) closed()
      signal?.addEventListener('abort', closed)
      sent.on('error', (error) => reject(sent.reusedSocket ? Object.assign(error, { reused: true }) : error))
      let isAnswered = false
      sent.on('response', (answer) => {
        isAnswered = true
        receive(answer, limits)
          .then(resolve, reject)
          // What was read to its end may serve again; anything else is over.
          .finally(() => (keepAlive && answer.complete) || sent.destroy())
      })
      sent.on('close', () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', closed)
        if (!isAnswered) reject(new Error('the connection was closed without an answer'))
      })
      sent.end(bytes)
    })
  }
}

/** As many as are kept: a connection that its server closed while nobody used it is found out by the request that it breaks. */
const MOST_STALE = 4

function isStale(error: unknown): boolean {
  const { reused, code } = error as { readonly reused?: boolean; readonly code?: string }
  return reused === true && (code === 'ECONNRESET' || code === 'EPIPE')
}

type Limits = Required<Pick<FetchParts, 'maxBytes' | 'maxMembers' | 'refusals'>>

async function receive(answer: IncomingMessage, limits: Limits): Promise<Fetched> {
  const { statusCode: status = 0, headers } = answer
  if (status !== 200) throw await refusal(answer, limits)
  checkHead(headers, limits)
  return { value: await read(answer, limits), maxAge: freshFor(headers) }
}

/** What a server says of its refusal, as far as it says it in JSON. */
async function refusal(answer: IncomingMessage, limits: Limits): Promise<Error> {
  const { statusCode: status = 0, headers } = answer
  const why = status >= 300 && status < 400 ? ': redirects are not followed' : ''
  const error = Object.assign(new Error(`the answer has status ${status}${why}`), { status })
  if (!limits.refusals || status < 400 || !/json/i.test(headers['content-type'] ?? '')) return error
  try {
    checkHead(headers, limits)
    return Object.assign(error, { value: await read(answer, limits) })
  } catch {
    return error
  }
}

function checkHead(headers: IncomingHttpHeaders, { maxBytes }: Limits): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  // Asked for none, who encodes nevertheless is not worth a decoder that can be made to work without end.
  if (encoding.toLowerCase() !== 'identity')
    throw new Error('the answer is compressed, although that was not asked for')
  if (/html/i.test(headers['content-type'] ?? '')) throw new Error('the answer is a page of HTML')
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
}

async function read(answer: IncomingMessage, { maxBytes, maxMembers }: Limits): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return parsed(Buffer.concat(chunks), maxMembers)
}

function parsed(bytes: Buffer, members: number): unknown {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new Error('the answer is not UTF-8 without a byte order mark')
  try {
    return parseJson(text, { depth: DEPTH, members })
  } catch (error) {
    if (!isJsonError(error)) throw error
    throw new Error(`the answer is no JSON that is taken here: ${error.reason}`)
  }
}

const tooLarge = (maxBytes: number) => new Error(`the answer is larger than ${maxBytes / 1024} KiB`)

/** RFC 9111 sections 4.2 and 5.2.2: what is left of `max-age` after the time that caches on the way have kept the answer. */
function freshFor(headers: IncomingHttpHeaders): number | undefined {
  const control = headers['cache-control'] ?? ''
  if (/(^|[\s,])no-(store|cache)\b/i.test(control)) return 0
  const [, seconds] = /(?:^|[\s,])max-age\s*=\s*"?(-?\d+)/i.exec(control) ?? []
  if (seconds === undefined) return undefined
  const kept = /^\d+$/.test(headers.age ?? '') ? Number(headers.age) : 0
  return Number(seconds) - kept
}
