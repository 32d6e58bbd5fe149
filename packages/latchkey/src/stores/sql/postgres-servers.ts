/** Connections to the primary: a bounded pool for each server, each connection greeted once, and given up when it hangs. */
import type pg from 'pg'
import { AuthError } from '../../errors.js'
import { postgresModule } from './postgres-module.js'

/** What a statement may take, or wait for a lock, or a transaction may stand idle. The server itself ends them. */
const STATEMENT_MILLISECONDS = 2_000
/** What a call may take in all, so that nobody waits for the sum of its statements. */
const PATIENCE_MILLISECONDS = 2_200
const CONNECTIONS = 5
const BIGINT = 20
/** The store has about fifty statements; the rest is room for optional conditions. */
const STATEMENTS = 200

/** A plan whose answer has other columns since somebody migrated, and a name that a pooler in between does not know. */
export const STALE: ReadonlySet<string> = new Set(['0A000', '26000'])

export interface Limits {
  readonly statement: number
  readonly patience: number
}

export const usualLimits: Limits = { statement: STATEMENT_MILLISECONDS, patience: PATIENCE_MILLISECONDS }

/** A connection in the hands of one caller, who has until `deadline`. */
export interface Lease {
  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult>
  /** Back to the pool; or away, if it failed in any way but an answer of the server. */
  release(): void
}

/** The types of `pg` know this only as a setting of the connection. */
interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout: number
}

export interface Servers {
  lease(): Promise<Lease>
  close(): Promise<void>
}

/** Connects to nothing yet. */
export async function connectTo(urls: readonly string[], limits: Limits = usualLimits): Promise<Servers> {
  const { Pool, DatabaseError, types } = await postgresModule()
  const configs = urls.map(configOf)
  const pools = configs.map(poolOf)
  const named = namer()
  const greeted = new WeakSet<pg.PoolClient>()
  let current = 0
  return { lease, close }

  function configOf(connectionString: string): pg.PoolConfig {
    return {
      connectionString,
      max: CONNECTIONS,
      application_name: 'latchkey',
      connectionTimeoutMillis: STATEMENT_MILLISECONDS,
      // A server that vanished without a word must be noticed on connections that nobody uses, too.
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      // Stamps and times are below 2^53.
      types: { getTypeParser: (oid, format) => (oid === BIGINT ? Number : types.getTypeParser(oid, format)) },
    }
  }

  function poolOf(config: pg.PoolConfig): pg.Pool {
    const pool = new Pool(config)
    // A connection may break while it is idle, or in somebody's hands between two statements. Either way the next one to use
    // it is told; unheard, the events would end the process.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    return pool
  }

  /** From the primary: the server that was it last, else whichever is it now. */
  async function lease(): Promise<Lease> {
    const deadline = performance.now() + limits.patience
    for (let tried = 1; ; tried++) {
      const at = current
      try {
        return await leaseFrom(at, deadline)
      } catch (error) {
        if (current === at) current = (at + 1) % pools.length
        if (tried >= pools.length || performance.now() >= deadline) throw error
      }
    }
  }

  async function leaseFrom(at: number, deadline: number): Promise<Lease> {
    const pool = pools[at] as pg.Pool
    const client = await pool.connect()
    const mine = leaseOf(client, deadline, () => condemn(at, pool))
    if (greeted.has(client)) return mine
    try {
      await greet(mine, limits.statement)
      greeted.add(client)
      return mine
    } catch (error) {
      mine.release()
      throw error
    }
  }

  function leaseOf(client: pg.PoolClient, deadline: number, hung: () => void): Lease {
    let failure: Error | undefined
    return { query, release: () => client.release(failure) }

    async function query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
      const left = deadline - performance.now()
      if (left <= 0) failure ??= new Error('the database took too long')
      if (failure) throw failure
      try {
        const query: TimedQuery = { text, query_timeout: Math.ceil(left) }
        // Several statements are one query only where there are no values, and such a query has no name.
        return await client.query(values.length > 0 ? { ...query, ...named(text), values: [...values] } : query)
      } catch (error) {
        // What this connection has prepared is of another schema by now, or is not there.
        if (STALE.has(String(Object(error).code))) failure = error as Error
        if (!(error instanceof DatabaseError)) {
          failure = error as Error
          // Not even the end of the statement was told: there is nobody at the other end.
          if (left > STATEMENT_MILLISECONDS && performance.now() >= deadline) hung()
        }
        throw error
      }
    }
  }

  /** Idle connections lead through the same network: whoever took one would wait as long. */
  function condemn(at: number, pool: pg.Pool): void {
    if (pools[at] !== pool) return
    pools[at] = poolOf(configs[at] as pg.PoolConfig)
    void pool.end().catch(() => {})
  }

  async function close(): Promise<void> {
    await Promise.all(pools.map((pool) => pool.end()))
  }
}

/** A statement with a name is planned once for each connection; those beyond so many are planned every time. */
function namer(): (text: string) => { readonly name?: string } {
  const names = new Map<string, { readonly name: string }>()
  return (text) => {
    const known = names.get(text)
    if (known || names.size >= STATEMENTS) return known ?? {}
    const made = { name: `latchkey_${names.size}` }
    names.set(text, made)
    return made
  }
}

/** Settings that no role and no database may have changed, and the question whether this is the primary. */
async function greet(lease: Lease, milliseconds: number): Promise<void> {
  const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']
  const answers = (await lease.query(
    [
      ...settings.map((name) => `set ${name} = ${milliseconds}`),
      'set synchronous_commit = on',
      // Compiling takes a hundred times as long as any statement here, and tables that nobody has counted yet look large enough for it.
      'set jit = off',
      "set default_transaction_isolation = 'read committed'",
      "select pg_is_in_recovery() as standby, current_setting('server_encoding') as encoding",
    ].join('; '),
  )) as unknown as readonly pg.QueryResult[]
  const { standby, encoding } = answers.at(-1)?.rows[0] ?? {}
  if (standby !== false)
    throw new AuthError('store_failed', { hint: 'this PostgreSQL server is a standby', retryAfter: 1 })
  if (encoding !== 'UTF8') throw new AuthError('options_invalid', { hint: 'database: its encoding must be UTF8' })
}
