/** Promises about the tables of a Django project: PostgreSQL as SQLite, a user model of one's own, and keys that are no numbers. */
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { postgresDatabase } from '../../../latchkey/test/services/postgres.js'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from '../cli/cli-kit.js'
import { contents, sqliteModule, writePostgres, writeSqlite } from './world.mjs'

type Rows = readonly Readonly<Record<string, unknown>>[]
type Stored = Readonly<Record<'users' | 'groups' | 'members', Rows>>

const now = () => 1_795_000_000
const databaseOf = ({ folder }: { readonly folder: string }): string => join(folder, 'latchkey-data/latchkey.db')

async function imported(from: string, more = '') {
  const kit = cliKit()
  const { exit, err, value } = await kit.dev(`users import django --from ${from} --json ${more}`.trim(), { now })
  expect([exit, err]).toEqual([EXIT.ok, ''])
  const rows: Stored = await contents(databaseOf(kit))
  return { value, rows }
}

async function projectOfPostgres(name: string) {
  const url = await postgresDatabase(name)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const query = (sql: string, values?: unknown[]) => client.query(sql, values)
  return { url, query }
}

async function projectOfSqlite(sql: string): Promise<string> {
  const { folder } = cliKit()
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(`${folder}/db.sqlite3`)
  database.exec(sql)
  database.close()
  return `sqlite:${folder}/db.sqlite3`
}

describe('PostgreSQL', () => {
  const { folder } = cliKit(afterAll)

  test('gives the rows that SQLite gives', async () => {
    const { url, query } = await projectOfPostgres('django')
    await query('begin')
    await writePostgres(query, 450)
    await query('commit')
    await writeSqlite(`${folder}/db.sqlite3`, 450)
    const [ours, theirs] = [await imported(`sqlite:${folder}/db.sqlite3`), await imported(url)]
    expect(ours.value).toMatchObject({
      users: { created: 450 },
      groups: { created: 2 },
      tokens: { blacklisted: 41, expired: 4 },
    })
    expect(theirs).toEqual(ours)
  })

  test('is where they go as well, a page in a few statements', async () => {
    const target = await postgresDatabase('imported')
    const words = `users import django --from sqlite:${folder}/db.sqlite3 --database ${target} --json`
    const { dev } = cliKit()
    const [first, second] = [await dev(words, { now }), await dev(words, { now })]
    expect(first.value).toMatchObject({ users: { created: 450 }, groups: { created: 2 }, tokens: { blacklisted: 41 } })
    expect(second.value).toMatchObject({ users: { created: 0, known: 450 }, groups: { known: 2 } })
  })

  test('a role that may not read, and a server that goes away, end it with a code of their own', async () => {
    const { url, query } = await projectOfPostgres('refused')
    await writePostgres(query, 1)
    await query('create role django_reader_without_rights login')
    const { dev } = cliKit()
    const as = new URL(url)
    as.username = 'django_reader_without_rights'
    const refused = await dev(`users import django --from ${as.href}`)
    expect([refused.exit, refused.err]).toEqual([EXIT.failed, expect.stringContaining('permission denied for table')])
    const dying = 'case when pg_terminate_backend(pg_backend_pid()) then username end as username'
    await query(`create view dying as select id, ${dying} from auth_user`)
    const gone = await dev(`users import django --user-table dying --from ${url}`)
    expect([gone.exit, gone.err]).toEqual([EXIT.unavailable, expect.stringContaining('does not answer any more')])
  })

  test("keys that are UUIDs, a model of one's own in a schema of its own, and no groups at all", async () => {
    const { url, query } = await projectOfPostgres('uuids')
    await query(
      `create schema people; create table people.member (id uuid primary key, email varchar(254) not null, password varchar(128) not null)`,
    )
    const ids = Array.from({ length: 401 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`)
    for (const id of ids) await query('insert into people.member values ($1, $2, $3)', [id, `m${id}@example.com`, '!x'])
    const { value, rows } = await imported(url, '--user-table people.member --username-field email')
    expect(value).toMatchObject({ users: { created: 401 }, groups: { created: 0 }, complaints: 0 })
    expect(rows.users.map(({ id }) => id)).toEqual(ids)
    expect(rows.users[0]).toMatchObject({
      username: `m${ids[0]}@example.com`,
      email: `m${ids[0]}@example.com`,
      active: 1,
    })
  })
})

describe('SQLite', () => {
  test("a user model of one's own has its groups in tables that are called after it", async () => {
    const { folder } = cliKit()
    await writeSqlite(`${folder}/db.sqlite3`, 42, { table: 'accounts_member', column: 'member_id' })
    const { rows } = await imported(`sqlite:${folder}/db.sqlite3`, '--user-model accounts.Member --permissions django')
    expect(rows.members).toHaveLength(20)
    expect(rows.groups[1]?.entry).toBe('["editors",["blog.add_post","blog.change_post","blog.can_publish"]]')
  })

  test('keys that are UUIDs are written as tokens have them, and --id-field names another column', async () => {
    const from =
      await projectOfSqlite(`create table a_user (id char(32) primary key, number integer, username varchar(9));
      insert into a_user values ('0123456789abcdef0123456789abcdef', 7, 'ann')`)
    const idOf = async (more: string) => (await imported(from, `--user-model a.User ${more}`)).rows.users[0]?.id
    expect([await idOf(''), await idOf('--id-field number')]).toEqual(['01234567-89ab-cdef-0123-456789abcdef', '7'])
  })

  test('values that no column should hold are told by the key of their row', async () => {
    const from =
      await projectOfSqlite(`create table auth_user (id integer primary key, username varchar(150), is_active bool, password varchar(128), date_joined datetime);
      insert into auth_user values (1, 'ann', 7, '', '2020-01-01 00:00:00'), (2, printf('%.*c', 50000000, 'x'), 1, '', '2020-01-01 00:00:00'),
        (3, x'00ff', 1, '', '2020-01-01 00:00:00'), (4, 'bob', 1, 'x', 'then'), (5, 'eve', 1, null, '2020-01-01 00:00:00.5')`)
    const { value, rows } = await imported(from)
    expect(rows.users.map(({ username }) => username)).toEqual(['eve'])
    expect(value).toMatchObject({
      refused: [
        { place: 'pk 1', reason: 'is_active is neither true nor false' },
        { place: 'pk 3', reason: 'its user name is missing, or no text' },
        { place: 'pk 4', reason: 'date_joined is no date' },
        { place: 'pk 2', reason: expect.stringMatching(/^username: At most/) },
      ],
    })
  })

  test('tables and columns that there are not, or that nobody can be called, end it before anything is written', async () => {
    const from = await projectOfSqlite('create table auth_user (id integer primary key, username varchar(150))')
    const { dev } = cliKit()
    const exit = async (more: string) => (await dev(`users import django --from ${from} ${more}`)).exit
    expect(await exit('--user-model other.User')).toBe(EXIT.failed)
    expect(await exit('--username-field login')).toBe(EXIT.failed)
    expect(await exit('--id-field id;drop')).toBe(EXIT.failed)
    expect(await exit('--user-table x";drop')).toBe(EXIT.usage)
  })
})
