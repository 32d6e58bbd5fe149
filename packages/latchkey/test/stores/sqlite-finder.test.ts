/** Finding rows in SQLite: who looks in the same turn shares a statement that reads its own rows, and nothing else. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountOf } from '../../src/stores/conformance/kit.js'
import type { Stores } from '../../src/stores/port.js'
import { sqliteStores } from '../../src/stores/sql/sqlite.js'
import type { SqliteDatabase } from '../../src/stores/sql/sqlite-module.js'
import { sqlite } from './kit.js'
import { watched } from './watched.js'

let store: Awaited<ReturnType<typeof sqlite>>
let stores: Stores
let asked: { readonly sql: string; readonly database: SqliteDatabase }[]
beforeEach(async () => {
  store = await sqlite()
  const module = await watched((sql, database) => asked.push({ sql, database }))
  asked = []
  stores = sqliteStores({ path: store.path, clock: () => 1 }, async () => module)
  await stores.open()
})
afterEach(async () => {
  await stores.close()
  await store.cleanup()
})

const NAMES = ['', '"', '\\', '[]', '["alice"]', 'null', '\u001f', 'ä', '😀', 'x'.repeat(1_000), 'alice', 'bob']

test('all who look in one turn are one statement, and each gets its own row or its own refusal', async () => {
  for (const name of NAMES) await stores.users.create(accountOf(`id of ${name}`, { username: name }))
  asked = []
  const found = await Promise.allSettled(
    [...NAMES, 'nobody', 'a\0b', 'half \ud800', 'bob'].map(stores.users.findByLogin),
  )
  expect(found.map((one) => ('value' in one ? one.value?.user.id : one.reason.code))).toEqual([
    ...NAMES.map((name) => `id of ${name}`),
    undefined,
    'request_invalid',
    'request_invalid',
    'id of bob',
  ])
  expect(asked).toHaveLength(1)
})

test.each([
  ['sessions', () => stores.sessions.find('s1'), 'latchkey_sessions'],
  ['users', () => stores.users.findById('u1'), 'latchkey_users'],
  ['users by name', () => stores.users.findByLogin('alice'), 'latchkey_users'],
])('a group reads its own rows and no others: %s', async (_, find, table) => {
  asked = []
  await find()
  expect(asked).toHaveLength(1)
  const { sql, database } = asked[0] as (typeof asked)[number]
  expect(planOf(database, sql)).toContain(`SEARCH ${table} USING INDEX`)
  // The groups of a user are in the same statement.
  expect(planOf(database, sql)).not.toMatch(/SCAN [mg]\b/)
  // The judge: the same without an index.
  expect(planOf(database, sql.replace(' in (', " || '' in ("))).toContain(`SCAN ${table}`)
})

const planOf = (database: SqliteDatabase, sql: string): string =>
  JSON.stringify(database.prepare(`explain query plan ${sql}`).all(...Array.from(sql.matchAll(/\?/g), () => '[]')))
