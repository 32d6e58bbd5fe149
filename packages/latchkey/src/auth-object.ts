/** What `createAuth` makes: all that an application, an adapter or a test may call. */

import type { LoginOptions } from './endpoints/by-hand.js'
import type { GraphqlSurface } from './endpoints/graphql-surface.js'
import type { Answered, Asked, Operations, Rejection, Site } from './endpoints/surface.js'
import type { Events } from './events.js'
import type { Found, Link } from './guard/authenticator.js'
import type { AuthContext } from './guard/context.js'
import type { Pruned } from './housekeeping.js'
import type { IssuerInfo } from './issuers.js'
import type { Health } from './issuing.js'
import type { Keyring } from './keys/keyring.js'
import type { SessionStore, User } from './stores/port.js'
import type { Revocable, Revoked } from './tokens/revoke.js'
import type { TokenService } from './tokens/service.js'
import type { Peer, RequestHead } from './transport/head.js'
import type { Tokens } from './transport/transport.js'
import type { ApiTokens } from './users/api-tokens.js'
import type { Bootstrap } from './users/bootstrap.js'
import type { Groups } from './users/groups.js'
import type { Identities } from './users/links.js'

/** An auth with another chain: enough for every adapter. */
export type Chained<U extends User = User, C extends object = object> = Pick<
  Auth<U, C>,
  'authenticate' | 'of' | 'reject' | 'peer'
>

/** What `createAuth` makes. `U`: your user, `C`: the claims that your hook adds, `S`: the users table, ours or yours. */
export interface Auth<U extends User = User, C extends object = object, S = unknown> {
  /**
   * Who makes a request. Never throws for a bad credential: that is the `failure`. `renew: false`: an expired token is not refreshed
   * silently, because whoever asks cannot set the cookies.
   */
  authenticate(head: RequestHead, peer?: Peer, options?: { readonly renew?: boolean }): Found<U, C>
  /**
   * The same auth with links of its own, for routes that take other credentials than the rest: give it to `authenticate` and `authorize` of
   * an adapter in place of this. Each link is asked in this order, but for those that know their own credentials by sight (`basic()`,
   * `apiToken()`). Throws `options_invalid` for what is no link.
   *
   * @example
   * ```ts
   * import express from 'express'
   * import { apiToken, createAuth, permission } from 'latchkey'
   * import { authenticate, authorize } from 'latchkey/express'
   * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
   * const machines = auth.chain(apiToken())
   * const app = express()
   * app.use('/builds', authenticate(machines), authorize(permission('builds:write')))
   * app.use(authenticate(auth))
   * ```
   */
  chain(...links: readonly [Link<U>, ...Link<U>[]]): Chained<U, C>
  /** What an adapter attached to a request: the caller, or `undefined` for an anonymous one. */
  of(request: object): AuthContext<U, C> | undefined
  /** The endpoints; `undefined` for any other path. */
  handle(request: Request, peer: Peer): Promise<Response | undefined>
  /** The same for adapters of frameworks that do not speak fetch: nothing is built that costs more than the answer. */
  answer(asked: Asked, peer: Peer): Promise<Answered | undefined>
  /** Whether a path is one of the endpoints. */
  serves(path: string): boolean
  /** The paths of the endpoints, with their parameters as `:name`: for frameworks that want to know their routes. */
  readonly paths: readonly string[]
  /** How a refusal is answered here, as text: for adapters and handlers of your own. */
  reject(error: unknown, site?: Site): Rejection
  /** The client at the other end of a socket, behind the configured proxies. */
  peer(remote: string | undefined, head: RequestHead): Peer
  /** What the endpoints do, without HTTP. */
  readonly operations: Operations<U>
  /** What a preset makes of GraphQL, for `latchkey/graphql`; `undefined`: the native mutations and words. */
  readonly graphql: GraphqlSurface | undefined
  readonly tokens: TokenService<U>
  readonly keys: Keyring
  readonly sessions: SessionStore
  readonly users: S
  /** Secrets for scripts and services; taken by the link `apiToken()`. */
  readonly apiTokens: ApiTokens
  readonly events: Events
  /** The configured issuers whose tokens are taken besides our own, and how their keys fare. */
  issuers(): readonly IssuerInfo[]
  /** Who the users of our own table are at other issuers. */
  readonly identities: Identities | undefined
  /** The groups of our own users table, and who is in them. */
  readonly groups: Groups | undefined
  /** The first administrator of our own users table. */
  readonly bootstrap: Bootstrap | undefined
  /**
   * Ends a session, all sessions of a user, one access token (`jti`), a signing key (`kid`) with what it signed, or everybody's
   * sessions, and tells by when no process takes them any more. Here that is at once. API tokens are no sessions: `apiTokens.revoke`
   * ends them. Throws `not_found` for a session or a key that
   * there is not, `request_invalid`, `store_failed`, and `options_invalid` for a configured key.
   *
   * @example
   * ```ts
   * import { createAuth } from 'latchkey'
   * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
   * const { effectiveBy } = await auth.revoke({ user: 'u-1' })
   * console.log(`out everywhere by ${new Date(effectiveBy * 1000).toISOString()}`)
   * ```
   */
  revoke(what: Revocable): Promise<Revoked>
  /**
   * Signs a user in, in a handler of your own that knows who it is: starts a session, sets its cookies on the response (of Node,
   * Express, Hono, or the fetch standard), and answers the tokens. Throws `user_inactive`, `csrf_failed` for a request that another site
   * made a browser send, `store_failed`.
   *
   * @example
   * ```ts
   * import express from 'express'
   * import { createAuth, oneCookie } from 'latchkey'
   * const auth = createAuth({
   *   issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '', transports: [oneCookie()],
   * })
   * const app = express()
   * app.post('/enter', async (_request, response) => {
   *   const user = await auth.users.byUsername('alice') // whoever your code, your form or your provider says it is
   *   if (!user) return void response.sendStatus(403)
   *   await auth.login(response, user)
   *   response.sendStatus(204)
   * })
   * app.delete('/leave', async (request, response) => {
   *   await auth.logout(request, response)
   *   response.sendStatus(204)
   * })
   * ```
   */
  login(response: object, user: U, options?: LoginOptions): Promise<Tokens>
  /**
   * Ends the session that a request was made with, and sets the cookies that make its browser forget. Throws as the endpoint does:
   * `credential_missing`, `csrf_failed`, `store_failed`.
   */
  logout(request: object, response: object): Promise<void>
  /** How far behind this process is in what it knows of revocations; asks nobody. */
  health(): Health
  /** Deletes what nobody can use any more. Runs by itself once an hour. */
  prune(progress?: (done: number) => void): Promise<Pruned>
  /** Opens, migrates, loads the keys. Every asynchronous call awaits it. */
  ready(): Promise<void>
  /** Stops the housekeeping and the feed, and closes the database. */
  close(): Promise<void>
}
