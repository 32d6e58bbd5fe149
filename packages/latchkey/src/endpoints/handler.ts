/** The route table and its loop: `Request` in, `Response` out, nothing thrown. */
import { AuthError } from '../errors.js'
import type { Found } from '../guard/authenticator.js'
import type { User } from '../stores/port.js'
import { headOf, type Peer, type RequestHead } from '../transport/head.js'
import { readInput } from './body.js'
import type { Answer, Call, Operations, Rejection, Route, Site, Surface } from './surface.js'

export interface HandlerParts<U extends User> {
  readonly surface: Surface
  readonly operations: Operations<U>
  readonly authenticate: (head: RequestHead, peer: Peer) => Found<U>
  /** Opens what is not open yet. */
  readonly ready: () => Promise<void>
  /** Learns of errors that are nobody's refusal but a fault of ours or of a store. */
  readonly failed: (error: unknown) => void
}

/** Answers a request to one of the surface's paths; `undefined` for any other. */
export interface Handler {
  handle(request: Request, peer: Peer): Promise<Response | undefined>
  /** Whether a path is one of the surface's. */
  serves(path: string): boolean
}

interface Match {
  readonly routes: readonly Route[]
  readonly parameters: Readonly<Record<string, string>>
}

export function createHandler<U extends User>({
  surface,
  operations,
  authenticate,
  ready,
  failed,
}: HandlerParts<U>): Handler {
  const find = createFinder(surface.routes)
  return { handle, serves: (path) => find(path) !== undefined }

  async function handle(request: Request, peer: Peer): Promise<Response | undefined> {
    const match = find(new URL(request.url).pathname)
    if (!match) return undefined
    const allow = allowed(match.routes)
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow: allow.join(', ') } })
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const route = match.routes.find((one) => one.method === method)
    const site: Site = { ...(route && { route }), allow, method: request.method, head: headOf(request) }
    try {
      if (!route) throw new AuthError('method_not_allowed')
      await ready()
      const answer = await run(route, request, match.parameters, peer)
      return write(answer, surface.headers(site), request.method === 'HEAD')
    } catch (error) {
      return refuse(surface.reject(blame(error, failed), site))
    }
  }

  async function run(route: Route, request: Request, parameters: Match['parameters'], peer: Peer): Promise<Answer> {
    const input = await readInput(request, route, parameters, surface.reading)
    const head = headOf(request)
    let authentication: Found<U> | undefined
    const call: Call<U> = { head, peer, authentication: async () => (authentication ??= authenticate(head, peer)) }
    // The table pairs every operation with its fields and its answer; that pairing is lost once routes share one type.
    const operate = operations[route.operation] as (input: object, call: Call<U>) => Promise<never>
    return route.answer(await operate(input, call))
  }
}

/** What is not a refusal of ours is nobody's business: the caller reads 503 and the log the rest. */
export function blame(error: unknown, failed: (error: unknown) => void): AuthError {
  if (error instanceof AuthError && error.status < 500) return error
  failed(error)
  if (error instanceof AuthError && error.code !== 'options_invalid') return error
  return new AuthError('store_failed', { cause: error })
}

export const refuse = ({ status, headers, body }: Rejection): Response => new Response(body, { status, headers })

function write(
  { status, body, headers, cookies }: Answer,
  common: Readonly<Record<string, string>>,
  head: boolean,
): Response {
  const all = new Headers({ ...common, ...headers })
  for (const cookie of cookies ?? []) all.append('set-cookie', cookie)
  if (body instanceof ReadableStream) {
    if (head) void body.cancel()
    return new Response(head ? null : body, { status, headers: all })
  }
  if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json; charset=utf-8')
  return new Response(body === undefined || head ? null : JSON.stringify(body), { status, headers: all })
}

const allowed = (routes: readonly Route[]): readonly string[] => [
  ...new Set(routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))),
  'OPTIONS',
]

/** Finds by exact path first; parameters are one segment, taken as it stands. */
function createFinder(routes: readonly Route[]): (path: string) => Match | undefined {
  const exact = new Map<string, Route[]>()
  for (const route of routes) exact.set(trim(route.path), [...(exact.get(trim(route.path)) ?? []), route])
  const patterns = routes.filter((route) => route.path.includes('/:'))
  return (path) => {
    const plain = trim(path)
    const found = exact.get(plain)
    if (found) return { routes: found, parameters: {} }
    for (const route of patterns) {
      const parameters = matchPattern(trim(route.path), plain)
      if (parameters) return { routes: patterns.filter((one) => one.path === route.path), parameters }
    }
    return undefined
  }
}

const trim = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)

function matchPattern(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [i, segment] of wanted.entries()) {
    const value = given[i] as string
    if (segment.startsWith(':') && value !== '') parameters[segment.slice(1)] = value
    else if (segment !== value) return undefined
  }
  return parameters
}
