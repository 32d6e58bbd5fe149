/** The epochs of one scope that are judged by their stamp: one per key, the highest stamp and the latest end win. */
import type { Stamp } from '../stores/port.js'

/** An epoch of a scope as it is told; an id that is over for good is told without its stamp. */
export interface Mark {
  readonly key: string
  readonly until: number
  readonly stamp?: Stamp
}

/** What is known of one scope of one issuer row. */
export interface Marks {
  readonly size: number
  /** Takes an epoch. True if a verdict may differ from now on. */
  raise(key: string, stamp: Stamp, until: number): boolean
  /** Whether a token with this key and this `rev` is concerned. */
  covers(key: string | undefined, rev: Stamp): boolean
  /** What may be above a stamp, in no order. Nothing may be dropped meanwhile. */
  above(stamp: Stamp): Iterable<Mark>
  /** Drops what ended before `dead()`, part by part; answers of each part how many it looked at. */
  sweep(dead: () => number): Generator<number, void>
}

/** How many entries of a Map are one part of a sweep. */
const PART = 1_000

export function createMarks(): Marks {
  const marks = new Map<string, { stamp: Stamp; until: number }>()
  return {
    get size() {
      return marks.size
    },
    raise,
    covers,
    above,
    sweep,
  }

  function raise(key: string, stamp: Stamp, until: number): boolean {
    const known = marks.get(key)
    if (!known) {
      marks.set(key, { stamp, until })
      return true
    }
    known.until = Math.max(known.until, until)
    if (stamp <= known.stamp) return false
    known.stamp = stamp
    return true
  }

  /** The comparison is this way round so that a `rev` which is no number is never above anything. */
  function covers(key: string | undefined, rev: Stamp): boolean {
    if (key === undefined || marks.size === 0) return false
    const mark = marks.get(key)
    return mark !== undefined && !(mark.stamp <= rev)
  }

  function* above(stamp: Stamp): Iterable<Mark> {
    for (const [key, mark] of marks) if (mark.stamp > stamp) yield { key, ...mark }
  }

  function* sweep(dead: () => number): Generator<number, void> {
    let looked = 0
    for (const [key, { until }] of marks) {
      if (until < dead()) marks.delete(key)
      if (++looked % PART === 0) yield PART
    }
    yield looked % PART
  }
}
