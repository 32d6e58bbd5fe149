/** The ring in memory: which keys verify and which one signs as the dates pass, and how long ago the store confirmed it. */
import type { Key } from '../jwt/key.js'
import type { Clock } from '../util/time.js'
import { activeKey, type RingKey } from './ring.js'
import type { StoredRing } from './sealed-ring.js'

export interface HeldRing {
  /** `undefined` before the first `take`. */
  readonly stored: StoredRing | undefined
  /** Raised when the set of keys that verify changes, by a new ring or by a date. */
  readonly generation: number
  /** When the next key stops to verify, in seconds. */
  readonly usableUntil: number
  /** The keys that verify now, by name. */
  keys(): ReadonlyMap<string, Key>
  /** The key that signs now, whatever the age of the ring. */
  signer(): Key | undefined
  /** Seconds since the last read that confirmed the ring began. */
  age(): number
  /** To be called when a read begins; the answer takes what it brought. */
  begin(): (stored: StoredRing) => void
}

export interface HeldRingParts {
  readonly clock: Clock
  readonly monotonic: () => number
  readonly rotated: ((kid: string) => void) | undefined
}

/** The keys that verify, as long as no date passes in either direction. */
interface View {
  readonly byKid: ReadonlyMap<string, Key>
  readonly from: number
  readonly until: number
}

const NOTHING: View = { byKid: new Map(), from: 0, until: 0 }

export function createHeldRing({ clock, monotonic, rotated }: HeldRingParts): HeldRing {
  let stored: StoredRing | undefined
  let confirmedAt = { wall: 0, monotonic: 0 }
  let seen: View = NOTHING
  let kids = ''
  let generation = 0
  let signing: RingKey | undefined
  let signedBy: string | undefined

  return {
    get stored() {
      return stored
    },
    get generation() {
      view()
      return generation
    },
    // Of the set that `generation` or `find` spoke of last: a date that passed since makes it the past, which is the answer.
    get usableUntil() {
      return seen.until
    },
    keys: () => view().byKid,
    signer,
    age,
    begin,
  }

  function begin(): (next: StoredRing) => void {
    const began = { wall: clock(), monotonic: monotonic() }
    return (next) => {
      confirmedAt = began
      if (next.ring !== stored?.ring) seen = NOTHING
      stored = next
      choose(clock())
    }
  }

  /** The larger of both clocks: a machine that slept, or whose clock was set back, must not take the ring for fresh. */
  function age(): number {
    if (!stored) return Number.POSITIVE_INFINITY
    return Math.max(clock() - confirmedAt.wall, monotonic() - confirmedAt.monotonic)
  }

  function view(): View {
    const now = clock()
    if (!stored || (seen.from <= now && now < seen.until)) return seen
    const ends = stored.ring.map(({ verifyUntil }) => verifyUntil)
    const alive = stored.ring.filter(({ verifyUntil }) => now < verifyUntil)
    seen = {
      byKid: new Map(alive.map(({ key }) => [key.kid, key])),
      from: Math.max(...ends.filter((end) => end <= now)),
      until: Math.min(...ends.filter((end) => end > now)),
    }
    const before = kids
    kids = [...seen.byKid.keys()].join(' ')
    if (kids !== before) generation++
    return seen
  }

  function signer(): Key | undefined {
    const now = clock()
    if (!signing || now < signing.signFrom || now >= signing.signUntil) choose(now)
    return signing?.key
  }

  function choose(now: number): void {
    signing = stored && activeKey(stored.ring, now)
    const before = signedBy
    signedBy = signing?.key.kid ?? before
    if (signedBy !== undefined && before !== undefined && signedBy !== before) rotated?.(signedBy)
  }
}
