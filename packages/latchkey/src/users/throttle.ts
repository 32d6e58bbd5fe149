/** Guessing is slowed down: per account, per address and for everybody, counted before any password is hashed. */
import { AuthError } from '../errors.js'
import type { Budget, Charge, LimitStore } from '../stores/port.js'
import { sha256 } from '../util/bytes.js'
import type { Clock } from '../util/time.js'
import { addressBucket } from './address.js'
import { sharedLimits } from './limits.js'
import { canonicalLogin } from './policy.js'

/** How many logins are tried. */
export interface ThrottleOptions {
  readonly clock: Clock
  /** Attempts for one login, whether or not anybody has it. Default 10 in 15 minutes. */
  readonly account?: Budget | undefined
  /** Attempts from one address (IPv6: one /64). Default 100 in 15 minutes. */
  readonly address?: Budget | undefined
  /** Attempts in all. Default 1,000 in one minute. */
  readonly everybody?: Budget | undefined
  /** Where they are counted; by default in this process. */
  readonly limits?: LimitStore | undefined
}

interface Attempt {
  /** The login, however it is spelled. */
  readonly account: string
  readonly address: string | undefined
}

/** One for all doors: REST and GraphQL draw on the same budget. */
export interface Throttle {
  /** Takes a point of each budget, or throws `login_throttled` with `retryAfter` and takes none. */
  consume(attempt: Attempt): Promise<void>
  /** The attempt was none: its own points come back. Earlier wrong ones stay counted, so that nobody clears a tally with a login of his own. */
  reward(attempt: Attempt): Promise<void>
}

/** Makes the throttle of a process. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { clock } = options
  const account = options.account ?? { points: 10, seconds: 900 }
  const address = options.address ?? { points: 100, seconds: 900 }
  const everybody = options.everybody ?? { points: 1_000, seconds: 60 }
  const limits = sharedLimits(options.limits)
  return { consume, reward }

  async function consume(attempt: Attempt): Promise<void> {
    const retryAfter = await limits.consume(charges(attempt), clock())
    if (retryAfter > 0) throw new AuthError('login_throttled', { retryAfter })
  }

  async function reward(attempt: Attempt): Promise<void> {
    await limits.reward(charges(attempt), clock())
  }

  function charges(attempt: Attempt): Charge[] {
    const all: Charge[] = [
      { ...account, key: key('account', canonicalLogin(attempt.account)) },
      { ...everybody, key: 'everybody' },
    ]
    if (attempt.address !== undefined) all.push({ ...address, key: key('address', addressBucket(attempt.address)) })
    return all
  }
}

// Hashed: short whatever was typed, and people do type passwords where the login belongs.
const key = (kind: string, text: string): string => `${kind}:${sha256(text).toString('base64url')}`
