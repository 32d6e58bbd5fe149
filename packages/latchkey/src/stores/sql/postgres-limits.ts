/** Attempts counted in PostgreSQL, for all processes: a table that is not logged, so that a login costs no sync. */
import { type Kysely, sql } from 'kysely'
import type { Charge, LimitStore } from '../port.js'
import type { Database } from './database.js'
import type { Schema } from './schema.js'

/** Thrown to undo a transaction: a key of it has no point left. */
class Exhausted extends Error {
  readonly waitSeconds: number
  constructor(waitSeconds: number) {
    super('no points left')
    this.waitSeconds = waitSeconds
  }
}

/** How often a window that opens sweeps those that closed, and how many at once. */
const SWEEP = { chance: 0.01, rows: 1_000 }

/** A crash of the server empties the table, and every window opens anew. */
export async function createLimitTable(trx: Kysely<Schema>): Promise<void> {
  await sql`create unlogged table if not exists latchkey_limits
    (key text collate "C" primary key, used integer not null, ends_at bigint not null)`.execute(trx)
}

export function postgresLimits({ write }: Database): LimitStore {
  return { consume, reward }

  async function consume(charges: readonly Charge[]): Promise<number> {
    try {
      await write(async (trx, now) => {
        await take(trx, charges, now)
        if (Math.random() < SWEEP.chance) await sweep(trx, now)
      })
      return 0
    } catch (error) {
      if (error instanceof Exhausted) return error.waitSeconds
      throw error
    }
  }

  async function reward(charges: readonly Charge[]): Promise<void> {
    const keys = charges.map(({ key }) => key)
    await write((trx) =>
      sql`update latchkey_limits set used = used - 1 where used > 0 and key in
        (select key from latchkey_limits where key = any(${keys}::text[]) order by key for update)`.execute(trx),
    )
  }
}

/** The row lock of a key makes whoever comes next look at what this one left, and all take their keys in one order. */
async function take(trx: Kysely<Schema>, charges: readonly Charge[], now: number): Promise<void> {
  const keys = sql`${charges.map(({ key }) => key)}::text[]`
  const points = sql`${charges.map((charge) => charge.points)}::integer[]`
  const seconds = sql`${charges.map((charge) => charge.seconds)}::bigint[]`
  const { rows } = await sql<{ key: string }>`
    insert into latchkey_limits as open (key, used, ends_at)
    select key, 1, ${now}::bigint + seconds from unnest(${keys}, ${seconds}) as asked(key, seconds)
    order by key collate "C"
    on conflict (key) do update set
      used = case when open.ends_at <= ${now}::bigint then 1 else open.used + 1 end,
      ends_at = case when open.ends_at <= ${now}::bigint then excluded.ends_at else open.ends_at end
    where open.ends_at <= ${now}::bigint
      or open.used < (select points from unnest(${keys}, ${points}) as asked(key, points) where asked.key = open.key)
    returning key`.execute(trx)
  const taken = new Set(rows.map(({ key }) => key))
  const full = charges.filter(({ key }) => !taken.has(key)).map(({ key }) => key)
  if (full.length > 0) throw new Exhausted(await wait(trx, full, now))
}

async function wait(trx: Kysely<Schema>, keys: readonly string[], now: number): Promise<number> {
  const { rows } = await sql<{ ends: number | null }>`
    select max(ends_at) as ends from latchkey_limits where key = any(${keys}::text[])`.execute(trx)
  return Math.max(1, (rows[0]?.ends ?? now) - now)
}

async function sweep(trx: Kysely<Schema>, now: number): Promise<void> {
  await sql`delete from latchkey_limits where key in (select key from latchkey_limits
    where ends_at <= ${now}::bigint limit ${SWEEP.rows} for update skip locked)`.execute(trx)
}
