/** Shared limits: PostgreSQL and Redis count as memory does, for all processes, and are never waited for. */
import { Redis } from 'ioredis'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { together } from '../../src/stores/conformance/kit.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { Charge, LimitStore } from '../../src/stores/port.js'
import { withRedis } from '../../src/stores/redis.js'
import { postgresLimits } from '../../src/stores/sql/postgres-limits.js'
import { openPostgres } from '../../src/stores/sql/postgres-open.js'
import { createThrottle } from '../../src/users/throttle.js'
import { postgresDatabase } from '../services/postgres.js'
import { faultProxy } from '../services/proxy.js'
import { redisUrl } from '../services/redis.js'

const clock = { now: 1_800_000_000 }
const urls = { PostgreSQL: '', Redis: '' }
beforeAll(async () => {
  ;[urls.PostgreSQL, urls.Redis] = await Promise.all([postgresDatabase('limits'), redisUrl()])
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Without the haste of `promptly`, which a loaded machine does not keep up with. */
const postgres = async () => {
  const database = await openPostgres([urls.PostgreSQL], () => clock.now)
  closing.push(database.close)
  return postgresLimits(database)
}
const redis = async (url = urls.Redis) => {
  const stores = withRedis(memoryStores({ clock: () => clock.now }), url)
  await stores.open()
  closing.push(stores.close)
  const limits = stores.limits as LimitStore
  await connected(limits)
  return limits
}

/** `open` does not wait for Redis. */
const connected = (limits: LimitStore) =>
  expect
    .poll(
      () =>
        limits.reward([], 0).then(
          () => true,
          () => false,
        ),
      { timeout: 5_000 },
    )
    .toBe(true)

let keys = 0
const charge = (points: number, over: Partial<Charge> = {}): Charge => ({
  key: `k${keys++}`,
  points,
  seconds: 60,
  ...over,
})

for (const [name, make] of Object.entries({ PostgreSQL: postgres, Redis: () => redis() })) {
  describe(name, () => {
    test('of many attempts at once, in two processes, exactly as many pass as there are points', async () => {
      const stores = [await make(), await make()]
      const one = charge(10)
      const waits = await together(60, (index) => (stores[index % 2] as LimitStore).consume([one], clock.now))
      expect(waits.filter((wait) => wait === 0)).toHaveLength(10)
      for (const wait of waits) expect(wait).toBeLessThanOrEqual(60)
    })

    test('a point of every key is taken, or of none', async () => {
      const limits = await make()
      const [wide, narrow] = [charge(3), charge(1)]
      expect(await limits.consume([wide, narrow], clock.now)).toBe(0)
      expect(await limits.consume([wide, narrow], clock.now)).toBeGreaterThan(0)
      expect(await limits.consume([narrow, wide], clock.now)).toBeGreaterThan(0)
      const left = await together(3, () => limits.consume([wide], clock.now))
      expect(left.filter((wait) => wait === 0)).toHaveLength(2)
    })

    test('a point that is given back can be taken again', async () => {
      const limits = await make()
      const one = charge(1)
      expect(await limits.consume([one], clock.now)).toBe(0)
      await limits.reward([one], clock.now)
      await limits.reward([one], clock.now)
      expect(await limits.consume([one], clock.now)).toBe(0)
      expect(await limits.consume([one], clock.now)).toBeGreaterThan(0)
    })
  })
}

test('PostgreSQL: a window ends by the store, and is not prolonged', async () => {
  const limits = await postgres()
  const one = charge(1)
  expect(await limits.consume([one], 0)).toBe(0)
  clock.now += 40
  expect(await limits.consume([one], 0)).toBe(20)
  clock.now += 20
  expect(await limits.consume([one], 0)).toBe(0)
})

test('what people type is a value in Redis, and no key becomes another one', async () => {
  const limits = await redis()
  const client = new Redis(urls.Redis)
  const hostile = [`a', 1) redis.call('flushall') --`, 'a:b', '1:a', '\u{1f600}\n*1'].map((key) => charge(1, { key }))
  expect(await limits.consume(hostile, 0)).toBe(0)
  for (const one of hostile) expect(await limits.consume([one], 0)).toBeGreaterThan(0)
  for (const key of await client.keys('{latchkey}:limit:*')) expect(await client.ttl(key)).toBeGreaterThan(0)
  client.disconnect()
})

test.each(['refuse', 'silent'] as const)(
  'a Redis that does not answer (%s) leaves the limit of this process, soon, and counts again when it is back',
  async (fault) => {
    const proxy = await faultProxy(Number(new URL(urls.Redis).port))
    const limits = await redis(`redis://127.0.0.1:${proxy.port}`)
    const throttle = createThrottle({ clock: () => clock.now, limits, account: { points: 3, seconds: 60 } })
    const attempt = { account: `somebody ${keys++}`, address: undefined }
    await proxy.set(fault)
    const began = performance.now()
    for (let n = 0; n < 3; n++) await throttle.consume(attempt)
    await expect(throttle.consume(attempt)).rejects.toMatchObject({ code: 'login_throttled' })
    expect(performance.now() - began).toBeLessThan(1_500)
    await proxy.set('pass')
    await connected(limits)
    await proxy.close()
  },
)
