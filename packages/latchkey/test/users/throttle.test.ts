/** Promises of the throttle, with the clock set by hand. */
import { describe, expect, test } from 'vitest'
import { memoryLimits } from '../../src/users/limits.js'
import { createThrottle } from '../../src/users/throttle.js'
import { fakeClock, outcome } from './fixtures.js'

const address = '192.0.2.1'
const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))
const ok = (outcomes: unknown[]): number => outcomes.filter((one) => one === 'ok').length

describe('the budgets', () => {
  test('case 202: of 100 attempts at once on one account ten go through', async () => {
    const throttle = createThrottle({ clock: fakeClock() })
    const all = await Promise.all(many(100, () => outcome(throttle.consume({ account: 'alice', address }))))
    expect(ok(all)).toBe(10)
    expect(new Set(all)).toEqual(new Set(['ok', 'login_throttled']))
  })

  test('case 203: one account from 1,000 addresses, one address with 1,000 accounts, 1,000 of both', async () => {
    const attempts = async (make: (i: number) => { account: string; address: string }) => {
      const throttle = createThrottle({ clock: fakeClock(), everybody: { points: 500, seconds: 60 } })
      return ok(await Promise.all(many(1_000, (i) => outcome(throttle.consume(make(i))))))
    }
    const at = (i: number) => `10.0.${i >> 8}.${i & 255}`
    expect(await attempts((i) => ({ account: 'alice', address: at(i) }))).toBe(10)
    expect(await attempts((i) => ({ account: `user${i}`, address }))).toBe(100)
    expect(await attempts((i) => ({ account: `user${i}`, address: at(i) }))).toBe(500)
  })

  test('case 204: every address of one /64 draws on one budget, another /64 on its own', async () => {
    const throttle = createThrottle({ clock: fakeClock(), everybody: { points: 100_000, seconds: 60 } })
    const from = (i: number) => throttle.consume({ account: `user${i}`, address: `2001:db8::${i.toString(16)}` })
    expect(ok(await Promise.all(many(10_000, (i) => outcome(from(i)))))).toBe(100)
    expect(await outcome(throttle.consume({ account: 'x', address: '2001:db8:0:1::1' }))).toBe('ok')
  })

  test.each(['ALICE', ' alice', 'ａlice', 'al\u200bice'])('%j is the account alice', async (account) => {
    const throttle = createThrottle({ clock: fakeClock(), account: { points: 1, seconds: 900 } })
    await throttle.consume({ account: 'alice', address })
    expect(await outcome(throttle.consume({ account, address }))).toBe('login_throttled')
  })

  test('no address is no budget of its own: the account and everybody still count', async () => {
    const throttle = createThrottle({ clock: fakeClock() })
    const all = await Promise.all(many(11, () => outcome(throttle.consume({ account: 'alice', address: undefined }))))
    expect(ok(all)).toBe(10)
  })
})

describe('a lock is a delay', () => {
  test('case 206: it says how long, ends 15 minutes after the first attempt, and refused attempts do not prolong it', async () => {
    const clock = fakeClock()
    const throttle = createThrottle({ clock })
    for (const _ of many(10, () => 0)) await throttle.consume({ account: 'alice', address })
    clock.now += 899
    await expect(throttle.consume({ account: 'alice', address })).rejects.toMatchObject({ retryAfter: 1 })
    clock.now += 1
    expect(await outcome(throttle.consume({ account: 'alice', address }))).toBe('ok')
  })

  test('an attempt that is refused by one budget costs nothing in the others', async () => {
    const throttle = createThrottle({ clock: fakeClock(), address: { points: 12, seconds: 900 } })
    await Promise.all(many(50, () => outcome(throttle.consume({ account: 'alice', address }))))
    expect(await outcome(throttle.consume({ account: 'bob', address }))).toBe('ok')
  })

  test('a success gives its own point back and no more: logging in does not buy guesses', async () => {
    const throttle = createThrottle({ clock: fakeClock() })
    for (const _ of many(9, () => 0)) await throttle.consume({ account: 'alice', address })
    for (const _ of many(30, () => 0)) {
      await throttle.consume({ account: 'alice', address })
      await throttle.reward({ account: 'alice', address })
    }
    await throttle.consume({ account: 'alice', address })
    expect(await outcome(throttle.consume({ account: 'alice', address }))).toBe('login_throttled')
  })
})

describe('where attempts are counted', () => {
  test('case 267: when the shared store is lost, this process counts by itself', async () => {
    const lost = async () => Promise.reject(new Error('connection refused'))
    const throttle = createThrottle({ clock: fakeClock(), limits: { consume: lost, reward: lost } })
    const all = await Promise.all(many(100, () => outcome(throttle.consume({ account: 'alice', address }))))
    expect(ok(all)).toBe(10)
    expect(await outcome(throttle.reward({ account: 'alice', address }))).toBe('ok')
  })

  test('a shared store sees no login and no address', async () => {
    const seen: string[] = []
    const consume = async (charges: readonly { key: string }[]) => {
      seen.push(...charges.map(({ key }) => key))
      return 0
    }
    const throttle = createThrottle({ clock: fakeClock(), limits: { consume, reward: async () => {} } })
    await throttle.consume({ account: 'my password, typed in the wrong field'.repeat(100), address })
    expect(seen).toHaveLength(3)
    for (const key of seen) expect(key).toMatch(/^(?:everybody|(?:account|address):[\w-]{43})$/)
  })

  test('memory is bounded: the ended windows go first, then the oldest', async () => {
    const limits = memoryLimits(10)
    const charge = (key: string) => [{ key, points: 1, seconds: 100 }]
    for (const i of many(10, (i) => i)) await limits.consume(charge(`k${i}`), i)
    await limits.consume(charge('new'), 50)
    expect(await limits.consume(charge('k9'), 50)).toBe(59)
    expect(await limits.consume(charge('k0'), 50)).toBe(0)
  })
})
