/** Opens a PostgreSQL database: its connections, its schema, and what the statements need of it. */
import { Kysely, sql } from 'kysely'
import type { Clock } from '../../util/time.js'
import type { Database, Work } from './database.js'
import { amongArray, groupedFinder } from './finder.js'
import { migrate } from './migrations.js'
import { again } from './postgres-again.js'
import { NOW, type PostgresConnection, postgresDialect } from './postgres-dialect.js'
import { createLimitTable } from './postgres-limits.js'
import { connectTo, type Limits, type Servers, usualLimits } from './postgres-servers.js'
import { CHANNEL } from './postgres-wake.js'
import type { Schema } from './schema.js'
import { parameter } from './statement.js'

/** Whoever starts last waits for whoever migrates, and a migration may have many rows to change. */
const MIGRATION: Limits = { statement: 60_000, patience: 120_000 }

export interface PostgresDatabase extends Database {
  /** One statement that changes rows: a transaction by itself, in one way to the server and back. */
  readonly change: Database['run']
}

/** Migrates and opens. Without a clock the database's own counts: the only one that all replicas share. */
export async function openPostgres(urls: readonly string[], clock: Clock | undefined): Promise<PostgresDatabase> {
  const patient = await databaseWithin(MIGRATION, urls, clock)
  try {
    await migrate(patient)
    await patient.write(async (trx) => {
      await patient.serialise(trx, 'schema')
      await createLimitTable(trx)
    })
  } finally {
    await patient.close()
  }
  return databaseWithin(usualLimits, urls, clock)
}

async function databaseWithin(
  limits: Limits,
  urls: readonly string[],
  clock: Clock | undefined,
): Promise<PostgresDatabase> {
  // Each has connections of its own: writers who wait for one another must not keep readers waiting.
  return databaseOver(await connectTo(urls, limits), await connectTo(urls, limits), clock)
}

function databaseOver(reading: Servers, writing: Servers, clock: Clock | undefined): PostgresDatabase {
  const read = new Kysely<Schema>({ dialect: postgresDialect(reading) })
  const write = new Kysely<Schema>({ dialect: postgresDialect(writing) })
  const run = runOn(read)
  return {
    read,
    now: clock ? sql<number>`${parameter('now')}::bigint` : sql.raw<number>(NOW),
    text: sql`text collate "C"`,
    news: sql`pg_notify(${sql.lit(CHANNEL)}, '')`,
    run,
    finder: groupedFinder(run, amongArray),
    change: runOn(write),
    write: (work) => again(() => write.transaction().execute((trx) => timed(work, trx))),
    async serialise(trx, name) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`latchkey ${name}`}, 0))`.execute(trx)
    },
    unlocked: (query) => query.forUpdate().skipLocked(),
    async close() {
      await Promise.all([read.destroy(), write.destroy()])
    },
  }

  function runOn(db: Kysely<Schema>): Database['run'] {
    return (statement, values) =>
      again(async () => (await statement(db, clock ? { ...values, now: clock() } : values)).rows)
  }

  function timed<T>(work: Work<T>, trx: Parameters<Work<T>>[0]): Promise<T> {
    return trx
      .getExecutor()
      .provideConnection((connection) => work(trx, clock ? clock() : (connection as PostgresConnection).now))
  }
}
