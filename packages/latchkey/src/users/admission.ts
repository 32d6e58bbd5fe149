/** From a good token of another issuer to the user it stands for here: found, or made at first sight; seldom asked of the store. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { Epochs } from '../revocation/epochs.js'
import type { LimitStore, Stamp, User, UserIdentities } from '../stores/port.js'
import type { Mapped } from '../tokens/mapping.js'
import type { Verified } from '../tokens/verified.js'
import type { RequestHead } from '../transport/head.js'
import { createCache } from '../util/cache.js'
import { once } from '../util/once.js'
import { OWN_ROW } from '../util/own-row.js'
import type { Clock } from '../util/time.js'

/** Answers the id of the user here, `undefined` where the claims are all there is. Throws `user_inactive`, `token_revoked`, `login_throttled`, `store_failed`. */
export type Admit = (token: Verified, head?: RequestHead) => string | undefined | Promise<string | undefined>

export interface AdmissionParts<U extends User> {
  /** Without it no row has more than its claims: the options see to it. */
  readonly identities: UserIdentities<U> | undefined
  readonly epochs: Pick<Epochs, 'verdict'>
  /** Up to where this process knows the log. */
  readonly head: () => Stamp
  readonly limits: LimitStore
  readonly events: Events
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  /** Learns of writes that failed and that nobody has to wait for. */
  readonly failed: (error: unknown) => void
}

interface Known {
  readonly userId: string
  /** Where the log stood when the user was read: an epoch above it may have changed them. */
  readonly stamp: Stamp
  readonly until: number
  /** The newest token that counted as a login: its `iat`, or its `exp` where it has none. */
  newest: number
}

const NO_IDENTITIES: UserIdentities<never> = { find: async () => undefined }

/** No user has this id: what ends it is the end of everybody. */
const NOBODY = ''

/** A users table of the application's own tells nobody of its changes: its rows are read again after this. */
const KNOWN_SECONDS = 60
const MOST_KNOWN = 20_000

export function createAdmission<U extends User>(parts: AdmissionParts<U>): Admit {
  const { identities = NO_IDENTITIES, epochs, head: position, limits, events, clock, failed } = parts
  const { monotonic = () => performance.now() / 1000 } = parts
  const cache = createCache<string, Known>(MOST_KNOWN)
  const single = once<string, Known>()
  return admit

  function admit(token: Verified, head?: RequestHead): string | undefined | Promise<string | undefined> {
    const { mapped } = token
    if (!mapped) return undefined
    if (mapped.users === 'none') return refuseEnded(NOBODY, token)
    const key = keyOf(token)
    const known = cache.get(key)
    if (known && monotonic() < known.until && !isOutdated(known)) return enter(known, token, mapped, head)
    return single(key, () => look(key, token, mapped, head)).then((found) => enter(found, token, mapped, head))
  }

  /** Whoever was disabled, or lost a permission, since they were read is read again. */
  function isOutdated({ userId, stamp }: Known): boolean {
    return epochs.verdict(OWN_ROW, { subject: userId, rev: stamp }) !== 'alive'
  }

  function enter(known: Known, token: Verified, mapped: Mapped, head?: RequestHead): string | Promise<string> {
    const { userId } = known
    refuseEnded(userId, token)
    const age = ageOf(token)
    if (age <= known.newest) return userId
    // Noted before it is written: one token is one login, however many requests bring it at once.
    known.newest = age
    return note(userId, token, mapped, head)
  }

  /** Whatever ended this user's tokens ended those of other issuers too, as far as their `iat` tells. */
  function refuseEnded(userId: string, { stamp }: Verified): undefined {
    if (epochs.verdict(OWN_ROW, { subject: userId, rev: stamp }) === 'dead')
      throw new AuthError('token_revoked', { reason: 'revoked' })
  }

  async function note(userId: string, token: Verified, mapped: Mapped, head?: RequestHead): Promise<string> {
    if (await noted(userId, token, mapped, head)) return userId
    const key = keyOf(token)
    cache.delete(key)
    const found = await single(key, () => look(key, token, mapped, head))
    refuseEnded(found.userId, token)
    found.newest = ageOf(token)
    await noted(found.userId, token, mapped, head)
    return found.userId
  }

  /**
   * A login that cannot be written down is a login all the same: the token is good, and the next one is noted. `false`: the user
   * was read for it, and is another by now, or out.
   */
  async function noted(userId: string, token: Verified, mapped: Mapped, head?: RequestHead): Promise<boolean> {
    const { row, subject, claims, stamp } = token
    try {
      const user = await identities.find(row, subject)
      if (user === undefined || user === 'gone' || user.id !== userId || user.active === false) return false
      await identities.describe?.(user, mapped)
      const at = stamp > 0 ? Math.floor(stamp / 1000) : clock()
      const isFirst = identities.signedIn ? await identities.signedIn(userId, at) : true
      if (isFirst) events.emit('login.succeeded', { head, user, userId, claims, by: row })
    } catch (error) {
      failed(error)
    }
    return true
  }

  async function look(key: string, token: Verified, mapped: Mapped, head?: RequestHead): Promise<Known> {
    const stamp = position()
    const user = (await found(token)) ?? (await make(token, mapped, head))
    if (user === 'gone') throw new AuthError('user_inactive', { reason: 'user_gone' })
    if (user.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
    const known = { userId: user.id, stamp, until: monotonic() + KNOWN_SECONDS, newest: cache.get(key)?.newest ?? 0 }
    cache.set(key, known)
    return known
  }

  async function found({ row, subject }: Verified): Promise<U | 'gone' | undefined> {
    return await asked(() => identities.find(row, subject))
  }

  async function make(token: Verified, mapped: Mapped, head?: RequestHead): Promise<U | 'gone'> {
    const { row, subject, claims } = token
    // Everybody may have been sent out before this token's user was ever here.
    refuseEnded(NOBODY, token)
    if (mapped.users !== 'create' || !identities.create) throw new AuthError('user_inactive', { reason: 'user_gone' })
    const retryAfter = await limits.consume([{ ...mapped.newUsers, key: `provision:${row}` }], clock())
    if (retryAfter > 0) throw new AuthError('login_throttled', { retryAfter, hint: `too many new users of ${row}` })
    const made = await asked(async () => identities.create?.(row, subject, mapped))
    if (made === undefined || made === 'gone') return 'gone'
    const { user, created } = made
    if (created) events.emit('user.provisioned', { head, user, userId: user.id, claims, issuer: row })
    return user
  }
}

const ageOf = ({ stamp, expiresAt }: Verified): number => (stamp > 0 ? stamp : expiresAt)

/** The length stands first, so that no two pairs are one text. */
const keyOf = ({ row, subject }: Verified): string => `${row.length}:${row}${subject}`

async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (cause) {
    throw cause instanceof AuthError ? cause : new AuthError('store_failed', { hint: 'the users table failed', cause })
  }
}
