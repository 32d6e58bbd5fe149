/** Case 235 over several processes: five rotations under load refuse no valid token, and no key signs before or after its time. */
import { afterEach, describe, expect, test } from 'vitest'
import { count } from '../../count.js'
import { postgresDatabase } from '../../services/postgres.js'
import { isLong, sqliteFile } from './fleet.js'
import { rotate } from './rotating.js'

let remove = () => {}
afterEach(() => remove())

function sqlite(): string {
  const file = sqliteFile()
  remove = file.remove
  return file.url
}

const stores = [
  { store: 'SQLite', replicas: isLong ? 4 : 3, databaseOf: async () => sqlite() },
  { store: 'PostgreSQL', replicas: isLong ? 4 : 2, databaseOf: () => postgresDatabase('fleet_rotation') },
]

for (const { store, replicas, databaseOf } of stores) {
  test(`five rotations over ${replicas} processes on ${store}: nobody is refused, neither here nor by jose`, {
    timeout: 300_000,
  }, async () => {
    const { findings, kids, verified } = await rotate({ database: await databaseOf(), replicas })
    expect(findings).toEqual([])
    expect(kids).toBe(6)
    count(`rotation over processes on ${store}: tokens verified, none refused`, verified)
  })
}

describe('the judge finds', () => {
  test.each([
    ['hasty', 300, /jose refused a token/],
    ['forgetful', 600, /a valid token was refused/],
    ['deaf', 600, /signed at|a valid token was refused/],
  ])('a fleet of which one is %s', { timeout: 300_000 }, async (variant, end, what) => {
    const { findings } = await rotate({ database: sqlite(), replicas: 2, variant, end })
    expect(findings).toContainEqual(expect.stringMatching(what))
    count('faulty keyrings caught', 1)
  })
})
