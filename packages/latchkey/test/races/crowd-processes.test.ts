/** The same race where replicas are processes, with the clocks that they have in production. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { fine, newSeed, race, verdict } from './crowd/crowd.js'
import { type Process, startProcess } from './crowd/processes.js'

const STEPS = 15

const folder = mkdtempSync(join(tmpdir(), 'latchkey-crowd-'))
const databases: Readonly<Record<string, () => Promise<string>>> = {
  SQLite: async () => `sqlite:${join(folder, 'auth.db')}`,
  PostgreSQL: () => postgresDatabase('crowd-processes'),
}
const cases = [
  ['SQLite', 2],
  ['PostgreSQL', 4],
] as const

let processes: readonly Process[] = []
afterEach(() => {
  for (const { stop } of processes) stop()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(cases)('on %s over %d processes every promise holds', { timeout: 120_000 }, async (name, many) => {
  const database = await (databases[name] as () => Promise<string>)()
  processes = await Promise.all(Array.from({ length: many }, () => startProcess(database)))
  const seed = newSeed()
  const doors = processes.map(({ door }) => door)
  const judged = verdict(await race(doors, STEPS, seed), seed)
  expect(judged).toEqual(fine(seed, judged.done))
  count(`questions of the race over processes on ${name}`, judged.done)
})
