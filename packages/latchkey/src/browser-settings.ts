/** What browsers need to be told apart by: the public origin, the origins of others that may act here, and the transports that this allows. */
import type { AuthOptions } from './auth-options.js'
import type { User } from './stores/port.js'
import { bearer } from './transport/bearer.js'
import { checkDomains } from './transport/cookie-options.js'
import type { CookieTransport, Transport } from './transport/transport.js'
import { flag, invalid } from './util/checks.js'

/** What `createAuth` builds the transports and the CSRF check from. */
export interface BrowserSettings {
  readonly transports: readonly Transport[]
  /** What two credentials in one request are. */
  readonly credentials: 'one' | 'first'
  /** Our own origins: one, and none where no browser is expected. */
  readonly own: ReadonlySet<string>
  /** The origins of `cors`. */
  readonly allowed: ReadonlySet<string>
  readonly silentRefresh: boolean
}

/** Throws `options_invalid` for origins that are none, and for cookies that would not be safe. */
export function readBrowser<U extends User, C extends object>(
  options: AuthOptions<U, C>,
  site: { readonly issuer: string | undefined; readonly basePath: string; readonly development: boolean },
): BrowserSettings {
  const { preset } = options
  const silentRefresh = flag('silentRefresh', options.silentRefresh ?? preset?.silentRefresh)
  const wanted = options.transports ?? preset?.transports ?? [bearer()]
  if (!Array.isArray(wanted) || wanted.length === 0) throw invalid('transports', 'must list at least one')
  const origin = options.origin === undefined ? originOf(site.issuer) : readOrigin('origin', options.origin)
  const refreshPath = silentRefresh ? '/' : site.basePath
  const transports = wanted.map((one: Transport | CookieTransport, at: number): Transport => {
    const made = typeof one === 'function' ? one({ secure: isSecure(origin, site.development), refreshPath }) : one
    if (!isTransport(made)) throw invalid(`transports[${at}]`, 'is none: bearer(), oneCookie() or splitCookies()')
    if (origin !== undefined) checkDomains(made.clear().cookies, new URL(origin).hostname)
    return made
  })
  if (transports.filter(({ kind }) => kind === 'cookie').length > 1) {
    throw invalid('transports', 'must have one transport by cookie at most')
  }
  if (silentRefresh && !transports.some(({ kind }) => kind === 'cookie')) {
    throw invalid('silentRefresh', 'needs a transport by cookie')
  }
  if (silentRefresh && (options.refresh ?? preset?.defaults?.refresh) === 'single') {
    throw invalid('silentRefresh', 'needs refresh tokens, and `refresh: single` has none')
  }
  return {
    transports,
    credentials: preset?.credentials ?? 'one',
    own: new Set(origin === undefined ? [] : [origin]),
    allowed: readCors(options.cors, site.development),
    silentRefresh,
  }
}

/** JavaScript gets here what no type has looked at, such as `oneCookie` without its parentheses. */
const isTransport = (made: unknown): boolean =>
  typeof made === 'object' && made !== null && /^(?:bearer|cookie)$/.test(String((made as Transport).kind))

/** Behind a proxy the host of a request is what anybody wrote: the origin is configured, never guessed. */
function isSecure(origin: string | undefined, development: boolean): boolean {
  if (origin === undefined) throw invalid('origin', 'is missing: cookies need the public origin of this service')
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'https:') return true
  if (development && /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) return false
  throw invalid('origin', 'must be https for cookies; NODE_ENV=development allows http://localhost')
}

const originOf = (issuer: string | undefined): string | undefined =>
  issuer !== undefined && /^https?:/.test(issuer) && URL.canParse(issuer) ? new URL(issuer).origin : undefined

function readOrigin(path: string, origin: unknown): string {
  const isOne =
    typeof origin === 'string' &&
    /^https?:\/\/[^*]+$/.test(origin) &&
    URL.canParse(origin) &&
    new URL(origin).origin === origin
  if (!isOne) throw invalid(path, 'must be an origin as browsers write it, such as https://app.example.com')
  return origin
}

function readCors(cors: AuthOptions['cors'], development: boolean): ReadonlySet<string> {
  if (cors === undefined) return new Set()
  if (typeof cors !== 'object' || cors === null || !Array.isArray(cors.origins)) {
    throw invalid('cors.origins', 'must be a list of origins')
  }
  return new Set(cors.origins.map((origin, at) => readAllowed(`cors.origins[${at}]`, origin, development)))
}

/** Whoever can change a page on its way acts for its users here. */
function readAllowed(path: string, given: unknown, development: boolean): string {
  const origin = readOrigin(path, given)
  if (origin.startsWith('http:') && !development) {
    throw invalid(path, 'must be https; NODE_ENV=development allows http')
  }
  return origin
}
