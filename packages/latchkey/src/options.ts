/** From options, which are for people, to settings, which are for code: defaults, checks, freeze. Nothing else reads AuthOptions. */
import type { NativeOptions } from './endpoints/native.js'
import type { Link } from './guard/authenticator.js'
import { type Algorithm, algorithm } from './jwt/algorithms.js'
import type { Preset } from './preset.js'
import { type RevocationOptions, type RevocationSettings, readRevocation } from './revocation/options.js'
import type { Account, Session, Stores, User, UserStore } from './stores/port.js'
import type { TokenSettings } from './tokens/service.js'
import { type TrustProxy, trustProxy } from './transport/peer.js'
import type { LoginMethod } from './users/login.js'
import type { ThrottleOptions } from './users/throttle.js'
import { flag, invalid, text, within } from './util/checks.js'
import { type Clock, seconds, systemClock } from './util/time.js'

/** Where Latchkey tells of faults; a pino logger fits. */
export interface Logger {
  /** Something failed that a caller was answered 5xx for, or a listener threw. */
  error(facts: object, message: string): void
  /** Something is odd and was dealt with. */
  warn(facts: object, message: string): void
}

/** Options of `createAuth`. Durations are seconds, or text such as `30s`, `15m`, `12h`, `30d`. */
export interface AuthOptions<U extends User = Account, C extends object = object> {
  /** Who issues the tokens: the public URL of this service. `https` in production. */
  readonly issuer?: string
  /**
   * `sqlite:auth.db` for one machine; `postgres://user:password@host/name` for any number of them (install `pg`), several
   * hosts separated by commas; `memory`; or stores of your own.
   */
  readonly database: string | Stores
  /**
   * `redis://host:6379`: tells the other processes of revocations at once and shares the throttle (install `ioredis`). It
   * holds nothing that would be missed: without it, and while it is gone, processes read the database every second.
   */
  readonly redis?: string
  /** At least 32 random bytes as text; newest first when there are several. Everything else is derived from it. */
  readonly secret: string | readonly string[]
  /** Whom the tokens are for. Default: the issuer. */
  readonly audience?: string | readonly string[]
  /** What access tokens are signed with. Default `ES256`, with keys that are made, sealed and rotated in the database. */
  readonly algorithm?: Algorithm
  /** One fixed signing key instead of the ring: a secret for HS, a private PEM for the others. */
  readonly key?: string
  /** Default 5 minutes, at most 1 hour (in the mode `single` at most `refreshLifetime`). */
  readonly accessLifetime?: string | number
  /** The absolute end of a session. Default 30 days. */
  readonly refreshLifetime?: string | number
  /** Ends a session that is not refreshed this long. Default 14 days. */
  readonly idleLifetime?: string | number
  /** The absolute end of a session whose login said `remember: false`. Default 12 hours, or `refreshLifetime` where that is less. */
  readonly briefLifetime?: string | number
  /** How long the predecessor of a refresh token still gets the same successor. Default 10 seconds, at most 60. */
  readonly grace?: string | number
  /** `rotating`: each use replaces the refresh token (default) · `fixed`: it stays · `single`: there is none, the access token renews itself. */
  readonly refresh?: 'rotating' | 'fixed' | 'single'
  /** How many sessions a user may have; the oldest ends. Default 100. */
  readonly sessionLimit?: number
  /** How late a revocation may reach this process, and what it does when it knows less. */
  readonly revocation?: RevocationOptions
  /** The `client_id` of the tokens (RFC 9068 section 2.2). Default `latchkey`. */
  readonly clientId?: string
  /** Where the endpoints stand. Default `/auth`. */
  readonly basePath?: string
  /** Whether strangers may create accounts at `POST /auth/register`. Default false. */
  readonly register?: boolean
  /** A users table of your own. Default: ours, in the database. */
  readonly users?: UserStore<U> | undefined
  /** Ways to sign in; the first that answers wins. Default `[passwords()]`. */
  readonly login?: readonly LoginMethod<U>[]
  /** The chain that finds out who calls. Default `[jwt()]`. */
  readonly authenticators?: readonly Link<U>[]
  /** Claims to add to the access tokens of a user, whenever one is signed. */
  readonly claims?: (user: U, session: Session) => C | Promise<C>
  /** The user as answers and formats show it. Default: id, user name, e-mail address and permissions, where there are any. */
  readonly userPart?: (user: U) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
  /** What the claims of access tokens must be, on issue and on verify: JSON Schema 2020-12. */
  readonly claimsSchema?: object
  /** Proxies whose `X-Forwarded-For` is believed: how many, or which addresses and ranges. Default none. */
  readonly trustProxy?: number | readonly string[]
  /** How many logins are tried per account, address and in all. */
  readonly throttle?: Pick<ThrottleOptions, 'account' | 'address' | 'everybody'>
  /** How many passwords are hashed at a time. Default: cores less one. */
  readonly passwordWorkers?: number
  /** How many verified tokens are remembered; 0 for none. Default 10,000 for asymmetric algorithms, 0 for HS. */
  readonly tokenCache?: number
  /** Tells callers the operator's hint, and allows an `http` issuer. Default: whether NODE_ENV is `development` or `test`. */
  readonly development?: boolean
  readonly clock?: Clock
  readonly logger?: Logger
  /** Speak as another system did: claim names, paths, bodies. */
  readonly preset?: Preset
}

/** What the composition root builds from. Lifetimes in seconds. */
export interface Settings<U extends User = Account, C extends object = object> {
  readonly options: Readonly<AuthOptions<U, C>>
  readonly issuer: string | undefined
  readonly secrets: readonly string[]
  readonly algorithm: Algorithm
  readonly key: string | undefined
  readonly leewaySeconds: number
  readonly tokens: TokenSettings
  readonly revocation: RevocationSettings
  readonly native: NativeOptions
  readonly trusted: TrustProxy
  readonly tokenCache: number
  readonly development: boolean
  readonly clock: Clock
}

const KNOWN: Readonly<Record<keyof AuthOptions, true>> = {
  issuer: true,
  database: true,
  redis: true,
  secret: true,
  audience: true,
  algorithm: true,
  key: true,
  accessLifetime: true,
  refreshLifetime: true,
  idleLifetime: true,
  briefLifetime: true,
  grace: true,
  refresh: true,
  sessionLimit: true,
  revocation: true,
  clientId: true,
  basePath: true,
  register: true,
  users: true,
  login: true,
  authenticators: true,
  claims: true,
  userPart: true,
  claimsSchema: true,
  trustProxy: true,
  throttle: true,
  passwordWorkers: true,
  tokenCache: true,
  development: true,
  clock: true,
  logger: true,
  preset: true,
}

/** Throws `options_invalid` with the path of the first option that does not allow a safe start. */
export function readOptions<U extends User, C extends object>(given: AuthOptions<U, C>): Settings<U, C> {
  if (typeof given !== 'object' || given === null) throw invalid('options', 'must be an object')
  for (const name of Object.keys(given)) if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not an option')
  const options = Object.freeze({ ...given })
  const development = options.development ?? ['development', 'test'].includes(process.env.NODE_ENV ?? '')
  const defaults = options.preset?.defaults ?? {}
  const issuer = readIssuer(options.issuer ?? defaults.issuer, development, options.preset !== undefined)
  const basePath = readPath(options.basePath ?? '/auth')
  const alg = options.algorithm ?? defaults.algorithm ?? 'ES256'
  if (!algorithm(alg)) throw invalid('algorithm', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  return Object.freeze({
    options,
    issuer,
    secrets: readSecrets(options.secret),
    algorithm: alg,
    key: options.key ?? defaults.key,
    leewaySeconds: within('leeway', defaults.leeway ?? 0, 0, 120),
    tokens: readTokens(options, issuer),
    revocation: readRevocation(options.revocation ?? {}),
    native: {
      base: basePath,
      metadataPath: metadataPath(issuer),
      register: flag('register', options.register),
      development,
    },
    trusted: trustProxy(options.trustProxy ?? 0),
    tokenCache: within('tokenCache', options.tokenCache ?? (alg.startsWith('HS') ? 0 : 10_000), 0, 1_000_000),
    development,
    clock: options.clock ?? systemClock,
  })
}

function readTokens<U extends User, C extends object>(
  options: AuthOptions<U, C>,
  issuer: string | undefined,
): TokenSettings {
  const defaults = options.preset?.defaults ?? {}
  const mode = options.refresh ?? defaults.refresh ?? 'rotating'
  if (!['rotating', 'fixed', 'single'].includes(mode)) throw invalid('refresh', 'must be rotating, fixed or single')
  const span = (
    name: 'accessLifetime' | 'refreshLifetime' | 'idleLifetime' | 'briefLifetime' | 'grace',
    usual: string | number,
    most: number,
    least = 1,
  ): number => within(name, seconds(options[name] ?? usual, name), least, most)
  const refreshSeconds = span('refreshLifetime', defaults.refreshLifetime ?? '30d', 3_650 * 86_400)
  const longestAccess = mode === 'single' || options.preset ? refreshSeconds : 3_600
  return {
    mode,
    refreshSeconds,
    accessSeconds: span('accessLifetime', defaults.accessLifetime ?? '5m', longestAccess),
    // A preset's refresh token says itself when it ends: no end that it does not know of may come before.
    idleSeconds: span(
      'idleLifetime',
      defaults.idleLifetime ?? (options.preset ? refreshSeconds : Math.min(14 * 86_400, refreshSeconds)),
      refreshSeconds,
    ),
    briefSeconds: span('briefLifetime', Math.min(43_200, refreshSeconds), refreshSeconds),
    graceSeconds: span('grace', '10s', 60, 0),
    sessionLimit: within('sessionLimit', options.sessionLimit ?? 100, 1, 10_000),
    audience: readAudience(options.audience ?? defaults.audience ?? issuer),
    clientId: text('clientId', options.clientId ?? 'latchkey'),
  }
}

function readIssuer(issuer: string | undefined, development: boolean, optional: boolean): string | undefined {
  if (issuer === undefined && optional) return undefined
  const url = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || `${url.search}${url.hash}${url.username}` !== '') {
    if (optional && typeof issuer === 'string' && issuer !== '') return issuer
    throw invalid('issuer', 'must be the public URL of this service')
  }
  const safe = url.protocol === 'https:' || (development && url.protocol === 'http:')
  if (!safe && !optional) throw invalid('issuer', 'must be https in production; NODE_ENV=development allows http')
  return issuer
}

function readAudience(audience: string | readonly string[] | undefined): readonly string[] {
  if (audience === undefined) return []
  const all = typeof audience === 'string' ? [audience] : audience
  if (!Array.isArray(all)) throw invalid('audience', 'must be text or a list of texts')
  for (const one of all) text('audience', one)
  return Object.freeze([...all])
}

function readSecrets(secret: string | readonly string[]): readonly string[] {
  const all = typeof secret === 'string' ? [secret] : secret
  if (!Array.isArray(all) || all.length === 0)
    throw invalid('secret', 'is missing: at least 32 random bytes, `latchkey init` makes one')
  return Object.freeze([...all])
}

/** The path of the metadata: between host and path of the issuer (RFC 8414 section 3.1). */
function metadataPath(issuer: string | undefined): string {
  const path = issuer !== undefined && URL.canParse(issuer) ? new URL(issuer).pathname.replace(/\/$/, '') : ''
  return `/.well-known/oauth-authorization-server${path}`
}

function readPath(path: string): string {
  if (typeof path !== 'string' || !/^(\/[\w.-]+)+$/.test(path))
    throw invalid('basePath', 'must be a path such as /auth')
  return path
}
