/** What is dead or stale: by session, user, token, key, everybody and permissions; exact, in memory, the highest stamp wins. */
import type { Epoch, Scope, Stamp } from '../stores/port.js'
import type { Clock } from '../util/time.js'

/** dead: refused for good; stale: what it says of permissions is outdated, a refresh helps. */
export type Standing = 'alive' | 'dead' | 'stale'

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
  /** Every epoch above a stamp, in no order. */
  above(stamp: Stamp): readonly Epoch[]
  /** Drops what concerns no living token any more; answers how many. */
  prune(now: number): number
}

/** How long after `until` an epoch is kept: the tolerance between two clocks. */
const KEPT_SECONDS = 60

/** Everybody of a row is one epoch, whatever key its writer gave. */
const EVERYBODY = ''

interface Mark {
  stamp: Stamp
  until: number
}

type Marks = Map<string, Mark>
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
  let size = 0
  return {
    get version() {
      return version
    },
    get size() {
      return size
    },
    add,
    verdict,
    above,
    prune,
  }

  function add(epochs: readonly Epoch[]): void {
    for (const epoch of epochs) if (raise(epoch)) version++
  }

  /** True if a verdict may differ from now on. */
  function raise({ row, scope, key: given, stamp, until }: Epoch): boolean {
    const marks = scopesOf(row)[scope]
    const key = scope === 'everybody' ? EVERYBODY : given
    const known = marks.get(key)
    if (!known) {
      marks.set(key, { stamp, until })
      size++
      return true
    }
    known.until = Math.max(known.until, until)
    if (stamp <= known.stamp) return false
    known.stamp = stamp
    return true
  }

  function scopesOf(id: string): Row {
    const known = rows.get(id)
    if (known) return known
    const made: Row = {
      session: new Map(),
      user: new Map(),
      jti: new Map(),
      key: new Map(),
      everybody: new Map(),
      permissions: new Map(),
    }
    rows.set(id, made)
    return made
  }

  function verdict(id: string, { subject, sessionId, jti, kid, rev }: Judged): Standing {
    const row = rows.get(id)
    if (!row) return 'alive'
    if (isAbove(row.user, subject, rev) || isAbove(row.session, sessionId, rev)) return 'dead'
    if (isAbove(row.jti, jti, rev) || isAbove(row.key, kid, rev)) return 'dead'
    if (isAbove(row.everybody, EVERYBODY, rev)) return 'dead'
    return isAbove(row.permissions, subject, rev) ? 'stale' : 'alive'
  }

  function above(stamp: Stamp): readonly Epoch[] {
    const found: Epoch[] = []
    for (const [row, scopes] of rows) {
      for (const [scope, marks] of Object.entries(scopes) as [Scope, Marks][]) {
        for (const [key, mark] of marks) if (mark.stamp > stamp) found.push({ scope, row, key, ...mark })
      }
    }
    return found
  }

  function prune(now: number): number {
    // A clock set forward must not make us forget a revocation, so the lesser of the two clocks counts.
    const dead = Math.min(now, offset + monotonic()) - KEPT_SECONDS
    const before = size
    for (const scopes of rows.values()) {
      for (const marks of Object.values(scopes)) {
        for (const [key, mark] of marks) if (mark.until < dead && marks.delete(key)) size--
      }
    }
    return before - size
  }
}

/** The comparison is this way round so that a `rev` which is no number is never above anything. */
function isAbove(marks: Marks, key: string | undefined, rev: Stamp): boolean {
  if (key === undefined || marks.size === 0) return false
  const mark = marks.get(key)
  return mark !== undefined && !(mark.stamp <= rev)
}
