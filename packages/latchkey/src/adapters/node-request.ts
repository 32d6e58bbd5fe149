/** Between Node's requests and fetch-standard ones, for the endpoints only: guards read heads. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Rejection } from '../endpoints/surface.js'

/** A body that a parser read before us, as frameworks leave it on the request. */
interface Parsed {
  readonly body?: unknown
  /** Express: the whole path, whatever the mount point took off `url`. */
  readonly originalUrl?: string
}

/** Makes a fetch-standard request. The host is nobody's word: paths are matched, links are never made from it. */
export function toRequest(request: IncomingMessage & Parsed): Request {
  const headers = new Headers()
  const raw = request.rawHeaders
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (!name.startsWith(':')) headers.append(name, raw[i + 1] as string)
  }
  // `fetch` cannot name these; any other method that no route knows is refused alike.
  const method = /^(?:TRACE|TRACK|CONNECT)$/i.test(request.method ?? '') ? 'REFUSED' : (request.method ?? 'GET')
  const bodiless = method === 'GET' || method === 'HEAD'
  const body = bodiless ? null : bodyOf(request, headers)
  return new Request(`http://localhost${pathOf(request)}`, {
    method,
    headers,
    body,
    ...(body !== null && { duplex: 'half' }),
  } as RequestInit)
}

/** The path as it was asked for, if it is one: an absolute form or a doubled slash is none of ours. */
export function pathOf(request: IncomingMessage & Parsed): string {
  const url = request.originalUrl ?? request.url ?? '/'
  return /^\/(?!\/)/.test(url) ? url : '/'
}

function bodyOf(request: IncomingMessage & Parsed, headers: Headers): NonNullable<RequestInit['body']> | null {
  if (!request.readableEnded && !request.complete) return request as unknown as ReadableStream
  if (request.readableDidRead === false) return request as unknown as ReadableStream
  // A body parser was here first: what it made of the body goes on as JSON, which every route reads.
  if (request.body === undefined) return null
  headers.delete('content-length')
  if (typeof request.body === 'string' || request.body instanceof Uint8Array) return request.body as string
  headers.set('content-type', 'application/json')
  return JSON.stringify(request.body)
}

export async function writeResponse(response: ServerResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value)
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  if (answer.body && answer.headers.get('content-type') === 'text/event-stream')
    return writeStream(response, answer.body)
  response.end(answer.body === null ? undefined : Buffer.from(await answer.arrayBuffer()))
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

export function writeRejection(response: ServerResponse, { status, headers, body }: Rejection): void {
  response.writeHead(status, headers)
  response.end(body)
}
