/** Promises of the ring's dates, one table per question; no store, no time but the numbers below. */
import { describe, expect, test } from 'vitest'
import { generateKey } from '../../src/jwt/key.js'
import { activeKey, nextKey, type Ring, type RingKey, replace, stateOf, turn, upkeep } from '../../src/keys/ring.js'

const times = { activeSeconds: 10_000, longestSeconds: 300, standbySeconds: 360 }
const make = () => generateKey('EdDSA') as RingKey['key']
const dates = (ring: Ring) => ring.map(({ signFrom, signUntil, verifyUntil }) => [signFrom, signUntil, verifyUntil])
const states = (ring: Ring, now: number) => ring.map((one) => stateOf(ring, one, now))
const first = upkeep([], 1_000, times, make)

describe('a new ring', () => {
  test('has a key that signs at once and a published one that follows it', () => {
    expect(dates(first)).toEqual([
      [1_000, 11_000, 11_360],
      [11_000, 21_000, 21_360],
    ])
    expect(first.map(({ createdAt }) => createdAt)).toEqual([1_000, 1_000])
  })

  test.each([
    [0, ['active', 'standby']], // a replica whose clock is behind signs too
    [1_000, ['active', 'standby']],
    [10_999, ['active', 'standby']],
    [11_000, ['retired', 'active']],
    [11_359, ['retired', 'active']],
    [11_360, [undefined, 'active']],
    [20_999, [undefined, 'active']],
    [21_000, [undefined, 'retired']],
    [21_360, [undefined, undefined]],
  ])('at %i its keys are %j', (now, expected) => {
    expect(states(first, now)).toEqual(expected)
  })

  test('is left alone as long as there is nothing to do', () => {
    for (const now of [1_000, 5_000, 10_640]) expect(upkeep(first, now, times, make)).toBe(first)
  })
})

describe('upkeep', () => {
  test('makes the key after next before the next one signs, so that there is always a published one', () => {
    const ring = upkeep(first, 10_641, times, make)
    expect(dates(ring).at(-1)).toEqual([21_000, 31_000, 31_360])
    expect(states(ring, 11_000)).toEqual(['retired', 'active', 'standby'])
    expect(ring.slice(0, 2)).toEqual(first)
  })

  test('of a ring that nobody looked at for long lets a published key sign rather than a new one', () => {
    const ring = upkeep(first, 15_000, times, make)
    expect(activeKey(ring, 15_000)).toBe(ring[1])
    const asleep = upkeep(first, 50_000, times, make)
    expect(states(asleep, 50_000)).toEqual([undefined, undefined, 'active', 'standby'])
  })

  test('forgets a dead key only a day later, in case it was a clock that ran ahead', () => {
    const kept = upkeep(first, 11_359 + 86_400, times, make)
    expect(kept[0]).toBe(first[0])
    expect(upkeep(kept, 11_360 + 86_400, times, make)[0]).toBe(first[1])
  })

  test('extends what signs by a longer life of tokens, and shortens nothing by a shorter one', () => {
    const longer = upkeep(first, 2_000, { ...times, longestSeconds: 900 }, make)
    expect(dates(longer)).toEqual([
      [1_000, 11_000, 11_960],
      [11_000, 21_000, 21_960],
    ])
    expect(upkeep(longer, 2_000, times, make)).toBe(longer)
  })

  test('lets a key that signs for less than a standby waits go on until the next may sign', () => {
    const ring = upkeep([], 1_000, { ...times, activeSeconds: 10 }, make)
    expect(dates(ring)).toEqual([
      [1_000, 1_360, 1_720],
      [1_360, 1_370, 1_730],
    ])
  })
})

describe('a planned rotation', () => {
  test('takes place a minute later, when every replica has read the dates', () => {
    const ring = turn(first, 5_000, times)
    expect(dates(ring)).toEqual([
      [1_000, 5_060, 5_420],
      [5_060, 15_060, 15_420],
    ])
    expect(upkeep(ring, 5_000, times, make)).toHaveLength(3)
  })

  test('waits for a standby that caches may not have yet', () => {
    expect(nextKey(turn(first, 1_100, times), 1_100)?.signFrom).toBe(1_360)
  })

  test('asked for again before it took place changes nothing', () => {
    const once = upkeep(turn(first, 5_000, times), 5_000, times, make)
    expect(turn(once, 5_030, times)).toBe(once)
  })

  test('moves the keys behind the next one along', () => {
    const three = upkeep(first, 10_700, times, make)
    const ring = turn(three, 10_700, times)
    expect(dates(ring)).toEqual([
      [1_000, 10_760, 11_120],
      [10_760, 20_760, 21_120],
      [20_760, 30_760, 31_120],
    ])
  })
})

describe('an emergency', () => {
  test('removes the key at once and lets the published one sign', () => {
    const ring = replace(first, first[0] as RingKey, 5_000, times)
    expect(dates(ring)).toEqual([[5_000, 15_000, 15_360]])
    expect(ring[0]?.key).toBe(first[1]?.key)
  })

  test('leaves retired keys as they are', () => {
    const three = upkeep(first, 11_100, times, make)
    const ring = replace(three, three[1] as RingKey, 11_100, times)
    expect(states(ring, 11_100)).toEqual(['retired', 'active'])
    expect(ring[0]).toBe(three[0])
  })

  test('without a published key ends with a new one', () => {
    const alone = first.slice(0, 1)
    const ring = upkeep(replace(alone, alone[0] as RingKey, 5_000, times), 5_000, times, make)
    expect(states(ring, 5_000)).toEqual(['active', 'standby'])
  })
})
