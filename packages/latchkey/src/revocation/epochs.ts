/** What is dead or stale: by session, user, token, key, everybody and permissions; exact, in memory, the strictest wins. */
import type { Epoch, NewEpoch, Scope, Stamp } from '../stores/port.js'
import { EVERYBODY } from '../util/own-row.js'
import type { Clock } from '../util/time.js'
import { createEnded } from './ended.js'
import { createMarks, type Marks } from './marks.js'

/** dead: refused for good; stale: what it says of permissions is outdated, a refresh helps. */
type Standing = 'alive' | 'dead' | 'stale'

/** What of a token decides over it. A bare `sub`, `sid`, `jti` or `kid` means nothing without its issuer row. */
export interface Judged {
  readonly subject: string
  readonly sessionId?: string | undefined
  readonly jti?: string | undefined
  readonly kid?: string | undefined
  /** The store's stamp when the token was made. */
  readonly rev: Stamp
}

export interface Epochs {
  /** Raised whenever a verdict may have changed: while it stands, an earlier verdict does. */
  readonly version: number
  readonly size: number
  /** Takes epochs in any order and any number of times. */
  add(epochs: readonly Epoch[]): void
  verdict(row: string, token: Judged): Standing
  /** Every epoch that may be above a stamp, in no order. Nothing may be pruned meanwhile. */
  above(stamp: Stamp): Iterable<NewEpoch>
  /** Drops what concerns no living token any more and answers how many. One short step: the next call goes on where this one stopped. */
  prune(now: number): number
}

/** How long after `until` an epoch is kept: the most that a leeway adds to the life of a token, and a minute between two clocks. */
const KEPT_SECONDS = 120 + 60

/** How many entries a step of pruning looks at: far below a millisecond where they are packed, a few where they are not. */
const STEP = 20_000

type Row = Readonly<Record<Scope, Marks>>

/** Makes an empty set. `monotonic` counts seconds that no clock change touches. */
export function createEpochs({
  clock,
  monotonic = () => performance.now() / 1000,
}: {
  clock: Clock
  monotonic?: () => number
}): Epochs {
  const rows = new Map<string, Row>()
  // What the wall clock would show had nobody set it since this process started.
  const offset = clock() - monotonic()
  let version = 0
  let deadBefore = 0
  let round = sweep()
  return {
    get version() {
      return version
    },
    get size() {
      return count()
    },
    add,
    verdict,
    above,
    prune,
  }

  function count(): number {
    let total = 0
    for (const row of rows.values()) for (const marks of Object.values(row)) total += marks.size
    return total
  }

  function add(epochs: readonly Epoch[]): void {
    for (const { row, scope, key, stamp, until } of epochs) {
      // Everybody of a row is one epoch, whatever key its writer gave.
      const named = scope === 'everybody' ? EVERYBODY : key
      if (scopesOf(row)[scope].raise(named, stamp, until)) version++
    }
  }

  function scopesOf(id: string): Row {
    const known = rows.get(id)
    if (known) return known
    const made: Row = {
      session: createEnded(),
      jti: createEnded(),
      // Whoever stole a key signs whatever `rev` he likes: its end counts for all that it ever signs.
      key: createEnded(),
      user: createMarks(),
      everybody: createMarks(),
      permissions: createMarks(),
    }
    rows.set(id, made)
    return made
  }

  function verdict(id: string, { subject, sessionId, jti, kid, rev }: Judged): Standing {
    const row = rows.get(id)
    if (!row) return 'alive'
    if (row.user.covers(subject, rev) || row.session.covers(sessionId, rev)) return 'dead'
    if (row.jti.covers(jti, rev) || row.key.covers(kid, rev)) return 'dead'
    if (row.everybody.covers(EVERYBODY, rev)) return 'dead'
    const isStale = row.permissions.covers(subject, rev) || row.permissions.covers(EVERYBODY, rev)
    return isStale ? 'stale' : 'alive'
  }

  function* above(stamp: Stamp): Iterable<NewEpoch> {
    for (const [row, scopes] of rows) {
      for (const [scope, marks] of Object.entries(scopes) as [Scope, Marks][]) {
        for (const mark of marks.above(stamp)) yield { scope, row, ...mark }
      }
    }
  }

  function prune(now: number): number {
    // A clock set forward must not make us forget a revocation, so the lesser of the two clocks counts.
    deadBefore = Math.min(now, offset + monotonic()) - KEPT_SECONDS
    const before = count()
    for (let looked = 0; looked < STEP; ) {
      const part = round.next()
      if (part.done) {
        round = sweep()
        break
      }
      looked += part.value
    }
    return before - count()
  }

  function* sweep(): Generator<number, void> {
    for (const row of rows.values()) for (const marks of Object.values(row)) yield* marks.sweep(() => deadBefore)
  }
}
