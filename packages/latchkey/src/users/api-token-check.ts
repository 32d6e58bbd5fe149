/** From an API token to whom it stands for; seldom asked of the store, and never for longer than a minute without it. */
import { AuthError, type ErrorCode, type Reason } from '../errors.js'
import type { Epochs } from '../revocation/epochs.js'
import type { Freshness } from '../revocation/freshness.js'
import type { ApiToken, ApiTokenStore, Stamp, User, UserStore } from '../stores/port.js'
import { equalText } from '../util/bytes.js'
import { createCache } from '../util/cache.js'
import { once } from '../util/once.js'
import { API_TOKEN_ROW, OWN_ROW } from '../util/own-row.js'
import type { Clock } from '../util/time.js'
import { isMarked, readToken, type SpelledToken } from './api-token-form.js'

/** Whom a good API token stands for, and how much of what they may. */
export interface ApiCaller {
  readonly tokenId: string
  readonly userId: string
  /** What the token is limited to; `null`: all that its user may. */
  readonly permissions: readonly string[] | null
  /** What the user may now; `undefined` where the users table tells nobody of its changes and has to be asked. */
  readonly held: readonly string[] | undefined
}

/** The check of API tokens, as a link of the chain gets it. */
export interface ApiTokenCheck {
  /** Throws `token_invalid`, `token_expired`, `token_revoked`, `user_inactive`, `login_throttled`, `store_failed`, `overloaded`. A promise only where the store has to be asked. */
  verify(token: string): ApiCaller | Promise<ApiCaller>
  /** The same by a read of the store that begins now. */
  checkNow(token: string): Promise<void>
}

export interface ApiTokenCheckParts<U extends User> {
  readonly tokens: Pick<ApiTokenStore, 'find' | 'touch'>
  readonly users: Pick<UserStore<U>, 'findById'>
  /** Whether whoever changes a user raises an epoch. */
  readonly usersTell: boolean
  readonly epochs: Pick<Epochs, 'verdict' | 'version'>
  readonly freshness: Pick<Freshness, 'overdue' | 'ask'>
  /** Up to where this process knows the log. */
  readonly head: () => Stamp
  /** What tokens are marked with, by every server secret that is known. */
  readonly keys: () => readonly Uint8Array[]
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  /** Learns of writes that failed and that nobody has to wait for. */
  readonly failed: (error: unknown) => void
}

interface Good {
  readonly caller: ApiCaller
  readonly token: SpelledToken
  readonly expiresAt: number | null
  /** Where the log stood before the store was read: a later epoch may have changed the user. */
  readonly stamp: Stamp
  readonly until: number
  /** The version of the epochs at which this was last found to stand. */
  version: number
  usedAt: number
}

interface Bad {
  readonly code: ErrorCode
  readonly reason: Reason
}

/** The longest that a token is good without a look at its row. */
export const REMEMBERED_SECONDS = 60
const MOST_REMEMBERED = 10_000
/** Last used is never finer than this: it is for finding forgotten tokens. */
const USED_SECONDS = 300
/** Of tokens that carry no mark of ours so many are looked up: those made under a secret that was replaced since, and guesses. */
const UNMARKED_PER_SECOND = 20
const UNMARKED_AT_ONCE = 100

export function createApiTokenCheck<U extends User>(parts: ApiTokenCheckParts<U>): ApiTokenCheck {
  const { tokens, users, epochs, freshness, clock, failed } = parts
  const { monotonic = () => performance.now() / 1000 } = parts
  const good = createCache<string, Good>(MOST_REMEMBERED)
  const bad = createCache<string, Bad & { readonly until: number }>(MOST_REMEMBERED)
  const single = once<string, Good | Bad>()
  const unmarked = createAllowance(monotonic)
  return { verify, checkNow }

  function verify(text: string): ApiCaller | Promise<ApiCaller> {
    const token = spelled(text)
    const known = remembered(token)
    return known ? whenFresh(known, token, text) : look(token, text).then((found) => whenFresh(found, token, text))
  }

  async function checkNow(text: string): Promise<void> {
    const token = spelled(text)
    await freshness.ask()
    judge(standing(await read(token, epochs.version)))
  }

  /** Asked last: what is bad by what is known needs nobody to be asked. */
  function whenFresh(found: Good, token: SpelledToken, text: string): ApiCaller | Promise<ApiCaller> {
    const reading = freshness.overdue(clock())
    if (!reading) return use(found)
    return reading.then(async () => use(remembered(token) ?? (await look(token, text))))
  }

  /** What is remembered of a token, if that still stands. Throws what is known against it. */
  function remembered(token: SpelledToken): Good | undefined {
    const now = monotonic()
    const refused = bad.get(token.digest)
    if (refused && now < refused.until) throw refusal(refused)
    const known = good.get(token.digest)
    if (!known || now >= known.until) return undefined
    judge(known)
    return isOutdated(known) ? undefined : known
  }

  /** Whoever was disabled, or lost a permission, since they were read is read again. */
  function isOutdated(known: Good): boolean {
    const { version } = epochs
    if (known.version === version) return false
    const { userId } = known.caller
    if (epochs.verdict(OWN_ROW, { subject: userId, rev: known.stamp }) !== 'alive') return true
    known.version = version
    return false
  }

  function judge(known: Good): void {
    const { id, stamp } = known.token
    if (isRevoked(id, known.caller.userId, stamp)) throw new AuthError('token_revoked', { reason: 'revoked' })
    if (isOver(known.expiresAt)) throw new AuthError('token_expired', { reason: 'exp' })
  }

  function isRevoked(jti: string, subject: string, rev: Stamp): boolean {
    return epochs.verdict(API_TOKEN_ROW, { subject, jti, rev }) === 'dead'
  }

  function isOver(expiresAt: number | null): boolean {
    return expiresAt !== null && expiresAt <= clock()
  }

  async function look(token: SpelledToken, text: string): Promise<Good> {
    if (!isMarked(text, parts.keys()) && !unmarked())
      throw new AuthError('login_throttled', { retryAfter: 1, hint: 'too many API tokens that are none' })
    const { version } = epochs
    // With the version: who comes after a revocation must not share a read that began before it.
    const found = standing(await single(`${version}.${token.digest}`, () => read(token, version)))
    judge(found)
    return found
  }

  async function read(token: SpelledToken, version: number): Promise<Good | Bad> {
    const stamp = parts.head()
    const until = monotonic() + REMEMBERED_SECONDS
    const row = await asked('the API tokens', () => tokens.find(token.id))
    const refused = against(token, row)
    if (refused || !row) {
      bad.set(token.digest, { ...(refused as Bad), until })
      return refused as Bad
    }
    const user = await asked('the users table', () => users.findById(row.userId))
    // Not remembered: whoever is enabled again is let in at once.
    if (!user) return { code: 'user_inactive', reason: 'user_gone' }
    if (user.active === false) return { code: 'user_inactive', reason: 'user_disabled' }
    const caller = callerOf(row, parts.usersTell ? (user.permissions ?? []) : undefined)
    const usedAt = row.lastUsedAt ?? Number.NEGATIVE_INFINITY
    const known: Good = { caller, token, expiresAt: row.expiresAt, stamp, until, version, usedAt }
    good.set(token.digest, known)
    return known
  }

  /** Only who shows the whole token is told more than that it is none. */
  function against(token: SpelledToken, row: ApiToken | undefined): Bad | undefined {
    if (!row || !equalText(row.hash, token.digest)) return { code: 'token_invalid', reason: 'api_token' }
    if (row.revokedAt !== null || isRevoked(token.id, row.userId, token.stamp))
      return { code: 'token_revoked', reason: 'revoked' }
    return isOver(row.expiresAt) ? { code: 'token_expired', reason: 'exp' } : undefined
  }

  function use(known: Good): ApiCaller {
    const now = clock()
    if (now - known.usedAt >= USED_SECONDS) {
      // Noted before it is written: one write, however many requests come at once.
      known.usedAt = now
      tokens.touch(known.token.id, now, now - USED_SECONDS + 1).catch(failed)
    }
    return known.caller
  }
}

const callerOf = ({ id, userId, permissions }: ApiToken, held: readonly string[] | undefined): ApiCaller =>
  Object.freeze({ tokenId: id, userId, permissions, held })

function spelled(text: string): SpelledToken {
  const token = readToken(text)
  if (!token) throw new AuthError('token_invalid', { reason: 'api_token' })
  return token
}

/** One error for each caller: what was said about one request is kept beside its error. */
const refusal = ({ code, reason }: Bad): AuthError => new AuthError(code, { reason })

function standing(found: Good | Bad): Good {
  if ('code' in found) throw refusal(found)
  return found
}

/** So many at once, and so many more with each second. */
function createAllowance(monotonic: () => number): () => boolean {
  let left = UNMARKED_AT_ONCE
  let at = monotonic()
  return () => {
    const now = monotonic()
    left = Math.min(UNMARKED_AT_ONCE, left + (now - at) * UNMARKED_PER_SECOND)
    at = now
    if (left < 1) return false
    left--
    return true
  }
}

async function asked<T>(whom: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (cause) {
    throw cause instanceof AuthError ? cause : new AuthError('store_failed', { hint: `${whom} failed`, cause })
  }
}
