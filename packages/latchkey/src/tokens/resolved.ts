/** Rows that have to be asked for: remembered when found and when not, asked once for all who wait, and a few at a time. */
import { AuthError } from '../errors.js'
import type { KeySource } from '../keys/keyring.js'
import { createCache } from '../util/cache.js'
import { once } from '../util/once.js'
import type { Clock } from '../util/time.js'
import type { Row } from './rows.js'

export interface ResolvedParts {
  /** Throws for an answer that is no safe row. */
  readonly resolve: (iss: string) => Promise<Row | undefined>
  readonly rememberSeconds: number
  readonly clock: Clock
}

/** A promise only where somebody has to be asked. Throws `overloaded`, `issuer_unreachable`. */
type Find = (iss: string) => Row | undefined | Promise<Row | undefined>

interface Entry {
  readonly row: Row | undefined
  readonly until: number
}

/** Anybody can make up an issuer: each name costs a question, so its absence is remembered too, and questions are limited. */
const ABSENT_SECONDS = 60
const MOST_OPEN = 16
const MOST_REMEMBERED = 10_000

export function createResolved({ resolve, rememberSeconds, clock }: ResolvedParts): Find {
  // Apart: a flood of made-up names must not push out the tenants there are.
  const present = createCache<string, Entry>(MOST_REMEMBERED)
  const absent = createCache<string, Entry>(MOST_REMEMBERED)
  const single = once<string, Row | undefined>()
  let open = 0
  return find

  function find(iss: string): Row | undefined | Promise<Row | undefined> {
    const entry = present.get(iss) ?? absent.get(iss)
    return entry && clock() < entry.until ? entry.row : single(iss, () => ask(iss))
  }

  async function ask(iss: string): Promise<Row | undefined> {
    if (open >= MOST_OPEN)
      throw new AuthError('overloaded', { hint: 'too many unknown issuers at once', retryAfter: 1 })
    open++
    try {
      const found = await resolve(iss)
      const until = clock() + (found ? rememberSeconds : ABSENT_SECONDS)
      const row = found && { ...found, keys: usableUntil(found.keys, until) }
      if (row) absent.delete(iss)
      else present.delete(iss)
      ;(row ? present : absent).set(iss, { row, until })
      return row
    } catch (cause) {
      throw new AuthError('issuer_unreachable', { hint: 'issuers.resolve() failed', retryAfter: 1, cause })
    } finally {
      open--
    }
  }
}

/** The same keys, for as long as their row is remembered: a tenant that is gone is gone for tokens that were verified before. */
function usableUntil(keys: KeySource, until: number): KeySource {
  return {
    get generation() {
      return keys.generation
    },
    get usableUntil() {
      return Math.min(keys.usableUntil, until)
    },
    find: keys.find,
  }
}
