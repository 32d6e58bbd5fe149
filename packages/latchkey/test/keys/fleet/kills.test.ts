/** Case 237: a process killed at each step of a change to the keyring leaves it done or undone, and whoever starts next goes on. */
import { afterEach, expect, test } from 'vitest'
import { count } from '../../count.js'
import { postgresDatabase } from '../../services/postgres.js'
import { dieAtEachStep, type Task } from './dying.js'
import { isLong, sqliteFile } from './fleet.js'

let remove = () => {}
afterEach(() => remove())

function sqlite(): string {
  const file = sqliteFile()
  remove = file.remove
  return file.url
}

type Case = readonly [store: string, task: Task, databaseOf: () => Promise<string>]

const long: readonly Case[] = [
  ['PostgreSQL', 'rotate', () => postgresDatabase('fleet_kills_rotate')],
  ['PostgreSQL', 'reseal', () => postgresDatabase('fleet_kills_reseal')],
]

const cases: readonly Case[] = [
  ['SQLite', 'rotate', async () => sqlite()],
  ['SQLite', 'emergency', async () => sqlite()],
  ['SQLite', 'reseal', async () => sqlite()],
  ['PostgreSQL', 'emergency', () => postgresDatabase('fleet_kills')],
  ...(isLong ? long : []),
]

test.each(cases)('on %s, killed at each step of: %s', { timeout: 300_000 }, async (store, task, databaseOf) => {
  const { findings, kills, completed } = await dieAtEachStep({ database: await databaseOf(), task })
  expect(findings).toEqual([])
  // Before the commit and after it: both have happened.
  expect(kills).toBeGreaterThan(3)
  expect(completed).toBeGreaterThan(0)
  expect(completed).toBeLessThan(kills)
  count(`kills in the midst of changes to the keyring on ${store}`, kills)
})

test('the judge finds a store that writes the end of a key and the ring without it one after the other', {
  timeout: 300_000,
}, async () => {
  const { findings } = await dieAtEachStep({ database: sqlite(), task: 'emergency', variant: 'two-step' })
  expect(findings).toContainEqual(expect.stringMatching(/the key that signs is dead/))
  count('faulty keyrings caught', 1)
})
