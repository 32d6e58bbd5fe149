/** Guards: checks that pass or throw. */
import { AuthError, type ErrorCode } from '../errors.js'
import { TOKEN_REFUSALS } from '../tokens/refused.js'
import { seconds } from '../util/time.js'
import type { AuthContext } from './context.js'
import { demandFunctions, demandScopes, demandWords, passed } from './strict.js'

/** What a guard may know of the request besides its caller. */
export interface GuardedRequest {
  /** As it was sent: `GET`, `POST`. */
  readonly method: string
  /** What the adapter was given: the request of Express, Fastify or Node, the context of Hono or Koa. */
  readonly on?: object
}

/**
 * A check of the caller; `undefined` is an anonymous one. It passes, or throws the AuthError to answer with. Every adapter gives the
 * request; a guard that needs it says so where it is missing.
 */
export type Guard = (auth: AuthContext | undefined, request?: GuardedRequest) => void | Promise<void>

function known(auth: AuthContext | undefined): asserts auth is AuthContext {
  if (!auth) throw new AuthError('credential_missing')
}

/**
 * Passes for every caller with a good credential. Throws `credential_missing`.
 *
 * @example
 * ```ts
 * import { signedIn } from 'latchkey'
 * import { authorize } from 'latchkey/express'
 * const guard = authorize(signedIn)
 * ```
 */
export const signedIn: Guard = (auth) => known(auth)

/**
 * Passes for callers who have all of these permissions; wildcards (`posts:*`) count in what they have.
 * Throws `credential_missing`, `permission_denied`, `user_inactive`, and `options_invalid` where nothing is wanted.
 *
 * @example
 * ```ts
 * import { permission } from 'latchkey'
 * const mayWrite = permission('posts:write')
 * ```
 */
export function permission(...wanted: readonly [string, ...string[]]): Guard {
  demandWords('permission', wanted)
  return async (auth) => {
    known(auth)
    const missing: string[] = []
    for (const one of wanted) if (!(await auth.can(one))) missing.push(one)
    if (missing.length > 0) throw new AuthError('permission_denied', { missing })
  }
}

/**
 * Passes for tokens that were granted all of these scopes (RFC 6750 section 3.1). Throws `credential_missing`, `scope_missing`,
 * and `options_invalid` for what is no scope (RFC 6749 section 3.3).
 *
 * @example
 * ```ts
 * import { scope } from 'latchkey'
 * const mayRead = scope('reports:read')
 * ```
 */
export function scope(...wanted: readonly [string, ...string[]]): Guard {
  demandScopes(wanted)
  return (auth) => {
    known(auth)
    const missing = wanted.filter((one) => !auth.scopes.has(one))
    if (missing.length > 0) throw new AuthError('scope_missing', { missing })
  }
}

/**
 * Passes for callers whose credential is good by a read of the store that begins now: for the routes where not even a second
 * of delay is bearable after a revocation. Callers at the same moment share one read. Throws `credential_missing`, `token_expired`,
 * `token_revoked`, `token_stale`, and `store_failed` or `overloaded` where the store cannot be asked.
 *
 * @example
 * ```ts
 * import { allOf, checkNow, permission } from 'latchkey'
 * const mayPay = allOf(permission('payments:make'), checkNow)
 * ```
 */
export const checkNow: Guard = async (auth) => {
  known(auth)
  await auth.checkNow()
}

/**
 * Passes for callers who are in one of these groups: of our own users table (`auth.groups`), or as yours has it. Throws `credential_missing`,
 * `permission_denied`, `user_inactive`, and `options_invalid` where no group is named.
 *
 * @example
 * ```ts
 * import { group } from 'latchkey'
 * const mayModerate = group('moderators', 'staff')
 * ```
 */
export function group(...wanted: readonly [string, ...string[]]): Guard {
  demandWords('group', wanted)
  return async (auth) => {
    known(auth)
    for (const one of wanted) if (await auth.belongs(one)) return
    throw new AuthError('permission_denied', { missing: wanted })
  }
}

/** The most that the clock of whoever noted a login may be ahead of ours. */
const CLOCKS_APART_SECONDS = 60

/**
 * Passes for callers who proved who they are no longer ago than this, in seconds or as text such as `10m`: refreshing a token is no
 * login. The challenge tells how old a login may be (RFC 9470 section 3). Throws `credential_missing`, `login_stale`, and `options_invalid`
 * for what is no duration.
 *
 * @example
 * ```ts
 * import { allOf, fresh, permission } from 'latchkey'
 * const mayDelete = allOf(permission('accounts:delete'), fresh('10m'))
 * ```
 */
export function fresh(within: string | number): Guard {
  const maxAge = seconds(within, 'fresh')
  return (auth) => {
    known(auth)
    const age = auth.loginAge()
    // Whoever says they will log in tomorrow has said nothing.
    if (age === undefined || !(age <= maxAge && age >= -CLOCKS_APART_SECONDS))
      throw new AuthError('login_stale', { maxAge })
  }
}

/**
 * Passes where your function answers `true` about the caller and what they ask for: the request of your framework, or one object of
 * yours. Any other answer refuses. `where<Request, CallerOf<typeof auth>>` knows the user and the claims of that auth. Throws `credential_missing`, `permission_denied`, and what the function throws.
 *
 * @example
 * ```ts
 * import type { Request } from 'express'
 * import { anyOf, permission, where } from 'latchkey'
 * const isOwn = where<Request>((caller, request) => request.params.id === caller.userId)
 * const mayEdit = (post: { author: string }) => anyOf(permission('posts:edit'), where((caller) => post.author === caller.userId))
 * ```
 */
export function where<R extends object = object, A extends AuthContext = AuthContext>(
  rule: (caller: A, request: R) => boolean | Promise<boolean>,
): Guard {
  demandFunctions('where', [rule])
  return async (auth, request) => {
    known(auth)
    if ((await rule(auth as A, request?.on as R)) !== true) throw new AuthError('permission_denied')
  }
}

/** What says of a credential that it is good for nothing. */
const DEAD: ReadonlySet<ErrorCode> = new Set([...TOKEN_REFUSALS, 'user_inactive', 'session_revoked'])

/**
 * Passes if one of the guards does; otherwise throws what the first of them threw. A credential that one of them finds dead is dead for
 * all, and what is no refusal (a store that fails) is none here.
 *
 * @example
 * ```ts
 * import { anyOf, permission, scope } from 'latchkey'
 * const guard = anyOf(permission('posts:write'), scope('posts'))
 * ```
 */
export function anyOf(...guards: readonly [Guard, ...Guard[]]): Guard {
  demandFunctions('anyOf', guards)
  return async (auth, request) => {
    let first: AuthError | undefined
    for (const guard of guards) {
      try {
        return await passed(guard(auth, request))
      } catch (error) {
        if (!(error instanceof AuthError) || error.status >= 500 || DEAD.has(error.code)) throw error
        first ??= error
      }
    }
    throw first
  }
}

/**
 * Passes if all of the guards do; throws what the first refusing one threw.
 *
 * @example
 * ```ts
 * import { allOf, permission, scope } from 'latchkey'
 * const guard = allOf(permission('posts:write'), scope('posts'))
 * ```
 */
export function allOf(...guards: readonly [Guard, ...Guard[]]): Guard {
  demandFunctions('allOf', guards)
  return async (auth, request) => {
    for (const guard of guards) await passed(guard(auth, request))
  }
}
