/** A PostgreSQL database of somebody else's, of which one snapshot is read and nothing is changed. */
import pg from 'pg'
import { EXIT, failure } from '../cli/failure.js'
import { type Connection, quoted, type Row, type Table } from './connection.js'

/** Throws a failure that names no password where the database does not answer. */
export async function openPostgres(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // What breaks is told by the statement that waits for it.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('begin isolation level repeatable read read only')
  } catch (error) {
    await client.end().catch(() => {})
    throw failure(EXIT.unavailable, 'store_failed', 'The database to import from does not answer.', reasonOf(error))
  }
  return { mark: (position) => `$${position}`, table, all, close: () => client.end() }

  async function all(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return (await client.query(sql, [...values])).rows
    } catch (error) {
      throw broken(error)
    }
  }

  async function table(name: string): Promise<Table | undefined> {
    const sql = `select attname as name, format_type(atttypid, null) as type from pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`
    const rows = await all(sql, [quoted(name)])
    return rows.length === 0 ? undefined : { columns: new Map(rows.map((row) => [String(row.name), String(row.type)])) }
  }
}

/** What is wrong with a question (class 42: no right to a table, a column of another kind) names tables and columns, and no values. */
function broken(error: unknown): Error {
  const reason = reasonOf(error)
  if (reason?.startsWith('42'))
    return failure(EXIT.failed, 'failed', `The database refuses: ${(error as Error).message}.`)
  return failure(EXIT.unavailable, 'store_failed', 'The database to import from does not answer any more.', reason)
}

/** The code alone: messages of drivers may quote what they were given. */
const reasonOf = (error: unknown): string | undefined => {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}
