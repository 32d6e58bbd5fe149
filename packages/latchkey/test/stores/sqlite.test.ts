/** What only SQLite promises: its file, its faults, its locks and its group commit. */
import { copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountOf, epochOf, groupOf, sessionAt, together, tokenOf, trues } from '../../src/stores/conformance/kit.js'
import type { Stores } from '../../src/stores/port.js'
import { sqliteStores } from '../../src/stores/sql/sqlite.js'
import { type SqliteDatabase, sqliteModule } from '../../src/stores/sql/sqlite-module.js'
import { sqlite } from './kit.js'
import { type Watcher, watched } from './watched.js'

const now = 1_800_000_000
const clock = () => now

let store: Awaited<ReturnType<typeof sqlite>>
let stores: Stores
beforeEach(async () => {
  store = await sqlite()
  stores = store.stores
})
afterEach(async () => {
  await stores.close()
  await store.cleanup()
})

/** Opens with somebody looking on. */
async function openWatched(watcher: Watcher): Promise<void> {
  stores = sqliteStores({ path: store.path, clock }, () => watched(watcher))
  await stores.open()
}

async function raw(): Promise<SqliteDatabase> {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(store.path)
  database.exec('pragma busy_timeout = 0')
  return database
}

test('a new database and the files beside it are for its owner only', async () => {
  await stores.open()
  await stores.users.create(accountOf('u1'))
  for (const suffix of ['', '-wal', '-shm']) expect(statSync(store.path + suffix).mode & 0o777).toBe(0o600)
})

test('every connection writes ahead, syncs fully and never waits for a lock', async () => {
  const databases = new Set<SqliteDatabase>()
  await openWatched((_, database) => void databases.add(database))
  expect(databases.size).toBe(2)
  for (const database of databases) {
    const settings = ['journal_mode', 'synchronous', 'busy_timeout'].map(
      (name) => Object.values(Object(database.prepare(`pragma ${name}`).all()[0]))[0],
    )
    expect(settings).toEqual(['wal', 2, 0])
  }
})

test('a store is refused before it is open and after it was closed, and opens again', async () => {
  await expect(stores.users.findById('u1')).rejects.toMatchObject({ code: 'store_failed' })
  await stores.open()
  await stores.users.create(accountOf('u1'))
  const writing = stores.users.create(accountOf('u2'))
  await stores.close()
  expect(await writing).toBe(true)
  await expect(stores.users.findById('u1')).rejects.toMatchObject({ code: 'store_failed' })
  await stores.open()
  expect(await stores.users.findById('u2')).toMatchObject({ id: 'u2' })
})

test('a database of a newer release does not start, and is left as it is', async () => {
  await stores.open()
  await stores.close()
  const database = await raw()
  const [known] = database.prepare('select version from latchkey_schema').all() as { version: number }[]
  database.exec('update latchkey_schema set version = 99')
  await expect(stores.open()).rejects.toMatchObject({ code: 'options_invalid', hint: expect.stringContaining('99') })
  expect(database.prepare('select version from latchkey_schema').all()).toMatchObject([{ version: 99 }])
  database.exec(`update latchkey_schema set version = ${known?.version}`)
  database.close()
  await stores.open()
})

test('what is no database, no folder and no path does not open', async () => {
  writeFileSync(store.path, 'no database at all, but long enough to be read as one'.repeat(100))
  await expect(stores.open()).rejects.toMatchObject({ code: 'store_failed' })
  const folderless = sqliteStores({ path: `${store.path}/none/auth.db`, clock })
  await expect(folderless.open()).rejects.toMatchObject({ code: 'store_failed' })
  for (const path of ['', ':memory:']) {
    await expect(sqliteStores({ path, clock }).open()).rejects.toMatchObject({ code: 'options_invalid' })
  }
})

test('opening goes on from whatever statement it was killed before', async () => {
  // The files as they are before each statement are what kill -9 leaves behind.
  let copies = 0
  await openWatched(() => {
    copies++
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(store.path + suffix)) copyFileSync(store.path + suffix, `${store.path}.${copies}${suffix}`)
    }
  })
  const expected = copies
  expect(expected).toBeGreaterThan(20)
  for (let copy = 1; copy <= expected; copy++) {
    const left = sqliteStores({ path: `${store.path}.${copy}`, clock })
    await left.open()
    expect(await left.users.offerBootstrap('nonce')).toEqual({ nonce: 'nonce', used: false })
    expect(await left.revocations.since(0, 9)).toMatchObject({ epochs: [], head: 0, ring: 0 })
    await left.close()
  }
})

test('64 rotations at once are one commit', async () => {
  const statements: string[] = []
  await openWatched((sql) => void statements.push(sql))
  await together(64, (index) => stores.sessions.create(sessionAt(now, { id: `s${index}` }), 99))
  statements.length = 0
  expect(trues(await together(64, (index) => stores.sessions.rotate(`s${index}`, 0, 'k2')))).toBe(64)
  expect(statements.filter((sql) => sql === 'commit')).toHaveLength(1)
})

test('a rotation is answered only after its commit, and a failed commit is no rotation', async () => {
  let fails = false
  await openWatched((sql) => {
    if (fails && sql === 'commit') throw new Error('the disk is gone')
  })
  await together(3, (index) => stores.sessions.create(sessionAt(now, { id: `s${index}` }), 9))
  fails = true
  const answers = await Promise.allSettled([0, 1, 2].map((index) => stores.sessions.rotate(`s${index}`, 0, 'k2')))
  for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'store_failed' } })
  fails = false
  expect(trues(await together(3, (index) => stores.sessions.rotate(`s${index}`, 0, 'k2')))).toBe(3)
})

test('a transaction that fails at any statement leaves nothing behind', async () => {
  let left = Number.POSITIVE_INFINITY
  await openWatched(() => {
    if (left-- <= 0) throw new Error('a fault')
  })
  const works: Readonly<Record<string, () => Promise<unknown>>> = {
    create: () => stores.sessions.create(sessionAt(now, { id: 'new' }), 1),
    append: () => stores.revocations.append([epochOf('user', 'u1'), epochOf('everybody', '')], 'revoked', 's1'),
    save: () => stores.keys.save(0, 'sealed', [epochOf('key', 'k')]),
    claim: () => stores.users.claimBootstrap('nonce', accountOf('u1')),
    announce: () => stores.keys.announce(['k1', 'k2']),
    provision: () => stores.identities.provision('idp', 'new', accountOf('u2')),
    link: () => stores.identities.link('idp', 'new', 'u0', 7),
    remove: () => stores.users.remove('u0'),
    revoke: () => stores.apiTokens.revoke('t1', 7, 8),
    join: () => stores.groups.join('staff', 'u1', 7),
    change: () => stores.groups.change('editors', [], ['posts:write'], 7),
    removeGroup: () => stores.groups.remove('editors', 7),
  }
  await stores.users.create(accountOf('u0'))
  for (const name of ['staff', 'editors']) await stores.groups.create(groupOf(name))
  await stores.groups.join('editors', 'u0', 7)
  await stores.identities.link('idp', 'ann', 'u0', 7)
  await stores.apiTokens.create(tokenOf('t1', { userId: 'u0' }))
  await stores.sessions.create(sessionAt(now), 9)
  await stores.users.offerBootstrap('nonce')
  const before = await everything()
  for (const [name, work] of Object.entries(works)) {
    for (let statements = 0; statements < 4; statements++) {
      left = statements
      await expect(work(), `${name} ${statements}`).rejects.toMatchObject({ code: 'store_failed' })
      left = Number.POSITIVE_INFINITY
      expect(await everything(), `${name} ${statements}`).toEqual(before)
    }
  }

  async function everything(): Promise<unknown[]> {
    const tables = [
      stores.identities.find('idp', 'new'),
      stores.identities.list('u0'),
      stores.apiTokens.list({}, '', 9),
      stores.sessions.list('u1'),
      stores.revocations.since(0, 9),
      stores.keys.load(),
      stores.users.list('', 9),
      stores.groups.list('', 9),
    ]
    return Promise.all([...tables, stores.users.offerBootstrap('other'), stores.sessions.find('new')])
  }
})

test('a full disk fails one request, and the next is fine when there is room', async () => {
  const databases: SqliteDatabase[] = []
  await openWatched((_, database) => void databases.push(database))
  const limitTo = (pages: number) => databases[0]?.exec(`pragma max_page_count = ${pages}`)
  await stores.users.create(accountOf('u1'))
  limitTo(1)
  const big = accountOf('u2', { permissions: ['x'.repeat(100_000)] })
  const failure = await stores.users.create(big).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'store_failed', cause: { message: expect.stringContaining('full') } })
  expect(await stores.users.findById('u2')).toBeUndefined()
  limitTo(1_000_000)
  expect(await stores.users.create(big)).toBe(true)
})

test('no error holds a value', async () => {
  const canary = 'canary-4711'
  await openWatched((sql, database) => {
    if (sql.startsWith('insert into "latchkey_users"')) database.exec('drop table latchkey_users')
  })
  const account = accountOf(canary, { username: canary, passwordHash: canary })
  const failure = await stores.users.create(account).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'store_failed' })
  const refused = await stores.users.findByLogin(`${canary}\0`).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'request_invalid' })
  expect(inspect([failure, refused], { depth: 9, showHidden: true })).not.toContain(canary)
})

test('while another process writes, reads go on, the event loop turns, and the write comes through', async () => {
  await stores.open()
  await stores.sessions.create(sessionAt(now), 9)
  const other = await raw()
  other.exec('begin immediate')
  const rotated = stores.sessions.rotate('s1', 0, 'k2')
  const start = performance.now()
  for (let turn = 0; turn < 20; turn++) {
    expect((await stores.sessions.find('s1'))?.session.generation).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // Waiting inside SQLite would have taken seconds at the first turn.
  expect(performance.now() - start).toBeLessThan(1_500)
  other.exec('commit')
  other.close()
  expect(await rotated).toBe(true)
})

test('who finds the database locked for two seconds is told so, and none waits for the others', async () => {
  await stores.open()
  await stores.sessions.create(sessionAt(now), 9)
  const other = await raw()
  other.exec('begin immediate')
  const start = performance.now()
  const answers = await Promise.allSettled([
    stores.sessions.rotate('s1', 0, 'k2'),
    ...[1, 2, 3].map((n) => stores.users.create(accountOf(`u${n}`))),
    stores.revocations.append([epochOf('user', 'u1')], 'revoked'),
  ])
  expect(performance.now() - start).toBeLessThan(4_000)
  for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'store_failed', retryAfter: 1 } })
  other.exec('rollback')
  other.close()
  expect(await stores.sessions.rotate('s1', 0, 'k2')).toBe(true)
})
