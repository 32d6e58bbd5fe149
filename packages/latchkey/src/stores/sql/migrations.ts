/** The numbered migrations. Each is one transaction together with its number, so a killed process leaves all of it or nothing. */
import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import { AuthError } from '../../errors.js'
import type { Database, TextType } from './database.js'
import { ONLY, type Schema } from './schema.js'

/** `text` is what the dialect calls text that is compared by its bytes. */
type Migration = (db: Kysely<Schema>, text: TextType) => Promise<void>

/** Never edited once released: a change is one more entry. */
const migrations: readonly Migration[] = [firstTables, issuerTables, groupTables, previousSecrets]

/** Brings the schema up to date. Throws `options_invalid` when a newer release has been here. */
export async function migrate(database: Database): Promise<void> {
  while (await step(database)) {
    // One migration after the other, each its own transaction.
  }
}

/** Applies the next missing migration; `false` when there is none. */
function step(database: Database): Promise<boolean> {
  return database.write(async (trx) => {
    await database.serialise(trx, 'schema')
    const version = await versionOf(trx)
    if (version > migrations.length) {
      throw new AuthError('options_invalid', {
        hint: `the database has schema ${version}, and this release knows ${migrations.length}: start a newer release`,
      })
    }
    const next = migrations[version]
    if (!next) return false
    await next(trx, database.text)
    await trx
      .updateTable('latchkey_schema')
      .set({ version: version + 1 })
      .execute()
    return true
  })
}

async function versionOf(trx: Kysely<Schema>): Promise<number> {
  await single(trx, 'latchkey_schema')
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute()
  await trx
    .insertInto('latchkey_schema')
    .values({ id: ONLY, version: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { version } = await trx.selectFrom('latchkey_schema').select('version').executeTakeFirstOrThrow()
  return version
}

/** A table of at most one row. */
function single(db: Kysely<Schema>, table: keyof Schema): CreateTableBuilder<string, 'id'> {
  const only = sql`id = ${sql.lit(ONLY)}`
  return db.schema
    .createTable(table)
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql<boolean>`${only}`))
}

async function firstTables(db: Kysely<Schema>, text: TextType): Promise<void> {
  await revocationTables(db, text)
  await sessionTable(db, text)
  await userTables(db, text)
  await keyTables(db, text)
}

async function revocationTables(db: Kysely<Schema>, text: TextType): Promise<void> {
  await single(db, 'latchkey_counter')
    .addColumn('stamp', 'bigint', (column) => column.notNull())
    .execute()
  await db.insertInto('latchkey_counter').values({ id: ONLY, stamp: 0 }).execute()
  await db.schema
    .createTable('latchkey_epochs')
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('row', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('stamp', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('latchkey_epochs_key', ['scope', 'row', 'key'])
    .execute()
  await index(db, 'latchkey_epochs', 'stamp')
  await index(db, 'latchkey_epochs', 'until')
}

async function sessionTable(db: Kysely<Schema>, text: TextType): Promise<void> {
  let table = db.schema
    .createTable('latchkey_sessions')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
  for (const name of ['user_id', 'seed', 'secret_id'] as const)
    table = table.addColumn(name, text, (column) => column.notNull())
  const counts = [
    'stamp',
    'generation',
    'rotated_at',
    'created_at',
    'authenticated_at',
    'last_seen_at',
    'expires_at',
    'idle_seconds',
  ]
  for (const name of counts) table = table.addColumn(name, 'bigint', (column) => column.notNull())
  table = table.addColumn('ended_at', 'bigint')
  for (const name of ['ended_by', 'device', 'address', 'scope']) table = table.addColumn(name, text)
  await table.execute()
  await index(db, 'latchkey_sessions', 'user_id')
  await index(db, 'latchkey_sessions', 'ended_at')
  await index(db, 'latchkey_sessions', 'expires_at')
}

async function userTables(db: Kysely<Schema>, text: TextType): Promise<void> {
  await db.schema
    .createTable('latchkey_users')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('username', text, (column) => column.notNull().unique())
    .addColumn('email', text, (column) => column.unique())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('admin', 'integer', (column) => column.notNull())
    .addColumn('permissions', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('password_hash', text)
    .execute()
  await single(db, 'latchkey_bootstrap')
    .addColumn('nonce', text, (column) => column.notNull())
    .addColumn('used', 'integer', (column) => column.notNull())
    .execute()
}

async function keyTables(db: Kysely<Schema>, text: TextType): Promise<void> {
  await single(db, 'latchkey_keyring')
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('sealed', text, (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('latchkey_secrets')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('known_since', 'bigint', (column) => column.notNull())
    .execute()
}

async function issuerTables(db: Kysely<Schema>, text: TextType): Promise<void> {
  const users = () => db.schema.alterTable('latchkey_users')
  await users()
    .addColumn('attributes', text, (column) => column.notNull().defaultTo('{}'))
    .execute()
  await users().addColumn('last_login_at', 'bigint').execute()
  await db.schema
    .createTable('latchkey_identities')
    .addColumn('row', text, (column) => column.notNull())
    .addColumn('subject', text, (column) => column.notNull())
    .addColumn('user_id', text)
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('latchkey_identities_key', ['row', 'subject'])
    .execute()
  await index(db, 'latchkey_identities', 'user_id')
  await db.schema
    .createTable('latchkey_key_sets')
    .addColumn('row', text, (column) => column.primaryKey().notNull())
    .addColumn('text', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
  await apiTokenTable(db, text)
}

async function apiTokenTable(db: Kysely<Schema>, text: TextType): Promise<void> {
  let table = db.schema
    .createTable('latchkey_api_tokens')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
  for (const name of ['user_id', 'name', 'hash']) table = table.addColumn(name, text, (column) => column.notNull())
  table = table.addColumn('permissions', text).addColumn('created_at', 'bigint', (column) => column.notNull())
  for (const name of ['expires_at', 'last_used_at', 'revoked_at']) table = table.addColumn(name, 'bigint')
  await table.execute()
  for (const name of ['user_id', 'expires_at', 'revoked_at']) await index(db, 'latchkey_api_tokens', name)
}

async function groupTables(db: Kysely<Schema>, text: TextType): Promise<void> {
  await db.schema
    .createTable('latchkey_groups')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('entry', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('latchkey_members')
    .addColumn('group_name', text, (column) => column.notNull())
    .addColumn('user_id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('latchkey_members_key', ['group_name', 'user_id'])
    .execute()
  await index(db, 'latchkey_members', 'user_id')
}

/** Sessions of an earlier release have none until their next rotation, and until then their retries are judged as they were. */
async function previousSecrets(db: Kysely<Schema>, text: TextType): Promise<void> {
  await db.schema.alterTable('latchkey_sessions').addColumn('previous_secret_id', text).execute()
}

async function index(db: Kysely<Schema>, table: keyof Schema, column: string): Promise<void> {
  await db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute()
}
