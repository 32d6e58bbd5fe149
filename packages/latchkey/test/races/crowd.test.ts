/** The race on every store: 20 actors sign in, refresh, end, change and disable at once, on one replica and on three (cases 142-144, 163). */
import { beforeAll, expect, test } from 'vitest'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { memory, postgres, sqlite } from '../stores/kit.js'
import { fine, newSeed, verdict } from './crowd/crowd.js'
import { raceOver } from './crowd/replicas.js'

let database: string
beforeAll(async () => {
  database = await postgresDatabase('crowd')
})

interface Case {
  readonly make: () => Promise<StoreUnderTest>
  /** Of each actor. */
  readonly steps: number
}

const stores: Readonly<Record<string, Case>> = {
  memory: { make: memory, steps: 60 },
  SQLite: { make: sqlite, steps: 25 },
  PostgreSQL: { make: () => postgres(database), steps: 15 },
}
const cases = Object.keys(stores).flatMap((name) => [1, 3].map((replicas) => [name, replicas] as const))

test.each(cases)(
  'on %s, %d at once: no old token lives, no new login is dead, nothing refreshes after its end, no permission goes unseen, nobody is stuck',
  { timeout: 120_000 },
  async (name, replicas) => {
    const { make, steps } = stores[name] as Case
    const seed = newSeed()
    const judged = verdict(await raceOver(await make(), { replicas, steps, seed }), seed)
    expect(judged).toEqual(fine(seed, judged.done))
    count(`questions of the race on ${name}`, judged.done)
  },
)
