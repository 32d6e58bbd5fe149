/** Goal G10 in short: what was ended on one server is refused on all of them by the bound, whatever stood still meanwhile. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { redisUrl } from '../services/redis.js'
import { runReach } from './run.mjs'

const sqlite = async () => ({})
const postgres = async (name: string) => ({ database: await postgresDatabase(`reach-${name}`) })
const both = async (name: string) => ({ ...(await postgres(name)), redis: await redisUrl() })

/** A stop is longer than the bound. What is pushed is told apart from what is polled by an interval that is long. */
const polled = { pushes: false, bound: 2, poll: 1, stop: 3 }
const pushed = { pushes: true, bound: 5, poll: 4, stop: 6 }
const asks = { whenStale: 'ask-store', count: 60 }

const ways = [
  { name: 'SQLite that is polled', where: sqlite, processes: 2, ...polled, ...asks },
  { name: 'PostgreSQL that pushes', where: postgres, processes: 3, ...pushed, ...asks },
  { name: 'PostgreSQL beside a Redis that pushes', where: both, processes: 2, ...pushed, ...asks },
  {
    name: 'PostgreSQL that is polled, with deny',
    where: postgres,
    processes: 2,
    ...polled,
    whenStale: 'deny',
    count: 20,
  },
  {
    name: 'PostgreSQL that is polled, with allow',
    where: postgres,
    processes: 2,
    ...polled,
    whenStale: 'allow',
    count: 20,
  },
]

test.concurrent.for(ways)('over $name', { timeout: 120_000 }, async ({ name, where, ...way }) => {
  const { findings, ...result } = await runReach({ ...(await where(name)), ...way })
  expect(findings).toEqual([])
  expect(result).toMatchObject({ missed: 0, behind: 0, wronged: 0, unavailable: 0, odd: 0, unseen: 0, slow: 0 })
  // A run in which nothing happened would prove nothing.
  expect(result.revocations).toBeGreaterThanOrEqual(way.count)
  expect(result.stopped?.ended).toBeGreaterThan(5)
  expect(Object.keys(result.kinds).length).toBeGreaterThan(5)
  count('revocations seen on every server in time', result.revocations)
  count('revocations: tokens presented', result.presentations)
})
