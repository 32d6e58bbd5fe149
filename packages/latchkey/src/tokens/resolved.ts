/** Rows that have to be asked for: remembered when found and when not, asked once for all who wait, and a few at a time. */
import { AuthError } from '../errors.js'
import type { KeySource } from '../keys/keyring.js'
import { createCache } from '../util/cache.js'
import { inTime } from '../util/deadline.js'
import { once } from '../util/once.js'
import type { Clock } from '../util/time.js'
import type { Row } from './rows.js'

export interface ResolvedParts {
  /** Throws for an answer that is no safe row. */
  readonly resolve: (iss: string) => Promise<Row | undefined>
  readonly rememberSeconds: number
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic?: () => number
  /** How long an answer is waited for. Default 5. */
  readonly seconds?: number
}

/** A promise only where somebody has to be asked. Throws `overloaded`, `issuer_unreachable`. */
type Find = (iss: string) => Row | undefined | Promise<Row | undefined>

interface Entry {
  readonly row: Row | undefined
  readonly isOver: () => boolean
}

/** Anybody can make up an issuer: each name costs a question, so its absence is remembered too, and questions are limited. */
const ABSENT_SECONDS = 60
const MOST_OPEN = 16
const MOST_REMEMBERED = 10_000
const ANSWER_SECONDS = 5
/** Whatever it takes to fail, a tenant that is broken makes us do it no more often. */
const FAILED_SECONDS = 1

export function createResolved(parts: ResolvedParts): Find {
  const { resolve, rememberSeconds, clock, monotonic = () => performance.now() / 1000 } = parts
  const { seconds = ANSWER_SECONDS } = parts
  // Apart: a flood of made-up names must not push out the tenants there are.
  const present = createCache<string, Entry>(MOST_REMEMBERED)
  const absent = createCache<string, Entry>(MOST_REMEMBERED)
  const failures = createCache<string, { readonly cause: unknown; readonly isOver: () => boolean }>(MOST_REMEMBERED)
  const single = once<string, Row | undefined>()
  // Apart too: strangers whose questions take long must not keep a tenant out that was here before.
  const strangers = new Set<string>()
  const tenants = new Set<string>()
  return find

  function find(iss: string): Row | undefined | Promise<Row | undefined> {
    const entry = present.get(iss) ?? absent.get(iss)
    if (entry && !entry.isOver()) return entry.row
    const failure = failures.get(iss)
    if (failure && !failure.isOver()) throw unreachable(failure.cause)
    return single(iss, () => ask(iss))
  }

  async function ask(iss: string): Promise<Row | undefined> {
    const open = present.get(iss) ? tenants : strangers
    if (open.size >= MOST_OPEN)
      throw new AuthError('overloaded', { hint: 'too many unknown issuers at once', retryAfter: 1 })
    open.add(iss)
    try {
      const late = () => new Error(`no answer within ${seconds} seconds`)
      return remembered(iss, await inTime(resolve(iss), seconds, late))
    } catch (cause) {
      failures.set(iss, { cause, isOver: endOf(FAILED_SECONDS) })
      throw unreachable(cause)
    } finally {
      open.delete(iss)
    }
  }

  function remembered(iss: string, found: Row | undefined): Row | undefined {
    const isOver = endOf(found ? rememberSeconds : ABSENT_SECONDS)
    const row = found && { ...found, keys: usableUntil(found.keys, isOver) }
    if (row) absent.delete(iss)
    else present.delete(iss)
    ;(row ? present : absent).set(iss, { row, isOver })
    return row
  }

  /** By whichever clock is ahead: one that is set back, or that stood still while the machine slept, makes nothing last longer. */
  function endOf(span: number): () => boolean {
    const [wall, steady] = [clock() + span, monotonic() + span]
    return () => clock() >= wall || monotonic() >= steady
  }
}

const unreachable = (cause: unknown): AuthError =>
  new AuthError('issuer_unreachable', { hint: 'issuers.resolve() failed', retryAfter: FAILED_SECONDS, cause })

/** The same keys, for as long as their row is remembered: a tenant that is gone is gone for tokens that were verified before. */
function usableUntil(keys: KeySource, isOver: () => boolean): KeySource {
  return {
    get generation() {
      return keys.generation
    },
    get usableUntil() {
      return isOver() ? 0 : keys.usableUntil
    },
    find: keys.find,
  }
}
