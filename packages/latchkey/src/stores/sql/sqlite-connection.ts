/** One SQLite connection as Kysely sees it: statements stay prepared, and values are refused that SQLite would alter. */
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { type Cache, createCache } from '../../util/cache.js'
import type { SqliteDatabase, SqliteStatement } from './sqlite-module.js'
import { demandStorable } from './storable.js'

interface Prepared {
  readonly statement: SqliteStatement
  readonly answersRows: boolean
}

/** The store has about forty statements; the rest is room for optional conditions. */
const STATEMENTS = 200

export interface SqliteConnection extends DatabaseConnection {
  exec(sql: string): void
  close(): void
}

export function sqliteConnection(database: SqliteDatabase): SqliteConnection {
  const statements: Cache<string, Prepared> = createCache(STATEMENTS)
  return {
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => execute(query),
    async *streamQuery() {
      yield* []
      throw new Error('this driver does not stream')
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  }

  function execute<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    for (const value of parameters) if (typeof value === 'string') demandStorable(value)
    const { statement, answersRows } = prepared(sql)
    if (answersRows) return { rows: statement.all(...parameters) as R[] }
    return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) }
  }

  function prepared(sql: string): Prepared {
    const known = statements.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    const made = { statement, answersRows: statement.columns().length > 0 }
    statements.set(sql, made)
    return made
  }
}
