/** The route table and its loop: a request in, its answer out, nothing thrown. */
import { AuthError } from '../errors.js'
import type { Authentication, Found } from '../guard/authenticator.js'
import type { User } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Transports } from '../transport/transports.js'
import { renewCookies } from '../util/cookie.js'
import { readInput } from './body.js'
import type { Cors } from './cors.js'
import type {
  Answer,
  Answered,
  Asked,
  Call,
  Operation,
  Operations,
  Route,
  RouteTools,
  Site,
  Surface,
} from './surface.js'

export interface HandlerParts<U extends User> {
  readonly surface: Surface
  readonly operations: Operations<U>
  readonly tools: RouteTools<U>
  readonly authenticate: (head: RequestHead, peer: Peer) => Found<U>
  /** The same, and renews an access token that has expired. */
  readonly renew: (head: RequestHead, peer: Peer) => Found<U>
  readonly transports: Transports
  /** Absent where no other origin may read the answers. */
  readonly cors: Cors | undefined
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
  /** The paths, with their parameters as `:name`. */
  readonly paths: readonly string[]
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
  tools,
  authenticate,
  renew,
  transports,
  cors,
  ready,
  failed,
}: HandlerParts<U>): Handler {
  const find = createFinder(surface.routes)
  const paths = [...new Set(surface.routes.map(({ path }) => trim(path)))]
  return { answer, serves: (path) => find(path) !== undefined, paths }

  async function answer(asked: Asked, peer: Peer): Promise<Answered | undefined> {
    const match = find(asked.url.pathname)
    if (!match) return undefined
    const { head } = asked
    const { method } = head
    const { routes, allow, parameters } = match
    if (method === 'OPTIONS') return options(head, match)
    const route = routes.find((one) => one.method === (method === 'HEAD' ? 'GET' : method))
    const site: Site = { ...(route && { route }), allow, method, head }
    const visit: Visit<U> = {}
    const answered = await attempt()
    const cookies = renewCookies(visit.found?.delivery?.cookies ?? [], answered.cookies ?? [])
    return { ...answered, headers: { ...answered.headers, ...cors?.headers(head, answered.headers.vary) }, cookies }

    async function attempt(): Promise<Answered> {
      try {
        if (!route) throw new AuthError('method_not_allowed')
        await ready()
        return write(
          await run(route, asked, parameters, peer, visit),
          surface.headers(site),
          method === 'HEAD',
          surface,
        )
      } catch (error) {
        const refusal = blame(error, failed)
        const { headers, body, status, cookies = forgotten(refusal, route, head) } = surface.reject(refusal, site)
        return { status, headers, body, cookies }
      }
    }
  }

  /** What may be done here, and by whose pages: runs no operation, and opens nothing. */
  function options(head: RequestHead, { routes, allow }: Match): Answered {
    const common = surface.headers({ allow, method: head.method, head })
    const cross = { ...cors?.headers(head, common.vary), ...cors?.preflight(head, allow) }
    const headers = { ...common, allow: allow.join(', '), ...cross }
    const description = surface.describe?.(routes)
    if (!description) return { status: 204, headers, body: null }
    return write({ status: 200, body: description }, headers, false, surface)
  }

  async function run(
    route: Route,
    asked: Asked,
    parameters: Match['parameters'],
    peer: Peer,
    visit: Visit<U>,
  ): Promise<Answer> {
    const { head } = asked
    const { operation } = route
    transports.refuseForeign(head, operation === 'login' || operation === 'register')
    const input = await readInput(asked, route, parameters, surface.reading)
    const identify = operation === undefined || ITS_OWN_TOKENS.has(operation) ? authenticate : renew
    const call: Call<U> = { head, peer, authentication: async () => (visit.found ??= await identify(head, peer)) }
    if (route.operation === undefined) return route.run(input, call as unknown as Call, tools as unknown as RouteTools)
    // The table pairs every operation with its fields and its answer; that pairing is lost once routes share one type.
    const operate = operations[route.operation] as (input: object, call: Call<U>) => Promise<never>
    return route.answer(await operate(input, call))
  }

  /** A browser whose refresh cookie is dead would come with it again and again. */
  function forgotten({ status }: AuthError, route: Route | undefined, head: RequestHead): readonly string[] {
    if (route?.operation === undefined || !ENDS.has(route.operation) || status !== 401) return []
    return head.header('authorization') === undefined && transports.keeps(head) ? transports.forgetting : []
  }
}

/** What was found out about a request on the way. */
interface Visit<U extends User> {
  found?: Authentication<U>
}

/** Whoever is refused here has nothing left that would be good elsewhere. */
const ENDS: ReadonlySet<Operation> = new Set(['refresh', 'logout', 'logoutEverywhere'])

/** These renew tokens, or end them: nothing shall have been renewed before. */
const ITS_OWN_TOKENS: ReadonlySet<Operation> = new Set(['login', 'register', 'refresh', 'logout', 'logoutEverywhere'])

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
  { json = JSON.stringify, type = 'application/json; charset=utf-8' }: Pick<Surface, 'json' | 'type'>,
): Answered {
  const all = { ...common, ...headers }
  if (body instanceof ReadableStream) {
    if (head) void body.cancel()
    return { status, headers: all, cookies, body: head ? null : body }
  }
  const typed = body === undefined ? all : { 'content-type': type, ...all }
  return { status, headers: typed, cookies, body: body === undefined || head ? null : json(body) }
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
