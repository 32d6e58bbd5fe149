/** The route table and its loop: a request in, its answer out, nothing thrown. */
import { AuthError } from '../errors.js'
import type { Found } from '../guard/authenticator.js'
import type { User } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'
import { readInput } from './body.js'
import type { Answer, Answered, Asked, Call, Operations, Route, Site, Surface } from './surface.js'

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
  answer(asked: Asked, peer: Peer): Promise<Answered | undefined>
  /** Whether a path is one of the surface's. */
  serves(path: string): boolean
}

interface Match {
  readonly routes: readonly Route[]
  /** The methods that these routes know. */
  readonly allow: readonly string[]
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
  return { answer, serves: (path) => find(path) !== undefined }

  async function answer(asked: Asked, peer: Peer): Promise<Answered | undefined> {
    const match = find(asked.url.pathname)
    if (!match) return undefined
    const { head } = asked
    const { method } = head
    const { routes, allow, parameters } = match
    if (method === 'OPTIONS') return { status: 204, headers: { allow: allow.join(', ') }, body: null }
    const route = routes.find((one) => one.method === (method === 'HEAD' ? 'GET' : method))
    const site: Site = { ...(route && { route }), allow, method, head }
    try {
      if (!route) throw new AuthError('method_not_allowed')
      await ready()
      return write(await run(route, asked, parameters, peer), surface.headers(site), method === 'HEAD')
    } catch (error) {
      return surface.reject(blame(error, failed), site)
    }
  }

  async function run(route: Route, asked: Asked, parameters: Match['parameters'], peer: Peer): Promise<Answer> {
    const input = await readInput(asked, route, parameters, surface.reading)
    const { head } = asked
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

function write(
  { status, body, headers, cookies = [] }: Answer,
  common: Readonly<Record<string, string>>,
  head: boolean,
): Answered {
  const all = { ...common, ...headers }
  if (body instanceof ReadableStream) {
    if (head) void body.cancel()
    return { status, headers: all, cookies, body: head ? null : body }
  }
  const typed = body === undefined ? all : { 'content-type': 'application/json; charset=utf-8', ...all }
  return { status, headers: typed, cookies, body: body === undefined || head ? null : JSON.stringify(body) }
}

const allowed = (routes: readonly Route[]): readonly string[] => [
  ...new Set(routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))),
  'OPTIONS',
]

/** Finds by exact path first; parameters are one segment, taken as it stands. */
function createFinder(routes: readonly Route[]): (path: string) => Match | undefined {
  const exact = new Map<string, Match>()
  for (const { path } of routes) exact.set(trim(path), matchOf(routes.filter((one) => trim(one.path) === trim(path))))
  const patterns = routes.filter((route) => route.path.includes('/:'))
  return (path) => {
    const plain = trim(path)
    const found = exact.get(plain)
    if (found) return found
    for (const route of patterns) {
      const parameters = matchPattern(trim(route.path), plain)
      if (parameters) return { ...(exact.get(trim(route.path)) as Match), parameters }
    }
    return undefined
  }
}

const matchOf = (routes: readonly Route[]): Match => ({ routes, allow: allowed(routes), parameters: {} })

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
