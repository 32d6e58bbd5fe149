/** Goal G12 in short: a server that is killed at forty random instants loses nothing that it acknowledged. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { syncedPostgresDatabase } from '../services/postgres.js'
import { runKills } from './run.mjs'

const stores = [
  { store: 'SQLite', kills: 40, databaseOf: async () => undefined },
  { store: 'PostgreSQL', kills: 20, databaseOf: () => syncedPostgresDatabase('kills') },
]

for (const { store, kills, databaseOf } of stores) {
  test(`on ${store} a server killed at random instants loses no session, forks none, takes no retry for a thief and revives none`, {
    timeout: 300_000,
  }, async () => {
    const result = await runKills({ kills, database: await databaseOf() })
    expect(result).toMatchObject({ kills, lost: 0, forks: 0, falseReuse: 0, resurrected: 0, odd: 0, findings: [] })
    // A run in which nothing happened would prove nothing.
    expect(result.rotations).toBeGreaterThan(kills * 5)
    expect(result.unanswered).toBeGreaterThan(kills)
    expect(result.endings).toBeGreaterThan(kills / 4)
    count(`kills on ${store}`, result.kills)
    count('kills: questions judged', result.presentations + result.uses)
    count('kills: sessions lost', result.lost)
    count('kills: sessions forked', result.forks)
    count('kills: false reuse', result.falseReuse)
    count('kills: sessions resurrected', result.resurrected)
  })
}
