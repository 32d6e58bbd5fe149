/** Kysely over one SQLite connection, either for single reads or for one transaction after the other. */
import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { patience, whenFree } from './sqlite-busy.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { turns } from './turns.js'

export function sqliteDialect(driver: Driver): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Statements that only read, each a snapshot of its own. SQLite answers at once, so none needs a turn. */
export function readingDriver(connection: SqliteConnection): Driver {
  const patient: SqliteConnection = {
    ...connection,
    executeQuery: (query) => whenFree(() => connection.executeQuery(query)),
  }
  const refuse = async (): Promise<void> => {
    throw new Error('this connection only reads')
  }
  return {
    init: async () => {},
    acquireConnection: async () => patient,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => connection.close(),
  }
}

/** Transactions, one at a time. They are IMMEDIATE: one that read first and wrote later could fail in the middle. */
export function writingDriver(connection: SqliteConnection): Driver {
  const queue = turns()
  let leave = (): void => {}
  let deadline = 0
  let begun = false

  return {
    init: async () => {},
    async acquireConnection() {
      // Waiting for one's turn counts, too: nobody waits for the sum of those before.
      const until = patience()
      leave = await queue.take()
      deadline = until
      return connection
    },
    beginTransaction: () => whenFree(begin, deadline),
    commitTransaction: async () => commit(),
    rollbackTransaction: async () => rollback(),
    releaseConnection: async () => leave(),
    async destroy() {
      await queue.take()
      connection.close()
    },
  }

  function begin(): void {
    if (begun) rollback()
    connection.exec('begin immediate')
    begun = true
  }

  function commit(): void {
    connection.exec('commit')
    begun = false
  }

  // It fails when SQLite itself rolled back, as it does when the disk is full; else the next one to begin tries again.
  function rollback(): void {
    try {
      connection.exec('rollback')
      begun = false
    } catch {
      // What went wrong before is the error to tell.
    }
  }
}
