/** A database that an earlier release filled is brought up to date, once, with everything that is in it. */
import pg from 'pg'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { accountOf, groupOf, shown, tokenOf } from '../../src/stores/conformance/kit.js'
import type { Stores } from '../../src/stores/port.js'
import { sqliteModule } from '../../src/stores/sql/sqlite-module.js'
import { postgresDatabase } from '../services/postgres.js'
import { CROWD, firstInsert, firstSchema } from './first-schema.js'
import { postgres, sqlite } from './kit.js'

interface Place {
  reopen(): Stores
  /** Runs a statement beside the stores. */
  query(sql: string): Promise<readonly object[]>
  /** Every column and every index, to compare. */
  shape(): Promise<readonly object[]>
  cleanup(): Promise<void>
}

let database: string
beforeAll(async () => {
  database = await postgresDatabase('migrations')
})

const places: Readonly<Record<string, { readonly text: string; make(): Promise<Place> }>> = {
  SQLite: { text: 'text', make: sqlitePlace },
  PostgreSQL: { text: 'text collate "C"', make: postgresPlace },
}

async function sqlitePlace(): Promise<Place> {
  const { path, reopen, cleanup } = await sqlite()
  const { DatabaseSync } = await sqliteModule()
  const file = new DatabaseSync(path)
  const query = async (sql: string) => file.prepare(sql).all() as object[]
  const shape = () =>
    query(`select m.name as "table", c.name, c.type, c."notnull", c.dflt_value, c.pk
      from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' union all
      select tbl_name, name, replace(coalesce(sql, ''), '"', ''), '', '', '' from sqlite_master where type = 'index' order by 1, 2`)
  const end = async () => {
    file.close()
    await cleanup()
  }
  return { reopen: reopen as () => Stores, query, shape, cleanup: end }
}

async function postgresPlace(): Promise<Place> {
  const { url, reopen, cleanup } = await postgres(database)
  const client = new pg.Client(url)
  await client.connect()
  const query = async (sql: string) => (await client.query(sql)).rows
  const shape = () =>
    query(`select table_name, column_name, data_type, collation_name, is_nullable, column_default
      from information_schema.columns where table_schema = current_schema() union all
      select tablename, indexname, replace(indexdef, current_schema(), ''), '', '', ''
      from pg_indexes where schemaname = current_schema() order by 1, 2`)
  const end = async () => {
    await client.end()
    await cleanup()
  }
  return { reopen: reopen as () => Stores, query, shape, cleanup: end }
}

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function fill({ query }: Place, statements: readonly string[]): Promise<void> {
  for (const sql of ['begin', ...statements, 'commit']) await query(sql)
}

/** Stores over a database, which is empty or the first release's. */
async function started(name: string, statements: readonly string[]): Promise<Place & { readonly stores: Stores }> {
  const place = await (places[name] as (typeof places)[string]).make()
  open.push(place.cleanup)
  await fill(place, statements)
  // All at once: two processes of the new release may be the first.
  const several = [1, 2, 3, 4].map(() => place.reopen())
  for (const stores of several) open.push(stores.close)
  await Promise.all(several.map((stores) => stores.open()))
  return { ...place, stores: several[0] as Stores }
}

describe.each(Object.keys(places))('%s', (name) => {
  const first = firstSchema(places[name]?.text ?? '')

  test('what the first release wrote is what the stores answer', async () => {
    const { stores } = await started(name, first)
    const { users, sessions, revocations, keys } = stores
    expect(await users.list('', 1_000)).toHaveLength(CROWD)
    expect(await users.findByLogin('name-u5')).toEqual({ user: shown(accountOf('u5')), passwordHash: 'hash' })
    expect(await users.findByLogin('ß\u{1f600}')).toMatchObject({ user: { active: false, permissions: ['a "b"'] } })
    expect(await users.findById('root')).toMatchObject({ admin: true, attributes: {}, lastLoginAt: null })
    expect(await sessions.rotate('s1', 4, 'k2')).toBe(true)
    expect(await revocations.since(0, 9)).toMatchObject({ epochs: [{ key: 'u7' }], head: 1_800_000_000_001, ring: 3 })
    expect(await keys.load()).toEqual({ version: 3, sealed: 'sealed' })
    expect(await users.offerBootstrap('other')).toEqual({ nonce: 'nonce', used: true })
  })

  test('what is new works on what was there', async () => {
    const { stores, query } = await started(name, first)
    const { users, groups, identities, apiTokens, keySets } = stores
    expect(await users.signedIn('u1', 7)).toBe(true)
    expect(await identities.link('idp', 'ann', 'u1', 7)).toBe(true)
    expect(await groups.create(groupOf('staff'))).toBe(true)
    expect(await groups.join('staff', 'u2', 7)).toBe(true)
    expect(await users.findById('u2')).toMatchObject({ groups: ['staff'] })
    expect(await identities.provision('idp', 'bob', accountOf('new', { username: 'root' }))).toBe('taken')
    await apiTokens.create(tokenOf('t1'))
    await keySets.save('idp', 'keys', 7)
    expect(await users.remove('u1')).toBe(true)
    expect(await users.remove('root')).toBe(false)
    expect(await identities.find('idp', 'ann')).toMatchObject({ userId: null })
    await query(firstInsert('late'))
    expect(await users.findById('late')).toMatchObject({ attributes: {}, lastLoginAt: null, groups: [] })
  })

  test('a database that was brought up to date is what a new one is', async () => {
    const [old, fresh] = [await started(name, first), await started(name, [])]
    const shape = await fresh.shape()
    expect(shape.length).toBeGreaterThan(40)
    expect(await old.shape()).toEqual(shape)
    expect(await old.query('select version from latchkey_schema')).toMatchObject([{ version: 4 }])
  })

  test('the first tables alone are not', async () => {
    const { make } = places[name] as (typeof places)[string]
    const place = await make()
    open.push(place.cleanup)
    await fill(place, first)
    const fresh = await started(name, [])
    expect(await place.shape()).not.toEqual(await fresh.shape())
  })
})
