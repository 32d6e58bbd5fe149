/** Goal G13: the same run and the same judge catch every store that makes one mistake. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { syncedPostgresDatabase } from '../services/postgres.js'
import { runKills } from './run.mjs'
import { variants } from './variants.mjs'

const MOST_KILLS = 60

type Counts = Readonly<Record<'lost' | 'forks' | 'falseReuse' | 'resurrected', number>>

const violations = ({ lost, forks, falseReuse, resurrected }: Counts) => lost + forks + falseReuse + resurrected

const faulty = Object.keys(variants).filter((name) => name !== 'none')

const stores = [
  { store: 'SQLite', names: faulty, databaseOf: async () => undefined },
  { store: 'PostgreSQL', names: ['read-then-write', 'two-step'], databaseOf: syncedPostgresDatabase },
]

for (const { store, names, databaseOf } of stores) {
  test.each(names)(`on ${store} the variant %s is caught`, { timeout: 300_000 }, async (variant) => {
    const database = await databaseOf(variant)
    const until = (verdict: Counts) => violations(verdict) > 0
    expect(violations(await runKills({ kills: MOST_KILLS, database, variant, until }))).toBeGreaterThan(0)
    count('faulty stores caught by the kills', 1)
  })
}
