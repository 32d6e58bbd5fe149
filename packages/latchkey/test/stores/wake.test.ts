/** Waking other processes: PostgreSQL and Redis tell of news, come back by themselves, and are believed in nothing. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createEpochs } from '../../src/revocation/epochs.js'
import { createFeed } from '../../src/revocation/feed.js'
import { epochOf, sessionAt } from '../../src/stores/conformance/kit.js'
import type { Stores } from '../../src/stores/port.js'
import { withRedis } from '../../src/stores/redis.js'
import { postgresStores } from '../../src/stores/sql/postgres.js'
import { onServer, postgresDatabase } from '../services/postgres.js'
import { type FaultProxy, faultProxy } from '../services/proxy.js'
import { redisUrl } from '../services/redis.js'

const clock = () => 1_800_000_000
let database: string
let redis: string
beforeAll(async () => {
  ;[database, redis] = await Promise.all([postgresDatabase('wake'), redisUrl()])
})

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function opened(stores: Stores): Promise<Stores> {
  await stores.open()
  ends.push(() => stores.close())
  return stores
}

/** Counts how often it was woken. */
async function listening({ wake }: Stores): Promise<{ heard: number }> {
  const ear = { heard: 0 }
  const stop = await wake?.listen(() => ear.heard++)
  ends.push(() => stop?.())
  return ear
}

async function proxied(url: string): Promise<{ proxy: FaultProxy; url: string }> {
  const target = new URL(url)
  const proxy = await faultProxy(Number(target.port))
  ends.push(() => proxy.close())
  target.port = String(proxy.port)
  return { proxy, url: target.href }
}

let ids = 0

const overPostgres = (url = database) => postgresStores({ url, clock })
const makers: Readonly<Record<string, (url?: string) => Stores>> = {
  PostgreSQL: overPostgres,
  Redis: (url = redis) => withRedis({ ...overPostgres(), wake: undefined }, url),
}

for (const [name, make] of Object.entries(makers)) {
  describe(name, () => {
    test('every kind of news wakes another process', async () => {
      const [here, there] = [await opened(make()), await opened(make())]
      const ear = await listening(there)
      const news: Readonly<Record<string, () => Promise<unknown>>> = {
        revocation: () => here.revocations.append([epochOf('jti', name)], 'revoked'),
        limit: async () => {
          for (const n of [1, 2])
            await here.sessions.create(sessionAt(clock(), { id: `${name} ${ids++} ${n}`, userId: name }), 1)
        },
        key: async () => here.keys.save((await here.keys.load())?.version ?? 0, 'sealed', [epochOf('key', name)]),
      }
      // Nobody waits for Redis, so there may be nobody yet who listens.
      const heardAfter = async (tell: () => Promise<unknown>) => {
        const before = ear.heard
        await tell()
        return expect.poll(() => ear.heard > before, { timeout: 500 }).toBe(true)
      }
      for (const [kind, tell] of Object.entries(news))
        await expect
          .poll(
            () =>
              heardAfter(tell).then(
                () => kind,
                () => '',
              ),
            { timeout: 8_000 },
          )
          .toBe(kind)
    })

    test('a feed that never polls learns of a revocation, after the connection was lost, too', async () => {
      const { proxy, url } = await proxied(name === 'Redis' ? redis : database)
      const there = await opened(make(url))
      // Its own way to the database is whole: what is lost is the way of the news.
      const log = name === 'Redis' ? there.revocations : (await opened(overPostgres())).revocations
      const epochs = createEpochs({ clock })
      const feed = createFeed({ log, epochs, clock, poll: 3_600, wake: there.wake, failed: () => {} })
      await feed.start()
      ends.push(feed.stop)
      const writer = await opened(make())
      const appended = async () => (await writer.revocations.append([epochOf('user', name)], 'revoked')).stamp
      const [first] = [await appended()]
      await expect.poll(() => feed.head, { timeout: 5_000 }).toBeGreaterThanOrEqual(first)
      await proxy.set('refuse')
      const missed = await appended()
      await proxy.set('pass')
      await expect.poll(() => feed.head, { timeout: 8_000 }).toBeGreaterThanOrEqual(missed)
    })
  })
}

test('whoever is told nothing but lies reads the log, and believes only that', async () => {
  const stores = await opened(overPostgres())
  const epochs = createEpochs({ clock })
  const feed = createFeed({ log: stores.revocations, epochs, clock, poll: 3_600, wake: stores.wake })
  await feed.start()
  ends.push(feed.stop)
  const head = feed.head
  await onServer(database, `notify latchkey, '{"scope":"everybody","row":"self","key":"","stamp":9e15}'`)
  const { stamp } = await stores.revocations.append([epochOf('user', 'u')], 'revoked')
  await expect.poll(() => feed.head, { timeout: 5_000 }).toBe(stamp)
  expect(stamp).toBeGreaterThan(head)
})
