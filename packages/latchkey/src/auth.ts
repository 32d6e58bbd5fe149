/** createAuth, the composition root: the only file that knows every part. */

import { createApiAccess } from './api-access.js'
import type { AuthOptions } from './auth-options.js'
import { fetchDoor } from './endpoints/fetch.js'
import { blame, createHandler } from './endpoints/handler.js'
import { nativeSurface } from './endpoints/native.js'
import { createNews } from './endpoints/news.js'
import { createOperations } from './endpoints/operations.js'
import type { Answered, Asked, Operations, Rejection, Site } from './endpoints/surface.js'
import { createEvents, type Events } from './events.js'
import { attachedBy } from './guard/attached.js'
import { createChain, type Found } from './guard/authenticator.js'
import type { AuthContext } from './guard/context.js'
import { jwt } from './guard/jwt.js'
import { createHousekeeping, type Pruned } from './housekeeping.js'
import type { IssuerInfo } from './issuers.js'
import { createIssuing, type Health } from './issuing.js'
import type { HookClaims, NeedsClaimsHook } from './jwt/hook-types.js'
import type { ClaimsSchema } from './jwt/schema.js'
import type { ClaimsOf } from './jwt/schema-types.js'
import type { Keyring } from './keys/keyring.js'
import { readOptions, type Settings } from './options.js'
import { createPeople } from './people.js'
import { openStores } from './stores/open.js'
import type { Account, SessionStore, User, UserStore } from './stores/port.js'
import { claimsBehind } from './tokens/refused.js'
import type { Revocable, Revoked } from './tokens/revoke.js'
import type { TokenService } from './tokens/service.js'
import { bearer } from './transport/bearer.js'
import type { Peer, RequestHead } from './transport/head.js'
import { createPeers } from './transport/peer.js'
import type { Accounts } from './users/accounts.js'
import type { ApiTokens } from './users/api-tokens.js'
import type { Bootstrap } from './users/bootstrap.js'
import type { Identities } from './users/links.js'
import { ownRows } from './users/own-rows.js'

export type { AuthOptions, Logger } from './auth-options.js'

/** What `createAuth` makes. `U`: your user, `C`: the claims that your hook adds, `S`: the users table, ours or yours. */
export interface Auth<U extends User = User, C extends object = object, S = unknown> {
  /** Who makes a request. Never throws for a bad credential: that is the `failure`. */
  authenticate(head: RequestHead, peer?: Peer): Found<U, C>
  /** What an adapter attached to a request: the caller, or `undefined` for an anonymous one. */
  of(request: object): AuthContext<U, C> | undefined
  /** The endpoints; `undefined` for any other path. */
  handle(request: Request, peer: Peer): Promise<Response | undefined>
  /** The same for adapters of frameworks that do not speak fetch: nothing is built that costs more than the answer. */
  answer(asked: Asked, peer: Peer): Promise<Answered | undefined>
  /** Whether a path is one of the endpoints. */
  serves(path: string): boolean
  /** How a refusal is answered here, as text: for adapters and handlers of your own. */
  reject(error: unknown, site?: Site): Rejection
  /** The client at the other end of a socket, behind the configured proxies. */
  peer(remote: string | undefined, head: RequestHead): Peer
  /** What the endpoints do, without HTTP. */
  readonly operations: Operations<U>
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
  /** How far behind this process is in what it knows of revocations; asks nobody. */
  health(): Health
  /** Deletes what nobody can use any more. Runs by itself once an hour. */
  prune(progress?: (done: number) => void): Promise<Pruned>
  /** Opens, migrates, loads the keys. Every asynchronous call awaits it. */
  ready(): Promise<void>
  /** Stops the housekeeping and the feed, and closes the database. */
  close(): Promise<void>
}

/**
 * Makes an auth from its options; returns at once and does no I/O. Throws `options_invalid` for options that do not allow a safe start.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * export const auth = createAuth({
 *   issuer: 'https://api.example.com',
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 * })
 * ```
 */
export function createAuth<const C extends object = object, const S extends ClaimsSchema = ClaimsSchema>(
  options: AuthOptions<Account, C, S> & NeedsClaimsHook<S> & { readonly users?: undefined },
): Auth<Account, HookClaims<C> & ClaimsOf<S>, Accounts>
export function createAuth<
  U extends User,
  const C extends object = object,
  const S extends ClaimsSchema = ClaimsSchema,
>(
  options: AuthOptions<U, C, S> & NeedsClaimsHook<S> & { readonly users: UserStore<U> },
): Auth<U, HookClaims<C> & ClaimsOf<S>, UserStore<U>>
export function createAuth<U extends User, C extends object>(options: AuthOptions<U, C>): Auth<U, C> {
  return compose(readOptions(options))
}

function compose<U extends User, C extends object>(settings: Settings<U, C>): Auth<U, C> {
  const { options, clock, native } = settings
  const { logger, preset } = options
  const failed = (error: unknown): void => logger?.error({ err: error }, 'a request failed')
  const events = createEvents((name, error) => logger?.error({ err: error, event: name }, 'a listener failed'))
  const stores = openStores(options.database, clock, options.redis)
  // Without a table of its own the application's user is our account: `createAuth` has no other overload.
  const users = options.users ? ownRows(options.users) : (stores.users as unknown as UserStore<U>)
  const issuing = createIssuing(settings, stores, events, users, failed)
  const { tokens, endings, keyring, secrets } = issuing
  const people = createPeople(settings, users, stores, events, endings, secrets)
  const { login } = people
  const api = createApiAccess(settings, issuing, stores, users, events, failed)

  const transports = preset?.transports ?? [bearer()]
  const tools = { transports, tokens, users, events, login, admit: issuing.admit, apiTokens: api.check }
  const chain = createChain<U>(
    (options.authenticators ?? preset?.authenticators?.map((link) => link<U>()) ?? [jwt<U>()]).map((link) =>
      link(tools),
    ),
    (error, head) => {
      if (events.has('token.rejected')) events.emit('token.rejected', { head, error, claims: claimsBehind(error) })
    },
  )
  const surface = preset?.surface ?? nativeSurface(native)
  const news = createNews({ feed: issuing.feed, clock })
  const operations = createOperations<U>({
    ...issuing,
    ...people,
    stores,
    settings,
    surface,
    news,
    authenticate: chain,
  })
  const { answer, serves } = createHandler<U>({ surface, operations, authenticate: chain, ready, failed })
  const housekeeping = createHousekeeping(stores, clock, failed)

  let opening: Promise<void> | undefined
  let isOpen = false
  const auth: Auth<U, C> = {
    authenticate: (head, peer = NOBODY) => authenticate(head, peer) as Found<U, C>,
    of: (request) => attachedBy(request, auth)?.context as AuthContext<U, C> | undefined,
    handle: fetchDoor(answer),
    answer,
    serves,
    reject: (error, site = {}) => surface.reject(blame(error, failed), site),
    peer: createPeers(settings.trusted),
    operations: readyFirst(operations, ready),
    tokens: readyFirst(tokens, ready),
    keys: readyFirst(keyring, ready),
    sessions: readyFirst(stores.sessions, ready),
    users: readyFirst(people.table, ready),
    apiTokens: readyFirst(api.apiTokens, ready),
    events,
    issuers: issuing.issuers,
    identities: people.identities && readyFirst(people.identities, ready),
    bootstrap: people.bootstrap && readyFirst(people.bootstrap, ready),
    revoke: (what) => ready().then(() => issuing.revoke(what)),
    health: issuing.health,
    prune: readyFirst(housekeeping, ready).prune,
    ready,
    close,
  }
  return auth

  function authenticate(head: RequestHead, peer: Peer): Found<U> {
    return isOpen ? chain(head, peer) : ready().then(() => chain(head, peer))
  }

  function ready(): Promise<void> {
    opening ??= open().catch((error: unknown) => {
      // The next call tries again: a database that comes back needs no restart.
      opening = undefined
      throw error
    })
    return opening
  }

  async function open(): Promise<void> {
    await stores.open()
    await issuing.open()
    housekeeping.start()
    isOpen = true
  }

  async function close(): Promise<void> {
    isOpen = false
    housekeeping.stop()
    news.close()
    issuing.close()
    await opening?.catch(() => {})
    await stores.close()
  }
}

const NOBODY: Peer = { address: undefined }

/** The same members, each function after the store is open: whoever calls the library first must not have to know. */
function readyFirst<T extends object>(target: T, ready: () => Promise<void>): T {
  return new Proxy(target, {
    get(_target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return async (...given: unknown[]) => {
        await ready()
        return member.apply(target, given)
      }
    },
  })
}
