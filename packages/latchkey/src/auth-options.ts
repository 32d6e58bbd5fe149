/** What an application writes down for `createAuth`; `options.ts` alone reads it. */
import type { Link } from './guard/authenticator.js'
import type { IssuerOptions, IssuerTable } from './issuer-options.js'
import type { Algorithm } from './jwt/algorithms.js'
import type { DemandedClaims } from './jwt/hook-types.js'
import type { ClaimsSchema } from './jwt/schema.js'
import type { Preset } from './preset.js'
import type { RevocationOptions } from './revocation/options.js'
import type { Account, Session, Stores, User, UserStore } from './stores/port.js'
import type { CookieTransport, Transport } from './transport/transport.js'
import type { LoginMethod } from './users/login.js'
import type { ThrottleOptions } from './users/throttle.js'
import type { Clock } from './util/time.js'

/** Where Latchkey tells of faults; a pino logger fits. */
export interface Logger {
  /** Something failed that a caller was answered 5xx for, or a listener threw. */
  error(facts: object, message: string): void
  /** Something is odd and was dealt with. */
  warn(facts: object, message: string): void
}

/** Options of `createAuth`. Durations are seconds, or text such as `30s`, `15m`, `12h`, `30d`. */
export interface AuthOptions<
  U extends User = Account,
  C extends object = object,
  S extends ClaimsSchema = ClaimsSchema,
> {
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
  /** How long the predecessor of a refresh token still gets the same successor. Default 10 seconds (60 with `silentRefresh`), at most 60. */
  readonly grace?: string | number
  /** `rotating`: each use replaces the refresh token (default) · `fixed`: it stays · `single`: there is none, the access token renews itself. */
  readonly refresh?: 'rotating' | 'fixed' | 'single'
  /** How many sessions a user may have; the oldest ends. Default 100. */
  readonly sessionLimit?: number
  /** How late a revocation may reach this process, and what it does when it knows less. */
  readonly revocation?: RevocationOptions
  /** The `client_id` of the tokens (RFC 9068 section 2.2). Default `latchkey`. */
  readonly clientId?: string
  /**
   * How tokens travel: `bearer()`, and one of `oneCookie()` and `splitCookies()`. The first answers a login that does not choose.
   * Default `[bearer()]`.
   */
  readonly transports?: readonly (Transport | CookieTransport)[]
  /** The origin that browsers see, such as `https://api.example.com`; what a proxy says of it is not believed. Default: the issuer's. */
  readonly origin?: string
  /** Pages of other origins that may use the endpoints with cookies, to the letter. Default none. */
  readonly cors?: { readonly origins: readonly string[] }
  /**
   * Renews an expired access token inside the request where the refresh cookie is good; that cookie then goes to every path. Default false:
   * the client refreshes. Whoever calls `authenticate` without an adapter has to set the cookies of its `delivery`.
   */
  readonly silentRefresh?: boolean
  /** Where the endpoints stand. Default `/auth`. */
  readonly basePath?: string
  /** Whether strangers may create accounts at `POST /auth/register`. Default false. */
  readonly register?: boolean
  /** A users table of your own. Default: ours, in the database. */
  readonly users?: UserStore<U> | undefined
  /** Ways to sign in; the first that answers wins. Default `[passwords()]`. */
  readonly login?: readonly LoginMethod<U>[]
  /** The chain that finds out who calls: `jwt()`, `basic()`, `apiToken()`, or your own. Default `[jwt()]`. */
  readonly authenticators?: readonly Link<U>[]
  /** Claims to add to the access tokens of a user, whenever one is signed. */
  readonly claims?: (user: U, session: Session) => (C & DemandedClaims<S>) | Promise<C & DemandedClaims<S>>
  /** The user as answers and formats show it. Default: id, user name, e-mail address and permissions, where there are any. */
  readonly userPart?: (user: U) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
  /**
   * Whose tokens are taken besides our own: rows, or rows and a look-up for issuers that are not among them (tenants).
   * What a token says of its issuer only selects one of these.
   */
  readonly issuers?: readonly IssuerOptions[] | IssuerTable
  /**
   * What the claims of our access tokens must be, on issue and on verify: JSON Schema 2020-12, or any validator that follows
   * Standard Schema. Their type in the context follows from it (`ClaimsOf`).
   */
  readonly claimsSchema?: S
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
