/** Promises about knowing too little: noticed at the first check by either clock, and never a stampede. */
import { describe, expect, test } from 'vitest'
import { createFreshness, type FreshnessParts } from '../../src/revocation/freshness.js'

/** A feed that a test lets succeed, fail or hang, with two clocks. */
function world(parts: Partial<FreshnessParts> = {}) {
  const now = { wall: 1_000, monotonic: 50 }
  const state = { pulls: 0, answer: async (): Promise<void> => {} }
  let freshAt = { ...now }
  let reading: Promise<void> | undefined
  const feed = {
    get freshAt() {
      return freshAt
    },
    /** Whoever asks in the same moment shares a read, as with the real one. */
    pull(): Promise<void> {
      if (reading) return reading
      state.pulls++
      const began = { ...now }
      reading = state
        .answer()
        .then(() => {
          freshAt = began
        })
        .finally(() => {
          reading = undefined
        })
      return reading
    },
  }
  const told: string[] = []
  const freshness = createFreshness({
    feed,
    clock: () => now.wall,
    monotonic: () => now.monotonic,
    boundSeconds: 5,
    whenStale: 'ask-store',
    changed: (stale, lag) => told.push(`${stale ? 'stalled' : 'resumed'} ${lag}`),
    ...parts,
  })
  return { now, state, freshness, told, check: () => freshness.overdue(now.wall) }
}

describe('the age of what is known', () => {
  test.each([
    ['both clocks', 5, 5, 'fresh'],
    ['the wall clock alone: the machine slept', 6, 0, 'old'],
    ['the other alone: the wall clock was set back', -3_600, 5.001, 'old'],
    ['a wall clock set back after nothing else happened', -3_600, 4, 'fresh'],
  ])('is the larger one: %s', async (_name, wall, monotonic, expected) => {
    const { now, check } = world()
    now.wall += wall
    now.monotonic += monotonic
    const read = check()
    expect(read === undefined ? 'fresh' : 'old').toBe(expected)
    await read
    expect(check()).toBeUndefined()
  })

  test('is endless before the first read', () => {
    const clock = () => 0
    const feed = { freshAt: undefined, pull: async () => {} }
    const freshness = createFreshness({ feed, clock, boundSeconds: 5, whenStale: 'deny' })
    expect(freshness.lag(0)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('past the bound', () => {
  test('ask-store waits for a read, and is fresh after it', async () => {
    const { now, state, check } = world()
    now.monotonic += 60
    await Promise.all([check(), check(), check()])
    expect(state.pulls).toBe(1)
    expect(check()).toBeUndefined()
  })

  test('deny refuses without asking, allow goes on without asking', async () => {
    for (const whenStale of ['deny', 'allow'] as const) {
      const { now, state, check } = world({ whenStale })
      now.monotonic += 60
      if (whenStale === 'deny') await expect(check()).rejects.toMatchObject({ code: 'store_failed', retryAfter: 1 })
      else expect(check()).toBeUndefined()
      expect(state.pulls).toBe(0)
    }
  })

  test('it is told once, and once more when it is over', async () => {
    const { now, told, check, freshness } = world({ whenStale: 'allow' })
    now.monotonic += 7
    check()
    check()
    freshness.noticed()
    expect(told).toEqual(['stalled 7'])
    await freshness.ask()
    freshness.noticed()
    freshness.noticed()
    expect(told).toEqual(['stalled 7', 'resumed 0'])
  })
})

describe('asking the store', () => {
  test('whoever demands it is answered by a read, however fresh we are', async () => {
    const { state, freshness } = world({ whenStale: 'allow' })
    await freshness.ask()
    await freshness.ask()
    expect(state.pulls).toBe(2)
  })

  test('30,000 requests in a second of a failing store are four reads a second, and 30,000 errors of their own', async () => {
    const { now, state, check } = world()
    now.monotonic += 60
    const failure = new Error('connection refused')
    state.answer = () => Promise.reject(failure)
    const errors = new Set<unknown>()
    for (let request = 0; request < 30_000; request++) {
      now.monotonic += 1 / 30_000
      await check()?.catch((error: unknown) => errors.add(error))
    }
    expect(state.pulls).toBeLessThanOrEqual(5)
    expect(errors.size).toBe(30_000)
    for (const error of errors) expect(error).toMatchObject({ code: 'store_failed', retryAfter: 1, cause: failure })
  })

  test('a store that comes back is asked again a quarter of a second after it failed', async () => {
    const { now, state, check } = world()
    now.monotonic += 60
    state.answer = () => Promise.reject(new Error('connection refused'))
    await expect(check()).rejects.toMatchObject({ code: 'store_failed' })
    state.answer = async () => {}
    await expect(check()).rejects.toMatchObject({ code: 'store_failed' })
    now.monotonic += 0.25
    await check()
    expect(check()).toBeUndefined()
  })

  test('nobody waits longer than the limit for a store that says nothing', async () => {
    const { now, state, check } = world({ waitSeconds: 0.001 })
    now.monotonic += 60
    state.answer = () => new Promise(() => {})
    const outcomes = await Promise.allSettled([check(), check(), check()])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(state.pulls).toBe(1)
  })

  test('more than 50,000 do not wait at all', async () => {
    const { now, state, check } = world()
    now.monotonic += 60
    let answer = (): void => {}
    state.answer = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const waiting = Array.from({ length: 50_000 }, check)
    await expect(check()).rejects.toMatchObject({ code: 'overloaded', status: 503 })
    answer()
    await Promise.all(waiting)
    expect(state.pulls).toBe(1)
  })
})
