/** A SQLite file of somebody else's, opened for reading only. */
import { statSync } from 'node:fs'
import { EXIT, failure } from '../cli/failure.js'
import { plain } from '../cli/table.js'
import { type Connection, quoted, type Row, type Table } from './connection.js'

interface Database {
  exec(sql: string): void
  prepare(sql: string): { all(...values: unknown[]): unknown[] }
  close(): void
}

interface Module {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => Database
}

/** Throws a failure where there is no such file, or it is no database. */
export async function openSqlite(path: string): Promise<Connection> {
  // SQLite would make one.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw failure(EXIT.failed, 'not_found', `There is no file ${plain(path)}.`)
  }
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    database.exec('pragma busy_timeout = 5000')
    database.exec('begin')
    database.prepare('select count(*) from sqlite_master').all()
  } catch (error) {
    database.close()
    if (/locked|busy/.test(String(error))) {
      throw failure(EXIT.unavailable, 'store_failed', `Somebody writes to ${plain(path)}.`, 'import from a copy')
    }
    throw failure(EXIT.failed, 'failed', `${plain(path)} is no SQLite database.`)
  }
  const all = async (sql: string, values: readonly unknown[]): Promise<readonly Row[]> =>
    database.prepare(sql).all(...values) as Row[]
  return { mark: () => '?', table, all, close }

  async function close(): Promise<void> {
    // Statements that nobody has collected yet keep a closed database open, and with it the lock that keeps Django from writing.
    database.exec('commit')
    database.close()
  }

  async function table(name: string): Promise<Table | undefined> {
    const rows = await all(`pragma table_info(${quoted(name)})`, [])
    if (rows.length === 0) return undefined
    return { columns: new Map(rows.map((row) => [String(row.name), String(row.type).toLowerCase()])) }
  }
}

async function sqliteModule(): Promise<Module> {
  // A variable, because the types of Node 20 do not know the name.
  const builtIn = 'node:sqlite'
  try {
    return await import(builtIn)
  } catch {
    return (await import('@photostructure/sqlite')) as unknown as Module
  }
}
