/** The fetch-standard door of the endpoints: `Request` in, `Response` out. */
import { AuthError } from '../errors.js'
import { headOf, type Peer } from '../transport/head.js'
import type { Answered, Asked } from './surface.js'

/** The handler for frameworks that speak fetch. */
export function fetchDoor(
  answer: (asked: Asked, peer: Peer) => Promise<Answered | undefined>,
): (request: Request, peer: Peer) => Promise<Response | undefined> {
  return async (request, peer) => {
    const answered = await answer(askedBy(request), peer)
    return answered && toResponse(answered)
  }
}

export const askedBy = (request: Request): Asked => ({
  url: new URL(request.url),
  head: headOf(request),
  body: (most) => bytesOf(request, most),
})

export function toResponse({ status, headers, cookies = [], body }: Answered): Response {
  const all = new Headers(headers)
  for (const cookie of cookies) all.append('set-cookie', cookie)
  return new Response(body, { status, headers: all })
}

async function bytesOf(request: Request, most: number): Promise<Buffer> {
  if (request.bodyUsed)
    throw new AuthError('options_invalid', { hint: 'somebody read the body of this request before' })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of untilItBreaks(request.body)) {
    size += chunk.byteLength
    if (size > most) throw new AuthError('request_too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* untilItBreaks(body: Request['body']): AsyncGenerator<Uint8Array> {
  try {
    if (body) yield* body
  } catch (cause) {
    throw new AuthError('request_invalid', { hint: 'the body never ended', cause })
  }
}
