/** One SQLite file in the hands of several processes, and of processes that are killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sessionAt } from '../../src/stores/conformance/kit.js'
import { sqliteModule } from '../../src/stores/sql/sqlite-module.js'
import { sqlite } from './kit.js'

const child = fileURLToPath(new URL('child.mjs', import.meta.url))

let store: Awaited<ReturnType<typeof sqlite>>
beforeEach(async () => {
  store = await sqlite()
})
afterEach(async () => {
  await store.stores.close()
  await store.cleanup()
})

const start = (task: string, ...values: unknown[]): ChildProcess =>
  fork(child, [task, store.path, ...values.map(String)], { execArgv: ['--no-warnings'] })

const answer = async (process: ChildProcess): Promise<Record<string, unknown>> => {
  const [message] = await Promise.race([once(process, 'message'), once(process, 'exit').then(() => [{ died: true }])])
  return message
}

/** Lets them go when all are ready; answers what each tells. */
async function meet(processes: readonly ChildProcess[]): Promise<Record<string, unknown>[]> {
  for (const message of await Promise.all(processes.map(answer))) expect(message).toEqual({ ready: true })
  const answers = processes.map(answer)
  for (const process of processes) process.send('go')
  return Promise.all(answers)
}

test('four processes open an empty database at once: one schema, one nonce', async () => {
  const offers = await meet([1, 2, 3, 4].map(() => start('open')))
  expect(new Set(offers.map(({ offered }) => JSON.stringify(offered))).size).toBe(1)
  expect(offers[0]?.offered).toMatchObject({ used: false })
})

test('four processes rotate one session: exactly one success for each generation', async () => {
  const generations = 60
  await store.stores.open()
  await store.stores.sessions.create(sessionAt(1_800_000_000), 9)
  const answers = await meet([1, 2, 3, 4].map(() => start('rotate', generations)))
  const won = answers.flatMap((message) => message.won as number[])
  expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: generations }, (_, index) => index))
  expect((await store.stores.sessions.find('s1'))?.session.generation).toBe(generations)
})

test("a process that is killed while it opens is in nobody's way", async () => {
  const whole = await answer(start('die', 0))
  const statements = Number(whole.statements)
  expect(statements).toBeGreaterThan(20)
  await Promise.all([0.2, 0.4, 0.6, 0.8].map((part) => dieAt(Math.round(statements * part))))
})

async function dieAt(statement: number): Promise<void> {
  const broken = await sqlite()
  const process = fork(child, ['die', broken.path, String(statement)], { execArgv: ['--no-warnings'] })
  expect(await answer(process)).toEqual({ died: true })
  await broken.stores.open()
  expect(await broken.stores.users.offerBootstrap('nonce')).toEqual({ nonce: 'nonce', used: false })
  await broken.stores.close()
  await broken.cleanup()
}

interface Acknowledged {
  readonly n: number
  readonly rotated: boolean
  readonly created: boolean
  readonly stamp: number
  readonly generation: number
}

test('what was acknowledged is there after kill -9', async () => {
  await store.stores.open()
  await store.stores.sessions.create(sessionAt(1_800_000_000, { idleSeconds: 3_600 }), 9)
  await store.stores.close()
  let acknowledged = 0
  for (let round = 0; round < 5; round++) acknowledged += await killWhileWriting(`round ${round}`)
  expect(acknowledged).toBeGreaterThan(5)
})

/** Answers how much was acknowledged before the end. */
async function killWhileWriting(name: string): Promise<number> {
  const { stores } = store
  await stores.open()
  const generation = (await stores.sessions.find('s1'))?.session.generation
  const before = await stores.revocations.stamp()
  await stores.close()
  const last = await lastWords(start('write', generation, name))
  await stores.open()
  const now = await stores.sessions.find('s1')
  // One more may have been written and not told.
  expect([last.generation, last.generation + 1]).toContain(now?.session.generation)
  expect(last).toMatchObject({ rotated: true, created: true })
  const keys = (await stores.revocations.since(before, 100_000)).epochs.map(({ key }) => key)
  expect(keys.slice(0, last.n + 1)).toEqual(Array.from({ length: last.n + 1 }, (_, n) => `${name} ${n}`))
  expect(await stores.revocations.stamp()).toBeGreaterThanOrEqual(last.stamp)
  for (let n = 0; n <= last.n; n++) expect(await stores.users.findByLogin(`${name} ${n}`)).toBeDefined()
  await stores.close()
  expect(await integrity()).toEqual(['ok'])
  return last.n + 1
}

async function lastWords(process: ChildProcess): Promise<Acknowledged> {
  let last: Acknowledged | undefined
  const enough = 3 + Math.random() * 40
  process.on('message', (message: Acknowledged) => {
    last = message
    if (message.n > enough) process.kill('SIGKILL')
  })
  const [, signal] = await once(process, 'close')
  expect(signal).toBe('SIGKILL')
  if (!last) throw new Error('nothing was acknowledged')
  return last
}

async function integrity(): Promise<unknown[]> {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(store.path)
  const rows = database.prepare('pragma integrity_check').all() as { integrity_check: string }[]
  database.close()
  return rows.map((row) => row.integrity_check)
}
