/** What only PostgreSQL promises: the primary, its timeouts, retries, and rotations of several replicas at once. */
import pg from 'pg'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { accountOf, epochOf, sessionAt, together, trues } from '../../src/stores/conformance/kit.js'
import { openStores } from '../../src/stores/open.js'
import type { Stores } from '../../src/stores/port.js'
import { postgresStores } from '../../src/stores/sql/postgres.js'
import { again } from '../../src/stores/sql/postgres-again.js'
import { connectTo } from '../../src/stores/sql/postgres-servers.js'
import { serversOf } from '../../src/stores/sql/postgres-url.js'
import { systemClock } from '../../src/util/time.js'
import { postgresDatabase } from '../services/postgres.js'
import { postgres } from './kit.js'

let database: string
beforeAll(async () => {
  database = await postgresDatabase('postgres-only')
})

let store: Awaited<ReturnType<typeof postgres>>
let stores: Stores
let other: pg.Client
beforeEach(async () => {
  store = await postgres(database)
  stores = store.stores
  await stores.open()
  other = new pg.Client(store.url)
  await other.connect()
})
afterEach(async () => {
  await stores.close()
  await other.end()
  await store.cleanup()
})

test('every connection times out, syncs before it answers, compiles nothing, and is to a primary', async () => {
  const servers = await connectTo([store.url])
  const lease = await servers.lease()
  const names = [
    'statement_timeout',
    'lock_timeout',
    'idle_in_transaction_session_timeout',
    'synchronous_commit',
    'jit',
  ]
  const read = names.map((name) => `current_setting('${name}') as ${name}`)
  const { rows } = await lease.query(`select ${read.join(', ')}`)
  expect(Object.values(Object(rows[0]))).toEqual(['2s', '2s', '2s', 'on', 'off'])
  lease.release()
  await servers.close()
})

test.each([
  [
    'postgres://u:p@a:1,b:2/n?sslmode=disable',
    ['postgres://u:p@a:1/n?sslmode=disable', 'postgres://u:p@b:2/n?sslmode=disable'],
  ],
  ['postgresql://a/n?target_session_attrs=primary', ['postgresql://a/n']],
  ['postgres://a', ['postgres://a']],
])('%s is %j', (url, servers) => {
  expect(serversOf(url)).toEqual(servers)
})

test.each([
  'postgres://',
  'postgres:///n',
  'mysql://a/n',
  'postgres://a:x/n',
  'postgres://a/n?target_session_attrs=any',
])('%s is refused, and its password is not repeated', (url) => {
  const secret = url.replace('//', '//u:secret@')
  for (const one of [url, secret]) {
    let error: unknown
    try {
      serversOf(one)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'options_invalid' })
    expect(String((error as { hint?: string }).hint)).not.toContain('secret')
  }
})

test('of several servers the one that answers is used', async () => {
  const { port, pathname, search } = new URL(store.url)
  const several = postgresStores({ url: `postgres://postgres@127.0.0.1:1,127.0.0.1:${port}${pathname}${search}` })
  await several.open()
  expect(await several.revocations.stamp()).toBe(0)
  await several.close()
})

test("without a clock of one's own, time is the database's", async () => {
  const own = openStores(store.url, systemClock)
  await own.open()
  const { at } = await own.revocations.append([epochOf('user', 'u1')], 'revoked')
  const { now } = await own.revocations.since(0, 1)
  expect(Math.abs(at - Date.now() / 1_000)).toBeLessThan(5)
  expect(now - at).toBeLessThan(5)
  await own.close()
})

test('a row that somebody holds makes nobody else wait, and its own rotation no longer than two seconds', async () => {
  await together(3, (n) => stores.sessions.create(sessionAt(store.clock.now, { id: `s${n}`, userId: `u${n}` }), 9))
  await other.query(`begin; select id from latchkey_sessions where id = 's1' for update`)
  const began = performance.now()
  const held = stores.sessions.rotate('s1', 0, 'k').catch((error: { code: string }) => error.code)
  expect(await together(2, (n) => stores.sessions.rotate(`s${2 * n}`, 0, 'k'))).toEqual([true, true])
  expect(performance.now() - began).toBeLessThan(1_900)
  expect(await held).toBe('store_failed')
  expect(performance.now() - began).toBeLessThan(3_000)
  await other.query('rollback')
  expect(await stores.sessions.rotate('s1', 0, 'k')).toBe(true)
})

test('groups of several replicas that overlap in every order neither wait for each other nor rotate twice', async () => {
  const replicas = [stores, ...[1, 2, 3].map(() => store.reopen?.() as Stores)]
  await Promise.all(replicas.map((replica) => replica.open()))
  const ids = Array.from({ length: 40 }, (_, n) => `s${n}`)
  await Promise.all(ids.map((id) => stores.sessions.create(sessionAt(store.clock.now, { id, userId: id }), 9)))
  for (let generation = 0; generation < 5; generation++) {
    const answers = await Promise.all(
      replicas.flatMap(({ sessions }, replica) =>
        (replica % 2 ? [...ids].reverse() : ids).map((id) => sessions.rotate(id, generation, `k${replica}`)),
      ),
    )
    expect(trues(answers)).toBe(ids.length)
  }
  const { rows } = await other.query('select deadlocks from pg_stat_database where datname = current_database()')
  expect(Number(rows[0].deadlocks)).toBe(0)
  await Promise.all(replicas.slice(1).map((replica) => replica.close()))
})

test('a plain grouped update does wait for another one for ever', async () => {
  await together(2, (n) => stores.sessions.create(sessionAt(store.clock.now, { id: `s${n}`, userId: `u${n}` }), 9))
  const rival = new pg.Client(store.url)
  await rival.connect()
  const touch = (client: pg.Client, id: string) =>
    client.query('update latchkey_sessions set generation = generation + 1 where id = $1', [id])
  await Promise.all([other.query('begin'), rival.query('begin')])
  await Promise.all([touch(other, 's0'), touch(rival, 's1')])
  const ends = await Promise.allSettled([touch(other, 's1'), touch(rival, 's0')])
  expect(ends.map((end) => (end.status === 'rejected' ? end.reason.code : ''))).toContain('40P01')
  await Promise.all([other.query('rollback'), rival.query('rollback')])
  await rival.end()
})

test('a replica goes on when a newer release adds a column under it', async () => {
  await stores.users.create(accountOf('u1'))
  await together(20, () => stores.users.findById('u1'))
  await other.query('alter table latchkey_users add column newer text')
  for (const found of await together(20, () => stores.users.findById('u1'))) expect(found?.id).toBe('u1')
})

test('what lost against others is done again, three times at most', async () => {
  for (const code of ['40001', '40P01', '23505']) {
    let times = 0
    const lose = (often: number) => async () => {
      if (times++ < often) throw Object.assign(new Error(code), { code })
      return 'done'
    }
    expect(await again(lose(3))).toBe('done')
    times = 0
    await expect(again(lose(4))).rejects.toMatchObject({ code })
    expect(times).toBe(4)
  }
})

test('revocations of overlapping sessions at once do not wait for each other in a circle', async () => {
  const users = Array.from({ length: 8 }, (_, n) => `u${n}`)
  for (let round = 0; round < 3; round++) {
    await Promise.all(
      users.map((userId) =>
        stores.sessions.create(sessionAt(store.clock.now, { id: `${round} ${userId}`, userId }), 9),
      ),
    )
    await Promise.all([
      ...users.map((user) => stores.revocations.append([epochOf('user', user)], 'revoked')),
      ...[...users]
        .reverse()
        .map((user) => stores.revocations.append([epochOf('session', `${round} ${user}`)], 'logout')),
      stores.revocations.append([epochOf('everybody', '')], 'revoked'),
      stores.sessions.prune(store.clock.now, 100),
    ])
  }
})

/** Whether a reader by cursor misses what several writers append. */
async function misses(append: (client: pg.Client, n: number) => Promise<unknown>, table: string): Promise<boolean> {
  const writers = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const client = new pg.Client(store.url)
      await client.connect()
      return client
    }),
  )
  const seen = new Set<string>()
  let cursor = '0'
  let going = true
  const read = async () => {
    const { rows } = await other.query(`select stamp, key from ${table} where stamp > $1 order by stamp`, [cursor])
    for (const row of rows) seen.add(row.key)
    cursor = rows.at(-1)?.stamp ?? cursor
  }
  const reader = (async () => {
    while (going) await read()
  })()
  const each = 60
  await Promise.all(
    writers.map(async (client, writer) => {
      for (let n = 0; n < each; n++) await append(client, writer * each + n)
    }),
  )
  going = false
  await reader
  await read()
  await Promise.all(writers.map((client) => client.end()))
  return seen.size < writers.length * each
}

test('stamps commit in order: a reader by cursor misses nothing, as it does where a sequence counts', async () => {
  const log = (_: pg.Client, n: number) => stores.revocations.append([epochOf('jti', `j${n}`)], 'revoked')
  expect(await misses(log, 'latchkey_epochs')).toBe(false)
  await other.query('create table by_sequence (stamp bigserial, key text)')
  // A writer takes its number and commits a little later, as every transaction of more than one statement does.
  const sequence = async (client: pg.Client, n: number) => {
    await client.query('begin')
    await client.query('insert into by_sequence (key) values ($1)', [`j${n}`])
    if (n % 3 === 0) await client.query('select pg_sleep(0.005)')
    await client.query('commit')
  }
  expect(await misses(sequence, 'by_sequence')).toBe(true)
})
