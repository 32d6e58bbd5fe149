/** Between Node's requests and the endpoints: what a framework left of a body, and answers as Node writes them. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import type { Answered, Asked } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import { headOfNode, type RequestHead } from '../transport/head.js'

/** A body that a parser read before us, as frameworks leave it on the request. */
interface Parsed {
  readonly body?: unknown
  /** Express: the whole path, whatever the mount point took off `url`. */
  readonly originalUrl?: string
}

/** What was asked for, if it is a path: an absolute form or a doubled slash is none of ours. */
export function urlOf(request: IncomingMessage & Parsed, url: string = request.originalUrl ?? request.url ?? '/'): URL {
  return new URL(`http://localhost${/^\/(?!\/)/.test(url) ? url : '/'}`)
}

export function askedByNode(request: IncomingMessage & Parsed, url: URL, parsed: unknown = request.body): Asked {
  const head = headOfNode(request)
  if (!isRead(request)) return { url, head, body: (most) => bytesOf(request, most) }
  // A body parser was here first: what it made of the body goes on as JSON, which every route reads.
  const body = parsed ?? ''
  const isObject = typeof body !== 'string' && !(body instanceof Uint8Array)
  const header: RequestHead['header'] = (name) => {
    if (name === 'content-length') return undefined
    return isObject && name === 'content-type' ? 'application/json' : head.header(name)
  }
  const bytes = async (most: number) => bounded(Buffer.from(isObject ? JSON.stringify(body) : (body as string)), most)
  return { url, head: { method: head.method, header }, body: bytes }
}

/** What the endpoints answer, or nothing for a path that is none of theirs. `parsed`: what a body parser made of the body, where it is not on the request. */
export function answerNode(
  auth: Pick<Auth, 'answer' | 'peer'>,
  request: IncomingMessage & Parsed,
  url: URL,
  parsed: unknown = request.body,
): Promise<Answered | undefined> {
  const asked = askedByNode(request, url, parsed)
  return auth.answer(asked, auth.peer(request.socket.remoteAddress, asked.head))
}

function isRead(request: IncomingMessage): boolean {
  return (request.readableEnded || request.complete) && request.readableDidRead !== false
}

export function bounded(bytes: Buffer, most: number): Buffer {
  if (bytes.length > most) throw new AuthError('request_too_large')
  return bytes
}

/** By its events: an iterator would cost more than the rest of the reading, and end the connection of a body that is too large before the answer. */
function bytesOf(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let ended = request.readableEnded
    const hungUp = (): void => {
      if (!ended) reject(new AuthError('request_invalid', { hint: 'the body never ended' }))
    }
    if (ended) return resolve(Buffer.alloc(0))
    if (request.destroyed) return hungUp()
    request.on('data', (chunk: Buffer | string) => {
      size += chunk.length
      // The rest goes by unread, so that the answer finds a caller who listens.
      if (size > most) reject(new AuthError('request_too_large'))
      else chunks.push(Buffer.from(chunk as string))
    })
    request.once('end', () => {
      ended = true
      resolve(Buffer.concat(chunks))
    })
    request.once('error', hungUp)
    request.once('close', hungUp)
  })
}

/** A promise only for a body that comes in pieces; it never rejects. */
export function writeAnswer(
  response: ServerResponse,
  { status, headers, cookies = [], body }: Answered,
): void | Promise<void> {
  // Not by spreading, which takes a microsecond of every refusal.
  const all: OutgoingHttpHeaders = Object.assign({}, headers)
  if (cookies.length > 0) all['set-cookie'] = [...cookies]
  if (typeof body === 'string') all['content-length'] = Buffer.byteLength(body)
  response.writeHead(status, all)
  if (body instanceof ReadableStream) return writeStream(response, body)
  response.end(body)
}

/** As it comes, and no faster than it is read; whoever hangs up ends it. Never rejects. */
async function writeStream(response: ServerResponse, body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader()
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  void gone.then(() => reader.cancel()).catch(() => {})
  response.flushHeaders()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (!response.write(value)) await Promise.race([gone, new Promise((resolve) => response.once('drain', resolve))])
    }
    response.end()
  } catch {
    response.destroy()
  }
}
