/** A Django project of any number of users, always the same one: as its tables in SQLite and PostgreSQL, and as what `dumpdata` writes of it. */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

export const PASSWORD = 'lètmein'
const HASH = 'pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A='
const JOINED = Date.UTC(2019, 4, 17, 8, 30)

/** Content type, code name. */
const permissions = [
  ['blog', 'post', 'add_post'],
  ['blog', 'post', 'change_post'],
  ['blog', 'post', 'can_publish'],
  ['auth', 'user', 'view_user'],
]
const groups = [
  ['editors', [1, 2, 3]],
  ['Réviseurs & Co.', [4]],
]

/** Of every thousand one cannot be taken, because no user name here has a space, and one is called as another in capitals. */
const nameOf = (n) => (n % 1000 === 999 ? `user ${n}` : n % 1000 === 500 ? `USER${n - 1}` : `user${n}`)

function userOf(n) {
  return {
    id: n,
    password: n % 13 === 0 ? `!unusable${n}` : HASH,
    last_login: n % 2 === 0 ? new Date(JOINED + n * 2_000).toISOString() : null,
    is_superuser: n === 1,
    username: nameOf(n),
    first_name: n % 4 === 0 ? `Zoë ${n}` : '',
    last_name: '',
    // One in ten has none, and one in a hundred the address of somebody else.
    email: n % 10 === 0 ? '' : n % 100 === 1 ? 'shared@example.com' : `user${n}@example.com`,
    is_staff: n <= 3,
    is_active: n % 50 !== 0,
    date_joined: new Date(JOINED + n * 1_000).toISOString(),
  }
}

const groupsOf = (n) => [...(n % 3 === 0 ? [1] : []), ...(n % 7 === 0 ? [2] : [])]
const permissionsOf = (n) => (n % 11 === 0 ? [3] : [])
/** One user in five has been issued a refresh token; half of these were blacklisted, and a few are over. */
const tokenOf = (n) => ({
  id: n,
  user_id: n,
  jti: n.toString(16).padStart(32, '0'),
  token: `raw.${n}.token`,
  created_at: '2026-10-01T00:00:00.000Z',
  expires_at: n % 100 === 0 ? '2020-01-01T00:00:00Z' : '2099-01-01T00:00:00Z',
})
const isIssued = (n) => n % 5 === 0
const isEnded = (n) => n % 10 === 0

/** As `manage.py dumpdata` writes it, object by object. */
export async function writeDump(path, users) {
  await pipeline(dumpOf(users), createWriteStream(path))
}

function* dumpOf(users) {
  let first = true
  for (const entry of entries(users)) {
    yield `${first ? '[' : ', '}${JSON.stringify(entry)}`
    first = false
  }
  yield ']\n'
}

function* entries(users) {
  for (const [at, [app_label, model]] of permissions.entries())
    yield { model: 'contenttypes.contenttype', pk: at + 1, fields: { app_label, model } }
  for (const [at, [, , codename]] of permissions.entries())
    yield { model: 'auth.permission', pk: at + 1, fields: { name: codename, content_type: at + 1, codename } }
  for (const [at, [name, of]] of groups.entries())
    yield { model: 'auth.group', pk: at + 1, fields: { name, permissions: of } }
  for (let n = 1; n <= users; n += 1) {
    const { id, ...fields } = userOf(n)
    yield { model: 'auth.user', pk: id, fields: { ...fields, groups: groupsOf(n), user_permissions: permissionsOf(n) } }
  }
  for (let n = 1; n <= users; n += 1) {
    const { id, user_id: user, ...fields } = tokenOf(n)
    if (isIssued(n)) yield { model: 'token_blacklist.outstandingtoken', pk: id, fields: { ...fields, user } }
  }
  for (let n = 1; n <= users; n += 1) {
    if (isEnded(n))
      yield {
        model: 'token_blacklist.blacklistedtoken',
        pk: n,
        fields: { token: n, blacklisted_at: '2026-10-02T00:00:00Z' },
      }
  }
}

/** As Django 3.2 to 5 makes them, without their indexes. `%` is what the dialect writes differently. */
const tables = ({ key, bool, time }, user) => `
  create table django_content_type (id ${key}, app_label varchar(100) not null, model varchar(100) not null);
  create table auth_permission (id ${key}, content_type_id integer not null, codename varchar(100) not null, name varchar(255) not null);
  create table auth_group (id ${key}, name varchar(150) not null unique);
  create table auth_group_permissions (id ${key}, group_id integer not null, permission_id integer not null);
  create table ${user.table} (id ${key}, password varchar(128) not null, last_login ${time}, is_superuser ${bool} not null,
    username varchar(150) not null unique, last_name varchar(150) not null, email varchar(254) not null, is_staff ${bool} not null,
    is_active ${bool} not null, date_joined ${time} not null, first_name varchar(150) not null);
  create table ${user.table}_groups (id ${key}, ${user.column} integer not null, group_id integer not null);
  create table ${user.table}_user_permissions (id ${key}, ${user.column} integer not null, permission_id integer not null);
  create table token_blacklist_outstandingtoken (token text not null, created_at ${time}, expires_at ${time} not null,
    user_id integer, jti varchar(255) not null unique, id ${key});
  create table token_blacklist_blacklistedtoken (blacklisted_at ${time} not null, token_id bigint not null unique, id ${key});`

const dialects = {
  sqlite: { key: 'integer not null primary key autoincrement', bool: 'bool', time: 'datetime' },
  postgres: { key: 'serial not null primary key', bool: 'boolean', time: 'timestamp with time zone' },
}

const usual = { table: 'auth_user', column: 'user_id' }

/** `run(sql, values)` is a statement of the dialect, its values marked with `?`. */
async function writeTables(run, dialect, users, user) {
  for (const statement of tables(dialects[dialect], user).split(';').slice(0, -1)) await run(statement, [])
  const insert = (table, row) => {
    const names = Object.keys(row)
    return run(
      `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
      Object.values(row),
    )
  }
  for (const [at, [app_label, model]] of permissions.entries())
    await insert('django_content_type', { id: at + 1, app_label, model })
  for (const [at, [, , codename]] of permissions.entries())
    await insert('auth_permission', { id: at + 1, content_type_id: at + 1, codename, name: codename })
  for (const [at, [name, of]] of groups.entries()) {
    await insert('auth_group', { id: at + 1, name })
    for (const permission_id of of) await insert('auth_group_permissions', { group_id: at + 1, permission_id })
  }
  for (let n = 1; n <= users; n += 1) {
    await insert(user.table, userOf(n))
    for (const group_id of groupsOf(n)) await insert(`${user.table}_groups`, { [user.column]: n, group_id })
    for (const permission_id of permissionsOf(n))
      await insert(`${user.table}_user_permissions`, { [user.column]: n, permission_id })
    if (isIssued(n)) await insert('token_blacklist_outstandingtoken', tokenOf(n))
    if (isEnded(n))
      await insert('token_blacklist_blacklistedtoken', { token_id: n, blacklisted_at: '2026-10-02T00:00:00Z', id: n })
  }
}

export async function writeSqlite(path, users, user = usual) {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(path)
  const statements = new Map()
  database.exec('pragma journal_mode = off')
  database.exec('begin')
  await writeTables(run, 'sqlite', users, user)
  database.exec('commit')
  database.close()

  function run(sql, values) {
    const known = statements.get(sql) ?? database.prepare(sql)
    if (values.length > 0) statements.set(sql, known)
    // Django writes a space between day and time, and no zone.
    known.run(...values.map(plain))
  }
}

function plain(value) {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
    ? value.replace('T', ' ').replace(/(\.\d+)?Z$/, '$1')
    : value
}

/** `query(sql, values)` is that of a client of `pg`. */
export function writePostgres(query, users, user = usual) {
  const run = (sql, values) => {
    const [first, ...rest] = sql.split('?')
    return query(
      rest.reduce((text, part, at) => `${text}$${at + 1}${part}`, first),
      values,
    )
  }
  return writeTables(run, 'postgres', users, user)
}

/** What is in a SQLite database of Latchkey that no clock has written: equal for two that hold the same. */
export async function contents(path) {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const all = (sql) =>
      database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }))
    return {
      users: all('select * from latchkey_users order by id'),
      identities: all('select * from latchkey_identities order by "row", subject'),
      groups: all('select name, entry from latchkey_groups order by name'),
      members: all('select group_name, user_id from latchkey_members order by group_name, user_id'),
      epochs: all('select scope, "row", "key", until from latchkey_epochs order by scope, "row", "key"'),
    }
  } finally {
    database.close()
  }
}

export async function sqliteModule() {
  try {
    return await import('node:sqlite')
  } catch {
    return await import('@photostructure/sqlite')
  }
}
