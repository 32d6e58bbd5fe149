/** The surface of an application: which path does which operation, and how its input and answer look. The native one and every preset are such tables. */
import type { AuthError } from '../errors.js'
import type { Authentication } from '../guard/authenticator.js'
import type { Claims } from '../jwt/jws.js'
import type { Epoch, Session, Stamp, User, UserStore } from '../stores/port.js'
import type { Revocable, Revoked } from '../tokens/revoke.js'
import type { TokenService } from '../tokens/service.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Delivery, Tokens } from '../transport/transport.js'
import type { Transports } from '../transport/transports.js'
import type { Clock } from '../util/time.js'
import type { UserPart } from './wire.js'

/** A request, from whatever door: nothing in it has been built before somebody asks for it. */
export interface Asked {
  /** The host is nobody's word: paths are matched, links are never made from it. */
  readonly url: URL
  readonly head: RequestHead
  /** The whole body. Throws `request_too_large` for more than so many bytes. */
  body(mostBytes: number): Promise<Buffer>
}

/** The answer to a request, for whatever door: text, bytes as they come, or nothing. */
export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body: string | ReadableStream<Uint8Array> | null
}

/** One request to an operation, from whatever door. */
export interface Call<U extends User = User> {
  readonly head: RequestHead
  readonly peer: Peer
  /** Who calls, found out on first use. */
  authentication(): Promise<Authentication<U>>
}

/** A login, a registration, a refresh: fresh tokens and whose they are. */
export interface SignedIn<U extends User = User> {
  readonly tokens: Tokens
  /** How the caller gets them: by which the body is written, and the cookies of the answer. */
  readonly delivery: Delivery
  /** The CSRF token among those cookies, for pages that cannot read them. */
  readonly csrf: string | undefined
  readonly user: U
  readonly part: UserPart
}

/** A logout: what makes the browser forget, where cookies are used. */
export interface SignedOut {
  readonly cookies: readonly string[]
}

/** One page of what was revoked, as services elsewhere read it. */
export interface RevocationPage {
  /** In stamp order; only what concerns our own access tokens. */
  readonly epochs: readonly Epoch[]
  /** The counter as seen, also when nothing is new. */
  readonly head: Stamp
  /** The store's time, in seconds. */
  readonly now: number
  /** Where to go on; absent on the last page. */
  readonly next?: Stamp
}

/** Everything an endpoint or a mutation can do. Each throws the AuthErrors that its caller is to be answered with. */
export interface Operations<U extends User = User> {
  /**
   * `remember: false`: the session is a brief one. Default true. `transport`: how the tokens travel, where that can be chosen.
   * `form`: of the access token, where a preset has several.
   * Throws `login_failed`, `login_throttled`, `csrf_failed`.
   */
  login(
    input: {
      username: string
      password: string
      remember?: boolean | undefined
      transport?: string | undefined
      form?: string | undefined
    },
    call: Call<U>,
  ): Promise<SignedIn<U>>
  /** A stranger's own account, where `register` allows it. Throws `request_invalid`, `conflict`, `login_throttled`. */
  register(
    input: { username: string; password: string; email?: string | undefined; transport?: string | undefined },
    call: Call<U>,
  ): Promise<SignedIn<U>>
  /**
   * Redeems a refresh token, given or in a cookie. Throws `credential_missing`, `csrf_failed`, `refresh_invalid`, `refresh_expired`,
   * `refresh_reused`, `session_revoked`, `user_inactive`.
   */
  refresh(input: { token?: string | undefined }, call: Call<U>): Promise<SignedIn<U>>
  /** Ends the session of the access token, of the refresh token given or in a cookie, or both. Throws `credential_missing`, `csrf_failed`. */
  logout(input: { token?: string | undefined }, call: Call<U>): Promise<SignedOut>
  /**
   * Makes the browser forget one of its tokens and ends nothing; `had`: whether the request came with it. Throws `csrf_failed`,
   * `credential_ambiguous`.
   */
  forget(input: { what: 'access' | 'refresh' }, call: Call<U>): Promise<SignedOut & { readonly had: boolean }>
  /** Ends every session of the caller. */
  logoutEverywhere(input: object, call: Call<U>): Promise<SignedOut>
  /** The CSRF token that the request has in its cookie, for pages of another origin, which cannot read it there. */
  csrf(input: object, call: Call<U>): Promise<{ readonly token: string | undefined }>
  /** The claims of a good token. Throws the `token_*` codes. */
  verify(input: { token: string }, call: Call<U>): Promise<{ readonly claims: Claims }>
  /** The caller, as `userPart` shows a user. */
  me(input: object, call: Call<U>): Promise<UserPart>
  /** Changes the password, ends the other sessions and hands out fresh tokens for this one. */
  password(input: { current: string; next: string }, call: Call<U>): Promise<SignedIn<U>>
  /** The living sessions of the caller, and the id of the one that asks. */
  sessions(
    input: object,
    call: Call<U>,
  ): Promise<{ readonly sessions: readonly Session[]; readonly current: string | undefined }>
  /** Ends one session of the caller. Throws `not_found`. */
  endSession(input: { id: string }, call: Call<U>): Promise<void>
  /** All of the user but the one that the access token belongs to. */
  endOtherSessions(input: object, call: Call<U>): Promise<void>
  /** The living sessions of anybody, for callers with the permission `sessions:list`. */
  sessionsOf(
    input: { user: string },
    call: Call<U>,
  ): Promise<{ readonly sessions: readonly Session[]; readonly current: string | undefined }>
  /** Ends a session of anybody, for callers with the permission `sessions:end`. */
  endSessionOf(input: { user: string; id: string }, call: Call<U>): Promise<void>
  /** Ends every session of anybody, for callers with the permission `sessions:end`. */
  endSessionsOf(input: { user: string }, call: Call<U>): Promise<void>
  /** What was revoked after a stamp, for callers with the permission `revocations:read`. `limit`: 1 to 1,000, the default. */
  revocations(input: { after?: number | undefined; limit?: number | undefined }, call: Call<U>): Promise<RevocationPage>
  /**
   * Says when there is something new to read, for callers with the permission `revocations:read`, until their credential ends: server-sent
   * events. `after`: what the caller has read; the header `Last-Event-ID` says it too. Throws `overloaded`.
   */
  revocationNews(input: { after?: number | undefined }, call: Call<U>): Promise<ReadableStream<Uint8Array>>
  /** The public keys (RFC 7517 section 5). */
  jwks(): Promise<{ readonly keys: readonly object[] }>
  /** The metadata of the issuer (RFC 8414). */
  metadata(): Promise<object>
  /** The description of the surface in OpenAPI 3.1. */
  openapi(): Promise<object>
}

/** The name of an operation. */
export type Operation = keyof Operations

/** Where a member of an operation's input comes from. */
export interface Field {
  /** Its name in the body, in the path (`:id`) or in the query. */
  readonly from: string
  /** `query`: of the URL. Default: the path where that has it, else the body. */
  readonly in?: 'query'
  /** What it is if not text. `integer`: not negative. */
  readonly is?: 'boolean' | 'integer'
  readonly optional?: true
  /** In UTF-8 bytes. Default 1,024. */
  readonly max?: number
  /** Whether "" is a value. Default false. */
  readonly blank?: true
}

/** A body as JSON, or a `ReadableStream` of bytes as it comes; headers and status. `undefined` as body is an empty answer. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
}

/** A row for one operation. */
export interface RouteOf<K extends Operation> {
  readonly operation: K
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Absolute; a segment `:name` is a parameter. One trailing slash more or less does not matter. */
  readonly path: string
  readonly fields: Readonly<Record<string, Field>>
  /** The answer to what the operation gave. */
  readonly answer: (result: Awaited<ReturnType<Operations[K]>>) => Answer
  /** One line for the API reference. */
  readonly summary: string
}

/** What a row of a preset's own works with. */
export interface RouteTools<U extends User = User> {
  readonly operations: Operations<U>
  readonly tokens: Omit<TokenService<U>, 'checkNow' | 'reissue' | 'sessionNamedBy'>
  readonly transports: Transports
  readonly users: Pick<UserStore<U>, 'findById' | 'findByLogin'>
  /** As `auth.revoke`. */
  revoke(what: Revocable): Promise<Revoked>
  readonly clock: Clock
}

/** A row that does its own work, for presets: one request of the original is several operations here. */
export interface OwnRoute extends Pick<RouteOf<Operation>, 'method' | 'path' | 'fields' | 'summary'> {
  readonly operation?: undefined
  /** Throws what the caller is to be answered with. */
  run(input: Readonly<Record<string, string | number | boolean>>, call: Call, tools: RouteTools): Promise<Answer>
}

/** A row of the surface: method, path, operation, where its input comes from and how its answer looks. */
export type Route = { readonly [K in Operation]: RouteOf<K> }[Operation] | OwnRoute

/** How strictly bodies are read. */
export interface Reading {
  readonly accepts: readonly ('json' | 'form' | 'multipart')[]
  /** What a body of another type is. `ignore`: none. `json`: JSON, whatever it says. Default: refused. */
  readonly other?: 'ignore' | 'json'
  /** What happens to members that no field names. */
  readonly unknown: 'refuse' | 'ignore'
  /** Whether numbers stand for their text. */
  readonly numbers: 'refuse' | 'text'
  /** Whether white space around text is taken off, as systems of the past did. */
  readonly trim?: true
}

/** An answer with a refusal. */
export interface Rejection {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body: string
}

/** Where a refusal happened: at a guard of the application, or at one of our routes. */
export interface Site {
  readonly route?: Route
  /** The methods that the path knows, for `Allow`. */
  readonly allow?: readonly string[]
  readonly method?: string
  /** The request, at one of our routes. */
  readonly head?: RequestHead
}

/** The routes of an application, and how it reads and refuses. */
export interface Surface {
  readonly routes: readonly Route[]
  readonly reading: Reading
  /** The content type of bodies. Default: JSON in UTF-8. */
  readonly type?: string
  /** Writes the body of a good answer. Default: JSON without spaces. */
  json?(body: unknown): string
  /** What OPTIONS answers with; nothing, where this is absent. */
  describe?(routes: readonly Route[]): object
  /** Headers of every answer, good or bad. */
  headers(site: Site): Readonly<Record<string, string>>
  /** How a refusal is answered. */
  reject(error: AuthError, site: Site): Rejection
}
