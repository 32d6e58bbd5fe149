/** One refresh token in 64 hands at once, over one, two and four processes: one successor, and nobody is logged out. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'

const CLIENTS = 64
const ROUNDS = 100
const racer = fileURLToPath(new URL('racer.mjs', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'latchkey-replicas-'))
const databases: Record<string, string> = { SQLite: `sqlite:${join(folder, 'auth.db')}` }
beforeAll(async () => {
  databases.PostgreSQL = await postgresDatabase('replicas')
})

let replicas: readonly ChildProcess[] = []
afterEach(() => {
  for (const replica of replicas) replica.disconnect()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const optionsFor = (database: string) => ({
  issuer: ISSUER,
  secret: SECRET,
  database,
  // What is asked is which successor there is, not how fast tokens are signed.
  algorithm: 'HS256' as const,
  key: SECRET,
})

async function start(database: string): Promise<ChildProcess> {
  const replica = fork(racer, [JSON.stringify(optionsFor(database))], { execArgv: ['--no-warnings'] })
  await once(replica, 'message')
  return replica
}

async function ask(replica: ChildProcess, token: string, clients: number): Promise<readonly string[]> {
  const answer = once(replica, 'message')
  replica.send({ token, clients })
  return (await answer)[0]
}

const cases = ['SQLite', 'PostgreSQL'].flatMap((store) => [1, 2, 4].map((processes) => [store, processes] as const))

test.each(cases)(
  `${ROUNDS} rounds on %s, %d processes: one distinct successor each`,
  async (store, processes) => {
    const database = databases[store] as string
    const auth = createAuth(optionsFor(database))
    const username = `alice-${processes}`
    const user = await auth.users.create({ username, password: 'correct horse battery' })
    let token = String((await auth.tokens.issue(user)).refresh)
    replicas = await Promise.all(Array.from({ length: processes }, () => start(database)))
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(replicas.map((replica) => ask(replica, token, CLIENTS / processes)))
      const successors = new Set(answers.flat())
      expect([...successors]).toEqual([expect.stringMatching(/^[\w-]+\.\d+\./)])
      const [next] = successors
      expect(next).not.toBe(token)
      token = String(next)
    }
    await auth.close()
    count(`races of ${CLIENTS} clients on ${store}`, ROUNDS)
  },
  120_000,
)
