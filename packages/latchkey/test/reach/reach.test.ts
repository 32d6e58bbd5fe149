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
const polled = { pushes: false, bound: 4, poll: 1, stop: 5 }
const pushed = { pushes: true, bound: 5, poll: 4, stop: 6 }
const asks = { whenStale: 'ask-store', count: 40 }

const ways = [
  { name: 'SQLite that is polled', where: sqlite, processes: 2, ...polled, ...asks },
  { name: 'PostgreSQL that pushes', where: postgres, processes: 3, ...pushed, ...asks },
  { name: 'PostgreSQL beside a Redis that pushes', where: both, processes: 2, ...pushed, stop: 0, ...asks },
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

test.concurrent.for(ways)('over $name', { timeout: 300_000 }, async ({ name, where, ...way }) => {
  const { findings, ...result } = await runReach({ ...(await where(name)), ...way })
  // A machine that is busy with everything else may keep a store from answering in time: 503 is lawful then, as long as it is rare.
  expect(findings.filter(({ rule }) => rule !== 'unavailable')).toEqual([])
  expect(result).toMatchObject({ missed: 0, behind: 0, wronged: 0, odd: 0, unseen: 0 })
  // Not `slow`: how fast the last of them arrive is a matter of the machine, and of `npm run soak -- revocations`.
  if (way.pushes) expect(result.reach.refused?.p50).toBeLessThan(way.poll * 500)
  expect(result.unavailable).toBeLessThan(result.presentations / 20)
  // A run in which nothing happened would prove nothing.
  expect(result.revocations).toBeGreaterThanOrEqual(way.count)
  if (way.stop > 0) expect(result.stopped?.ended).toBeGreaterThan(0)
  expect(Object.keys(result.kinds).length).toBeGreaterThan(5)
  count('revocations seen on every server in time', result.revocations)
  count('revocations: tokens presented', result.presentations)
})
