/** One identity in two hundred hands, over four processes and over several connections: one user, whoever was first. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { StoreUnderTest } from '../../src/stores/conformance.js'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { postgres, sqlite } from './kit.js'

const ROUNDS = 5
const child = fileURLToPath(new URL('child.mjs', import.meta.url))

let database: string
beforeAll(async () => {
  database = await postgresDatabase('provision')
})

let store: StoreUnderTest
afterEach(async () => {
  await store.stores.close()
  await store.cleanup()
})

type Made = readonly { readonly userId: string; readonly created: boolean }[]

const places: Readonly<Record<string, () => Promise<string>>> = {
  async SQLite() {
    const made = await sqlite()
    store = made
    return made.path
  },
  async PostgreSQL() {
    const made = await postgres(database)
    store = made
    return made.url
  },
}

test.each(Object.keys(places))(
  'four processes that provision the same identities on %s make each once',
  async (name) => {
    const place = await (places[name] as () => Promise<string>)()
    await store.stores.open()
    const processes = [1, 2, 3, 4].map(() =>
      fork(child, ['provision', place, String(ROUNDS)], { execArgv: ['--no-warnings'] }),
    )
    await Promise.all(processes.map((process) => once(process, 'message')))
    const answers = processes.map(made)
    for (const process of processes) process.send('go')
    const all = await Promise.all(answers)
    for (let round = 0; round < ROUNDS; round++) {
      const hands = all.flatMap((rounds) => rounds[round] as Made)
      expect(hands).toHaveLength(200)
      expect(hands.filter(({ created }) => created)).toHaveLength(1)
      const identity = await store.stores.identities.find('idp', `subject ${round}`)
      for (const { userId } of hands) expect(userId).toBe(identity?.userId)
    }
    expect(await store.stores.users.list('', 1_000)).toHaveLength(ROUNDS)
    count(`200 who provision one identity on ${name}`, ROUNDS)
  },
  60_000,
)

async function made(process: ChildProcess): Promise<readonly Made[]> {
  const [message] = await once(process, 'message')
  return message.made
}
