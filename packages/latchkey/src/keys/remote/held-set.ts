/** The set in memory and its age: whether it is fresh, due for another look, usable only for want of a newer one, or over. */
import type { Key } from '../../jwt/key.js'
import type { Clock } from '../../util/time.js'
import type { KeySet } from './key-set.js'

/**
 * `none`: there is no set · `fresh` · `due`: good, but it is time to look again · `old`: may be used only while the issuer
 * does not answer · `over`.
 */
type Stage = 'none' | 'fresh' | 'due' | 'old' | 'over'

/** One moment by both clocks. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

export interface HeldSet {
  readonly set: KeySet | undefined
  /** Raised when the set really changes. */
  readonly generation: number
  /** Seconds: until then nobody has to come by to see whether something is to be done. */
  readonly usableUntil: number
  stage(): Stage
  find(kid: string | undefined, alg: string): Key | undefined
  /** A set that was asked for at that moment. */
  take(set: KeySet, asked: Moment, maxAge: number): void
  drop(): void
  /** Somebody is asking, and will know within so many seconds. */
  asking(seconds: number): void
  /** Nobody got an answer; the next try is at `again` (monotonic). */
  failed(again: number): void
}

export interface HeldSetParts {
  readonly clock: Clock
  /** Seconds that no clock change touches. */
  readonly monotonic: () => number
  /** How long after its `maxAge` a set may be used while the issuer does not answer. */
  readonly maxStale: number
}

/** Looked for again after this part of its time, so that usually nobody waits for the next one. */
const DUE = 0.8

interface Held {
  readonly set: KeySet
  readonly asked: Moment
  readonly maxAge: number
}

export function createHeldSet({ clock, monotonic, maxStale }: HeldSetParts): HeldSet {
  let held: Held | undefined
  let generation = 0
  let isFailing = false
  /** Monotonic: when somebody should come by. */
  let visit = 0
  return {
    get set() {
      return held?.set
    },
    get generation() {
      return generation
    },
    get usableUntil() {
      return usableUntil()
    },
    stage,
    find: (kid, alg) => held?.set.find(kid, alg),
    take,
    drop,
    asking: (seconds) => {
      visit = Math.max(visit, monotonic() + seconds)
    },
    failed: (again) => {
      isFailing = true
      visit = Math.max(again, held === undefined ? 0 : dueAt(held))
    },
  }

  function stage(): Stage {
    if (held === undefined) return 'none'
    // The larger of both clocks: a machine that slept, or whose clock was set back, must not take the set for fresh.
    const age = Math.max(clock() - held.asked.wall, monotonic() - held.asked.monotonic)
    if (age >= held.maxAge + maxStale) return 'over'
    if (age >= held.maxAge) return 'old'
    return age >= held.maxAge * DUE ? 'due' : 'fresh'
  }

  /** Whoever keeps verdicts asks this for each of them: one reading of one clock, and none of the wall's. */
  function usableUntil(): number {
    if (held === undefined) return 0
    const { asked, maxAge } = held
    const end = Math.min(visit, asked.monotonic + maxAge + (isFailing ? maxStale : 0))
    return monotonic() < end ? asked.wall + (end - asked.monotonic) : 0
  }

  function take(set: KeySet, asked: Moment, maxAge: number): void {
    if (set.identity !== held?.set.identity) generation++
    held = { set, asked, maxAge }
    isFailing = false
    visit = dueAt(held)
  }

  function drop(): void {
    if (held !== undefined) generation++
    held = undefined
    isFailing = false
  }
}

const dueAt = ({ asked, maxAge }: Held): number => asked.monotonic + maxAge * DUE
