/** The life of our signing keys as dates, decided purely: who signs, who waits, who only verifies, and what a rotation changes. */
import type { Key } from '../jwt/key.js'

/** standby: published, not signing yet; active: signs; retired: only verifies. */
export type KeyState = 'standby' | 'active' | 'retired'

/** A key of the ring with its dates, in seconds. They are fixed in advance and read at each signature. */
export interface RingKey {
  readonly key: Key & { readonly kid: string }
  readonly createdAt: number
  readonly signFrom: number
  readonly signUntil: number
  readonly verifyUntil: number
}

/** In the order in which the keys sign: each begins where the one before it ends. */
export type Ring = readonly RingKey[]

/** The seconds by which the dates are made. */
export interface RingTimes {
  readonly activeSeconds: number
  /** The longest life of any token that the ring signs. */
  readonly longestSeconds: number
  /** How long a key is published before it signs. */
  readonly standbySeconds: number
}

/** A replica signs only with a ring it has read within this many seconds, so whatever is announced this early reaches all in time. */
export const CONFIRMED_SECONDS = 60

/** How long a dead key stays in the document, unused: a clock that runs ahead for a while must not forget keys for everybody. */
const KEPT_SECONDS = 86_400

type Make = () => RingKey['key']

/** The key that signs now. Where our clock is behind the one that dated the ring, the first key signs. */
export function activeKey(ring: Ring, now: number): RingKey | undefined {
  const last = ring.findLast((one) => one.signFrom <= now) ?? ring[0]
  return last && now < last.signUntil ? last : undefined
}

/** The key that signs next. */
export function nextKey(ring: Ring, now: number): RingKey | undefined {
  const active = activeKey(ring, now)
  return ring.find((one) => one.signFrom > now && one !== active)
}

/** `undefined` when the key does not even verify any more. */
export function stateOf(ring: Ring, one: RingKey, now: number): KeyState | undefined {
  if (now >= one.verifyUntil) return undefined
  if (one === activeKey(ring, now)) return 'active'
  return one.signFrom > now ? 'standby' : 'retired'
}

/**
 * What every look at the ring sees to: one key signs, and one that will not sign for a while is published already, so that an
 * emergency always finds a key that everybody knows. The same ring when there is nothing to do.
 */
export function upkeep(ring: Ring, now: number, times: RingTimes, make: Make): Ring {
  const kept = ring.filter((one) => now < one.verifyUntil + KEPT_SECONDS)
  const dated = kept.map((one) => (now < one.signUntil ? withDates(one, one.signFrom, one.signUntil, times) : one))
  const tended = withStandby(withActive(dated, now, times, make), now, times, make)
  const same = tended.length === ring.length && tended.every((one, at) => one === ring[at])
  return same ? ring : tended
}

/** A planned rotation: the next key takes over as soon as every cache and every replica can know. Asked again meanwhile, nothing changes. */
export function turn(ring: Ring, now: number, times: RingTimes): Ring {
  const next = nextKey(ring, now)
  if (!next) return ring
  const from = Math.max(now + CONFIRMED_SECONDS, next.createdAt + times.standbySeconds)
  return next.signFrom <= from ? ring : takeOver(ring, ring.indexOf(next), from, times)
}

/** An emergency: the key is gone at once, whatever it signed, and the next one signs from now on. */
export function replace(ring: Ring, stolen: RingKey, now: number, times: RingTimes): Ring {
  const next = nextKey(ring, now)
  const rest = ring.filter((one) => one !== stolen)
  return next ? takeOver(rest, rest.indexOf(next), now, times) : rest
}

/** The end of a key, whatever its state: if it signs, that is an emergency. */
export function drop(ring: Ring, one: RingKey, now: number, times: RingTimes): Ring {
  return one === activeKey(ring, now) ? replace(ring, one, now, times) : ring.filter((each) => each !== one)
}

/** The same ring when none of its keys ended; a database that went back in time has some again that did. */
export function without(ring: Ring, isEnded: (kid: string) => boolean, now: number, times: RingTimes): Ring {
  const ended = ring.find(({ key }) => isEnded(key.kid))
  return ended ? without(drop(ring, ended, now, times), isEnded, now, times) : ring
}

function withActive(ring: Ring, now: number, times: RingTimes, make: Make): Ring {
  if (activeKey(ring, now)) return ring
  const next = nextKey(ring, now)
  return next ? takeOver(ring, ring.indexOf(next), now, times) : [...ring, fresh(make(), now, now, times)]
}

function withStandby(ring: Ring, now: number, times: RingTimes, make: Make): Ring {
  const last = ring.at(-1)
  const ripe = now + times.standbySeconds
  if (!last || last.signFrom >= ripe) return ring
  // Nobody may sign with a key that caches do not have yet, so the one before it goes on until then.
  const from = Math.max(last.signUntil, ripe)
  return [...ring.slice(0, -1), withDates(last, last.signFrom, from, times), fresh(make(), now, from, times)]
}

/** Lets the key at `index` sign from `from` on: the one before it ends there, and those behind it move along. */
function takeOver(ring: Ring, index: number, from: number, times: RingTimes): Ring {
  let begin = from
  return ring.map((one, at) => {
    if (at === index - 1 && from < one.signUntil) return withDates(one, one.signFrom, from, times)
    if (at < index) return one
    const moved = withDates(one, begin, begin + times.activeSeconds, times)
    begin = moved.signUntil
    return moved
  })
}

function fresh(key: RingKey['key'], now: number, from: number, times: RingTimes): RingKey {
  const signUntil = from + times.activeSeconds
  return { key, createdAt: now, signFrom: from, signUntil, verifyUntil: signUntil + verifySeconds(times) }
}

/** Tokens may have been signed under a longer life that was configured before, or by a replica where it still is: the longest counts. */
function withDates(one: RingKey, signFrom: number, signUntil: number, times: RingTimes): RingKey {
  const verifyUntil = signUntil + Math.max(verifySeconds(times), one.verifyUntil - one.signUntil)
  const same = one.signFrom === signFrom && one.signUntil === signUntil && one.verifyUntil === verifyUntil
  return same ? one : { ...one, signFrom, signUntil, verifyUntil }
}

const verifySeconds = (times: RingTimes): number => CONFIRMED_SECONDS + times.longestSeconds
