/** Requests that no handler may see: odd targets, methods and header counts, refused before anything is built from them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MANY_HEADERS, NO_METHOD, ODD_TARGET, PROBLEM_TYPE, problemText, type Refusal } from './problem.js'

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
export const MOST_HEADERS = 64

/**
 * Origin form only, and one spelling for a path: no route of this server needs an escape, a doubled slash or a dot segment,
 * so a router and a guard can never read two different paths.
 */
const plainPath = /^(?:\/|(?:\/(?!\.{1,2}(?:\/|$))[\w.~!$&'()*+,=:@-]+)+\/?)$/

/** What is wrong with a request, if something is. */
function oddity(request: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>): Refusal | undefined {
  if (!METHODS.includes(request.method ?? '')) return NO_METHOD
  const [path = ''] = (request.url ?? '').split('?', 1)
  if (path.length > 1_024 || !plainPath.test(path)) return ODD_TARGET
  // Node drops what is beyond its limit without a word, so the limit is looked at one header earlier.
  if (request.rawHeaders.length > 2 * MOST_HEADERS) return MANY_HEADERS
  return undefined
}

/** Answers an odd request; `false` for a usual one. */
export function refuseOdd(request: IncomingMessage, response: ServerResponse): boolean {
  const kind = oddity(request)
  if (!kind) return false
  response.writeHead(kind.status, {
    'content-type': PROBLEM_TYPE,
    'cache-control': 'no-store',
    ...(kind === NO_METHOD && { allow: METHODS.join(', ') }),
    connection: 'close',
  })
  response.end(problemText(kind))
  return true
}
