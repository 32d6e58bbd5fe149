/** createAuth, the composition root: the only file that knows every part. */

import { createApiAccess } from './api-access.js'
import type { Auth, Chained } from './auth-object.js'
import type { AuthOptions } from './auth-options.js'
import { createByHand } from './endpoints/by-hand.js'
import { createCors } from './endpoints/cors.js'
import { fetchDoor } from './endpoints/fetch.js'
import { blame, createHandler } from './endpoints/handler.js'
import { nativeSurface } from './endpoints/native.js'
import { createNews } from './endpoints/news.js'
import { createOperations } from './endpoints/operations.js'
import type { RouteTools } from './endpoints/surface.js'
import { AuthError } from './errors.js'
import { createEvents } from './events.js'
import { attachedBy } from './guard/attached.js'
import { type Chain, createChain, type Found, type Link } from './guard/authenticator.js'
import type { AuthContext } from './guard/context.js'
import { jwt } from './guard/jwt.js'
import { createSilentRefresh } from './guard/silent-refresh.js'
import { createHousekeeping } from './housekeeping.js'
import { createIssuing } from './issuing.js'
import type { HookClaims, NeedsClaimsHook } from './jwt/hook-types.js'
import type { ClaimsSchema } from './jwt/schema.js'
import type { ClaimsOf } from './jwt/schema-types.js'
import { readOptions, type Settings } from './options.js'
import { createPeople } from './people.js'
import { openStores } from './stores/open.js'
import type { Account, User, UserStore } from './stores/port.js'
import { claimsBehind } from './tokens/refused.js'
import { createCsrf } from './transport/csrf.js'
import type { Peer } from './transport/head.js'
import { createPeers } from './transport/peer.js'
import { createTransports } from './transport/transports.js'
import type { Accounts } from './users/accounts.js'
import { ownRows } from './users/own-rows.js'

export type { Auth, Chained } from './auth-object.js'
export type { AuthOptions, Logger } from './auth-options.js'

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
  const { own, allowed, credentials, silentRefresh } = settings.browser
  const failed = (error: unknown): void => logger?.error({ err: error }, 'a request failed')
  const events = createEvents((name, error) => logger?.error({ err: error, event: name }, 'a listener failed'))
  const stores = openStores(options.database, clock, options.redis)
  // Without a table of its own the application's user is our account: `createAuth` has no other overload.
  const rows = options.users ? ownRows(options.users) : (stores.users as unknown as UserStore<U>)
  const users = preset?.users?.(rows) ?? rows
  const issuing = createIssuing(settings, stores, events, users, failed)
  const { tokens, endings, keyring, secrets } = issuing
  const people = createPeople(settings, users, stores, events, endings, secrets)
  const { login } = people
  const api = createApiAccess(settings, issuing, stores, users, events, failed)

  const cookie = settings.browser.transports.find(({ kind }) => kind === 'cookie')
  const csrf = cookie && createCsrf({ own, allowed, secrets, pair: cookie.csrf })
  const transports = createTransports(settings.browser.transports, csrf, credentials)
  const tools = { transports, tokens, users, events, clock, login, admit: issuing.admit, apiTokens: api.check }
  const chain = chainOf(options.authenticators ?? preset?.authenticators?.map((link) => link<U>()) ?? [jwt<U>()])
  const surface = preset?.surface ?? nativeSurface(native)
  const news = createNews({ feed: issuing.feed, clock })
  const operations = createOperations<U>({
    ...issuing,
    ...people,
    stores,
    settings,
    surface,
    events,
    news,
    transports,
    authenticate: chain,
  })
  const renew = renewing(chain)
  const peer = createPeers(settings.trusted)
  const byHand = createByHand<U>({
    tokens,
    transports,
    operations,
    peer,
    callOf: (head, from) => ({ head, peer: from, authentication: async () => chain(head, from) }),
  })
  const rowTools: RouteTools<U> = { operations, tokens, transports, users, clock, revoke: issuing.revoke }
  const { answer, serves, paths } = createHandler<U>({
    surface,
    operations,
    tools: rowTools,
    authenticate: chain,
    renew,
    transports,
    cors:
      allowed.size > 0
        ? createCors(
            allowed,
            ['content-type', 'authorization', cookie?.csrf?.header].filter((name) => name !== undefined),
          )
        : undefined,
    ready,
    failed,
  })
  const housekeeping = createHousekeeping(stores, clock, failed)

  let opening: Promise<void> | undefined
  let isOpen = false
  const auth: Auth<U, C> = {
    authenticate: authenticates(chain, renew),
    of: (request) => callerOf(request, auth),
    chain(...links) {
      if (links.length === 0) throw new AuthError('options_invalid', { hint: 'chain() takes a link or several' })
      const other = chainOf(links)
      const { reject } = auth
      const chained: Chained<U, C> = {
        authenticate: authenticates(other, renewing(other)),
        of: (request) => callerOf(request, chained),
        reject,
        peer,
      }
      return chained
    },
    handle: fetchDoor(answer),
    answer,
    serves,
    paths,
    reject: (error, site = {}) => surface.reject(blame(error, failed), site),
    peer,
    operations: readyFirst(operations, ready),
    graphql: preset?.graphql?.(rowTools as unknown as RouteTools),
    tokens: readyFirst(tokens, ready),
    keys: readyFirst(keyring, ready),
    sessions: readyFirst(stores.sessions, ready),
    users: readyFirst(people.table, ready),
    apiTokens: readyFirst(api.apiTokens, ready),
    events,
    issuers: issuing.issuers,
    identities: people.identities && readyFirst(people.identities, ready),
    groups: people.groups && readyFirst(people.groups, ready),
    bootstrap: people.bootstrap && readyFirst(people.bootstrap, ready),
    ...readyFirst(byHand, ready),
    revoke: (what) => ready().then(() => issuing.revoke(what)),
    health: issuing.health,
    prune: readyFirst(housekeeping, ready).prune,
    ready,
    close,
  }
  return auth

  function authenticates(plain: Chain<U>, renews: Chain<U>): Auth<U, C>['authenticate'] {
    return (head, from = NOBODY, { renew: mayRenew = true } = {}) => {
      const find = mayRenew ? renews : plain
      return (isOpen ? find(head, from) : ready().then(() => find(head, from))) as Found<U, C>
    }
  }

  function chainOf(links: readonly Link<U>[]): Chain<U> {
    return createChain<U>(
      links.map((link) => (typeof link === 'function' ? link(tools) : link)),
      (error, head) => {
        if (events.has('token.rejected')) events.emit('token.rejected', { head, error, claims: claimsBehind(error) })
      },
    )
  }

  function renewing(one: Chain<U>): Chain<U> {
    return silentRefresh ? createSilentRefresh<U>({ authenticate: one, transports, tokens }) : one
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

const callerOf = <U extends User, C extends object>(request: object, by: object) =>
  attachedBy(request, by)?.context as AuthContext<U, C> | undefined

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
