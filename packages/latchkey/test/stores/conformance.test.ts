/** Every store passes the suite, and a store that reads before it writes does not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StoreUnderTest, storeConformance } from '../../src/stores/conformance.js'
import type { SessionStore } from '../../src/stores/port.js'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { memory, postgres, sqlite } from './kit.js'

let database: string
beforeAll(async () => {
  database = await postgresDatabase('conformance')
})

const makers: Readonly<Record<string, () => Promise<StoreUnderTest>>> = {
  memory,
  SQLite: sqlite,
  PostgreSQL: () => postgres(database),
}

for (const [name, make] of Object.entries(makers)) {
  const cases = storeConformance(name, make)
  describe(name, () => {
    for (const { name: sentence, run } of cases) test(sentence, run)
    afterAll(() => count(`conformance ${name}`, cases.length))
  })

  test(`${name}: the suite fails a rotation that reads first and writes later`, async () => {
    const race = storeConformance('naive', async () => readThenWrite(await make())).find(
      (one) => one.name === 'naive: of many who rotate one generation at once exactly one succeeds',
    )
    await expect(race?.run()).rejects.toMatchObject({ code: 'ERR_ASSERTION' })
  })
}

/** What rotation would be if the port had a get and a set: whoever read the old generation believes that it wrote the new one. */
function readThenWrite(test: StoreUnderTest): StoreUnderTest {
  const { sessions } = test.stores
  const rotate: SessionStore['rotate'] = async (id, generation, secretId) => {
    const found = await sessions.find(id)
    if (found?.session.generation !== generation || found.dead) return false
    await sessions.rotate(id, generation, secretId)
    return true
  }
  return { ...test, stores: { ...test.stores, sessions: { ...sessions, rotate } } }
}
