/** Opens a SQLite file: the two connections, and what must be set on each. */
import { open as openFile } from 'node:fs/promises'
import { Kysely, sql } from 'kysely'
import type { Clock } from '../../util/time.js'
import type { Database } from './database.js'
import { amongJson, groupedFinder } from './finder.js'
import { migrate } from './migrations.js'
import type { Schema } from './schema.js'
import { whenFree } from './sqlite-busy.js'
import { type SqliteConnection, sqliteConnection } from './sqlite-connection.js'
import { readingDriver, sqliteDialect, writingDriver } from './sqlite-dialect.js'
import type { SqliteModule } from './sqlite-module.js'
import { parameter } from './statement.js'

/** Opens and migrates. Throws `options_invalid` for a schema that is newer than this release. */
export async function openSqlite(path: string, clock: Clock, { DatabaseSync }: SqliteModule): Promise<Database> {
  await createPrivately(path)
  const connections: SqliteConnection[] = []
  try {
    const writing = await connect()
    const reading = await connect()
    reading.exec('pragma query_only = on')
    const database = databaseOver(writing, reading, clock)
    await migrate(database)
    return database
  } catch (error) {
    for (const connection of connections) connection.close()
    throw error
  }

  async function connect(): Promise<SqliteConnection> {
    const connection = sqliteConnection(new DatabaseSync(path))
    connections.push(connection)
    await configure(connection)
    return connection
  }
}

// SQLite gives the files beside it (-wal, -shm) the mode of the database.
async function createPrivately(path: string): Promise<void> {
  const file = await openFile(path, 'a', 0o600)
  await file.close()
}

async function configure(connection: SqliteConnection): Promise<void> {
  // Waiting inside SQLite would stop the event loop: whoever finds a lock comes again.
  connection.exec('pragma busy_timeout = 0')
  await whenFree(() => connection.exec('pragma journal_mode = wal'))
  // WAL with NORMAL may lose acknowledged commits when the power fails.
  await whenFree(() => connection.exec('pragma synchronous = full'))
  connection.exec('pragma trusted_schema = off')
}

function databaseOver(writing: SqliteConnection, reading: SqliteConnection, clock: Clock): Database {
  const read = new Kysely<Schema>({ dialect: sqliteDialect(readingDriver(reading)) })
  const write = new Kysely<Schema>({ dialect: sqliteDialect(writingDriver(writing)) })
  const run: Database['run'] = async (find, values) => (await find(read, { ...values, now: clock() })).rows
  return {
    read,
    now: parameter<number>('now'),
    text: 'text',
    news: sql.lit(null),
    run,
    finder: groupedFinder(run, amongJson),
    write: (work) => write.transaction().execute((trx) => work(trx, clock())),
    // An IMMEDIATE transaction is the only one that writes.
    serialise: async () => {},
    unlocked: (query) => query,
    async close() {
      await write.destroy()
      await read.destroy()
    },
  }
}
