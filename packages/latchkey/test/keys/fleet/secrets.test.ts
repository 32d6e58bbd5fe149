/** A rolling deploy with mixed lists of server secrets: nobody is logged out, no refresh token is called bad, no process stays away. */
import { afterEach, expect, test } from 'vitest'
import { count } from '../../count.js'
import { postgresDatabase } from '../../services/postgres.js'
import { deploy } from './deploying.js'
import { isLong, sqliteFile } from './fleet.js'

let remove = () => {}
afterEach(() => remove())

function sqlite(): string {
  const file = sqliteFile()
  remove = file.remove
  return file.url
}

const stores = [
  { store: 'SQLite', databaseOf: async () => sqlite() },
  ...(isLong ? [{ store: 'PostgreSQL', databaseOf: () => postgresDatabase('fleet_secrets') }] : []),
]

for (const { store, databaseOf } of stores) {
  test(`on ${store} three processes get a new server secret one after the other, and lose the old one likewise: nobody notices`, {
    timeout: 300_000,
  }, async () => {
    const { findings, refreshes } = await deploy({ database: await databaseOf() })
    expect(findings).toEqual([])
    count('rounds of refreshes during rolling deploys of a server secret, none refused', refreshes)
  })
}

test('the judge finds processes that use the new secret before all have it', { timeout: 300_000 }, async () => {
  const { findings } = await deploy({ database: sqlite(), variant: 'impatient' })
  expect(findings).toContainEqual(expect.stringMatching(/could not be refreshed: store_failed/))
  count('faulty keyrings caught', 1)
})
