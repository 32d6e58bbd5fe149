/** Kysely over PostgreSQL: each statement a transaction of its own, or several in one that knows when it began. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { Lease, Servers } from './postgres-servers.js'
import { demandStorable } from './storable.js'

/** The database's clock, in seconds. */
export const NOW = 'floor(extract(epoch from statement_timestamp()))::bigint'

export interface PostgresConnection extends DatabaseConnection {
  readonly lease: Lease
  /** When the transaction began, by the database's clock. */
  now: number
}

export function postgresDialect(servers: Servers): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => postgresDriver(servers),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

function postgresDriver(servers: Servers): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => connectionOver(await servers.lease()),
    beginTransaction: begin,
    commitTransaction: commit,
    rollbackTransaction: async (connection) => void (await leaseOf(connection).query('rollback')),
    releaseConnection: async (connection) => leaseOf(connection).release(),
    destroy: () => servers.close(),
  }

  // One way to the server and back for both.
  async function begin(connection: DatabaseConnection): Promise<void> {
    const answers = await leaseOf(connection).query(`begin; select ${NOW} as now`)
    const [, { rows } = { rows: [] }] = answers as unknown as readonly QueryResult<{ now: number }>[]
    ;(connection as PostgresConnection).now = rows[0]?.now ?? 0
  }

  // After a statement that failed, PostgreSQL answers a commit by rolling back, and calls that no error.
  async function commit(connection: DatabaseConnection): Promise<void> {
    const { command } = await leaseOf(connection).query('commit')
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back')
  }
}

const leaseOf = (connection: DatabaseConnection): Lease => (connection as PostgresConnection).lease

function connectionOver(lease: Lease): PostgresConnection {
  return {
    lease,
    now: 0,
    executeQuery,
    async *streamQuery() {
      yield* []
      throw new Error('this driver does not stream')
    },
  }

  async function executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    for (const value of parameters) if (typeof value === 'string') demandStorable(value)
    const { rows, rowCount } = await lease.query(sql, parameters)
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
  }
}
