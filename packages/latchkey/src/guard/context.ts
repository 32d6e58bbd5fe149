/** Who is calling: claims now, the user on demand. */
import { AuthError } from '../errors.js'
import type { Claims } from '../jwt/jws.js'
import type { User, UserStore } from '../stores/port.js'
import type { Verified } from '../tokens/verified.js'
import type { Credential } from '../transport/transport.js'
import type { ApiCaller } from '../users/api-token-check.js'
import type { Clock } from '../util/time.js'
import { grants } from './permissions.js'

/** By what a caller was known. `own`: by a link of the application's own. */
export type Via = Credential['via'] | 'own'

/** The caller of a request whose credential was found good. */
export interface AuthContext<U extends User = User, C extends object = object> {
  /** Whom the credential names: with `issuer` somebody, without it nobody. */
  readonly subject: string
  readonly issuer: string | undefined
  /** The id of the user here: what rows of your own should refer to. `undefined` where another issuer's claims are all there is. */
  readonly userId: string | undefined
  /** `undefined` where no session stands behind the credential: Basic, API tokens. */
  readonly sessionId: string | undefined
  readonly scopes: ReadonlySet<string>
  /** The claims of the token, frozen; what the `claims` hook added is typed. */
  readonly claims: Claims & C
  readonly via: Via
  /**
   * Whether the caller has a permission: from our token where it carries `permissions`, else from the user; from another issuer's as
   * far as its row lists them, and from the user too; by API token what both the token and the user allow. Throws `user_inactive`, `store_failed`.
   */
  can(permission: string): Promise<boolean>
  /**
   * Whether the caller is in a group: from our token where it carries `groups`, in a service elsewhere too, else from the user. An API token that is limited to some
   * permissions is in none: what a group stands for is more than those. Throws `user_inactive`, `store_failed`.
   */
  belongs(group: string): Promise<boolean>
  /**
   * Seconds since the caller last proved who they are, however often the token was refreshed since: the claim `auth_time` (RFC 9068
   * section 2.2.1). `undefined` where the credential does not tell.
   */
  loginAge(): number | undefined
  /** The user, loaded on first use and once per request. Throws `user_inactive`, `store_failed`. */
  user(): Promise<U>
  /** Judges the credential again by a read of the store that begins now. Throws `token_expired`, `token_revoked`, `token_stale`, `user_inactive`, `store_failed`, `overloaded`. */
  checkNow(): Promise<void>
}

const untold = (): undefined => undefined
const NONE: readonly string[] = []
const NO_CLAIMS: Claims = Object.freeze({})

/** The context of a verified token. */
export function contextOf<U extends User>(
  token: Verified,
  via: Credential['via'],
  userId: string | undefined,
  users: UserStore<U>,
  check: (token: Verified) => Promise<void>,
  clock: Clock,
): AuthContext<U> {
  return contextFrom(
    token,
    via,
    userId,
    () => active(users, userId),
    () => check(token),
    loginAge,
  )

  function loginAge(): number | undefined {
    const { auth_time } = token.claims
    return typeof auth_time === 'number' ? clock() - auth_time : undefined
  }
}

async function active<U extends User>(users: UserStore<U>, userId: string | undefined): Promise<U> {
  const user = userId === undefined ? undefined : await find(users, userId)
  if (!user) throw new AuthError('user_inactive', { reason: 'user_gone' })
  if (user.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
  return user
}

/** A table that fails is no refusal, whoever wrote it. */
async function find<U extends User>(users: UserStore<U>, id: string): Promise<U | undefined> {
  try {
    return await users.findById(id)
  } catch (cause) {
    throw cause instanceof AuthError ? cause : new AuthError('store_failed', { hint: 'the users table failed', cause })
  }
}

/** The context of a user who proved who they are without a token. */
export function contextOfUser<U extends User>(user: U, via: Via, users?: UserStore<U>): AuthContext<U> {
  const token = {
    subject: user.id,
    issuer: undefined,
    sessionId: undefined,
    scopes: new Set<string>(),
    claims: NO_CLAIMS,
  }
  // The password was looked up in the store for this request; what is left to ask is for connections that outlive it.
  return contextFrom(
    token,
    via,
    user.id,
    async () => user,
    async () => void (users && (await active(users, user.id))),
    () => 0,
  )
}

/** The context of a user whom a link of the application's own found; when they logged in nobody knows. */
export function contextOfOwn<U extends User>(user: U, check: () => Promise<void>): AuthContext<U> {
  return { ...contextOfUser(user, 'own'), checkNow: check, loginAge: untold }
}

/** The context of an API token: what its user may, and of that what the token is limited to. */
export function contextOfApiToken<U extends User>(
  { userId, permissions, held }: ApiCaller,
  users: UserStore<U>,
  check: () => Promise<void>,
): AuthContext<U> {
  const said = {
    subject: userId,
    issuer: undefined,
    sessionId: undefined,
    scopes: new Set<string>(),
    claims: NO_CLAIMS,
  }
  const context = contextFrom(said, 'api-token', userId, () => active(users, userId), check, untold)
  return { ...context, can, belongs: async (group) => permissions === null && (await context.belongs(group)) }

  async function can(permission: string): Promise<boolean> {
    if (permissions !== null && !grants(permissions, permission)) return false
    return grants(held ?? (await context.user()).permissions ?? NONE, permission)
  }
}

type Said = Pick<Verified, 'subject' | 'issuer' | 'sessionId' | 'scopes' | 'claims' | 'mapped'>

function contextFrom<U extends User>(
  said: Said,
  via: Via,
  userId: string | undefined,
  load: () => Promise<U>,
  checkNow: () => Promise<void>,
  loginAge: () => number | undefined,
): AuthContext<U> {
  let loading: Promise<U> | undefined
  const { subject, issuer, sessionId, scopes, claims, mapped } = said
  const user = (): Promise<U> => (loading ??= load())
  return { subject, issuer, userId, sessionId, scopes, claims, via, user, can, belongs, loginAge, checkNow }

  async function belongs(group: string): Promise<boolean> {
    if (mapped?.groups?.includes(group)) return true
    const carried = mapped ? undefined : claims.groups
    if (mapped?.users === 'none') return false
    const groups: unknown = Array.isArray(carried) ? carried : (await user()).groups
    return Array.isArray(groups) && groups.includes(group)
  }

  async function can(permission: string): Promise<boolean> {
    // What another issuer calls permissions is a word of its own; only what its row lists means something here.
    if (mapped && grants(mapped.permissions, permission)) return true
    if (mapped?.users === 'none') return false
    const carried = mapped ? undefined : claims.permissions
    const held = Array.isArray(carried) ? (carried as readonly string[]) : ((await user()).permissions ?? NONE)
    return grants(held, permission)
  }
}
