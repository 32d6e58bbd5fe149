/** Accounts in SQL. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { attributesOf, attributesText } from '../attributes.js'
import { rightsOf } from '../membership.js'
import type { Account, AccountPatch, AccountStore, NewAccount } from '../port.js'
import { createBootstrap } from './bootstrap.js'
import type { Database } from './database.js'
import type { Raise } from './epochs.js'
import { lastLogin } from './last-login.js'
import { leadsNotAlone, othersThan } from './leaders.js'
import { createRemoval } from './removal.js'
import type { Schema, UserTable } from './schema.js'
import { affected } from './statement.js'

export function createUsers(database: Database, raise: Raise): AccountStore {
  const { read } = database
  const seen = lastLogin(read)
  const by = (column: 'id' | 'username') =>
    database.finder((asked) =>
      selectAccounts(read)
        .select(`${column} as key`)
        .where((eb) => asked(eb.ref(column))),
    )
  const [byId, byName] = [by('id'), by('username')]
  const port = { findById, findByLogin, setPasswordHash, create, change, signedIn, list }
  return { ...port, remove: createRemoval(database, raise), ...createBootstrap(database, insert) }

  async function findById(id: string): Promise<Account | undefined> {
    const row = await byId(id)
    return row && toAccount(row)
  }

  async function findByLogin(username: string): ReturnType<AccountStore['findByLogin']> {
    const row = await byName(username)
    return row && { user: toAccount(row), passwordHash: row.password_hash }
  }

  function setPasswordHash(id: string, hash: string, expect: string | null): Promise<boolean> {
    return database.write((trx) => update(trx, id, { passwordHash: hash }, { passwordHash: expect }))
  }

  function create(account: NewAccount): Promise<boolean> {
    return database.write((trx) => insert(trx, account))
  }

  function change(id: string, patch: AccountPatch, expect: AccountPatch): Promise<boolean> {
    return database.write(async (trx) => {
      await database.serialise(trx, 'accounts')
      return update(trx, id, patch, expect)
    })
  }

  function signedIn(userId: string, at: number): Promise<boolean> {
    return database.write(async (trx) => affected(await seen(trx, { userId, at })) === 1)
  }

  async function list(after: string, limit: number): Promise<readonly Account[]> {
    const page = selectAccounts(read).where('username', '>', after).orderBy('username')
    return (await page.limit(limit).execute()).map(toAccount)
  }
}

/** `false` when the id, the user name or the e-mail address is taken. */
export async function insert(trx: Kysely<Schema>, account: NewAccount): Promise<boolean> {
  const query = trx
    .insertInto('latchkey_users')
    .values(rowOf(account))
    .onConflict((conflict) => conflict.doNothing())
  return affected(await trx.executeQuery(query)) === 1
}

/** One UPDATE, all of whose conditions are in its WHERE. */
async function update(trx: Kysely<Schema>, id: string, patch: AccountPatch, expect: AccountPatch): Promise<boolean> {
  // An empty patch is a question whether the expectations hold; setting the id to itself makes it a statement.
  let query = trx
    .updateTable('latchkey_users')
    .set({ id, ...columnsOf(patch) })
    .where('id', '=', id)
  for (const [name, value] of Object.entries(columnsOf(expect))) {
    query = query.where(name as keyof UserTable, value === null ? 'is' : '=', value)
  }
  for (const name of ['username', 'email'] as const) {
    const value = patch[name]
    if (typeof value === 'string')
      query = query.where((eb) => eb.not(eb.exists(othersThan(trx, id).where(name, '=', value))))
  }
  if (patch.active === false || patch.admin === false) {
    query = query.where(leadsNotAlone(trx, id))
  }
  return affected(await trx.executeQuery(query)) === 1
}

export function rowOf({
  id,
  username,
  email,
  active,
  admin,
  permissions,
  passwordHash,
  ...facts
}: NewAccount): UserTable {
  const { createdAt, attributes, lastLoginAt } = facts
  const flags = { active: Number(active), admin: Number(admin) }
  const texts = { permissions: JSON.stringify(permissions), attributes: attributesText(attributes) }
  const times = { created_at: createdAt, last_login_at: lastLoginAt }
  return { id, username, email, ...flags, ...texts, ...times, password_hash: passwordHash }
}

// Name by name, so that a patch from outside cannot bring an id or a column that no account has.
function columnsOf(patch: AccountPatch): Partial<UserTable> {
  const { username, email, active, admin, permissions, attributes, passwordHash } = patch
  const given = {
    username,
    email,
    active: active === undefined ? undefined : Number(active),
    admin: admin === undefined ? undefined : Number(admin),
    permissions: permissions && JSON.stringify(permissions),
    attributes: attributes && attributesText(attributes),
    password_hash: passwordHash,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** An account with the entries of its groups, one after the other. */
type AccountRow = UserTable & { readonly entries: string | null }

/** Accounts, and in the same snapshot what their groups have. */
export function selectAccounts(db: Kysely<Schema>): SelectQueryBuilder<Schema, 'latchkey_users', AccountRow> {
  const entries = sql<string | null>`(select string_agg(g.entry, ',') from latchkey_members m
    join latchkey_groups g on g.name = m.group_name where m.user_id = latchkey_users.id)`
  return db.selectFrom('latchkey_users').selectAll().select(entries.as('entries'))
}

export function toAccount(row: AccountRow): Account {
  const { id, username, email } = row
  const entries: readonly [string, readonly string[]][] = JSON.parse(`[${row.entries ?? ''}]`)
  const groups = entries.map(([name, permissions]) => ({ name, permissions }))
  return {
    id,
    username,
    email,
    active: row.active === 1,
    admin: row.admin === 1,
    ...rightsOf(JSON.parse(row.permissions), groups),
    createdAt: row.created_at,
    attributes: attributesOf(row.attributes),
    lastLoginAt: row.last_login_at,
  }
}
