/** How PostgreSQL finds the rows of a group of rotations: one by one, whatever its statistics say; it would rather read them all. */
import type { Kysely } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NOW } from '../../src/stores/sql/postgres-dialect.js'
import { openPostgres, type PostgresDatabase } from '../../src/stores/sql/postgres-open.js'
import { createGroupedRotations } from '../../src/stores/sql/postgres-rotations.js'
import type { Schema } from '../../src/stores/sql/schema.js'
import { postgresDatabase } from '../services/postgres.js'

let database: PostgresDatabase
let client: pg.Client
beforeAll(async () => {
  const url = await postgresDatabase('plans')
  database = await openPostgres([url], undefined)
  client = new pg.Client(url)
  await client.connect()
  // As after a restored backup: all these rows, and nobody has counted them.
  await client.query(`alter table latchkey_sessions set (autovacuum_enabled = off)`)
  await client.query(`insert into latchkey_sessions (id, user_id, stamp, seed, generation, secret_id, rotated_at, created_at, authenticated_at,
    last_seen_at, expires_at, idle_seconds) select 's' || n, 'u' || n, 0, '', 0, 'k', 0, 0, 0, 4000000000, 4000000000, 60 from generate_series(1, 40000) n`)
})
afterAll(async () => {
  await client.end()
  await database.close()
})

const GROUP = 64
const VALUES = [
  `array[${Array.from({ length: GROUP }, (_, n) => `'s${n + 1}'`)}]`,
  `array[${new Array(GROUP).fill(0)}]`,
  `array[${new Array(GROUP).fill(`'k'`)}]`,
]

/** The statement that a group becomes. */
async function grouped(): Promise<string> {
  let text = ''
  const executeQuery = async ({ sql }: { sql: string }) => {
    text ||= sql
    return { rows: [] }
  }
  const change: PostgresDatabase['change'] = async (statement, values) =>
    (await statement({ executeQuery } as unknown as Kysely<Schema>, values)).rows
  await createGroupedRotations({ ...database, change })('s1', 0, 'k')
  return text
}

/** The most rows that a part of the statement reads, planned for these values and planned once for all. */
async function rowsRead(text: string, values: readonly string[]): Promise<number> {
  await client.query(`deallocate all; prepare rotation as ${text}`)
  let most = 0
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await client.query(`begin; set local plan_cache_mode = ${mode}`)
    const { rows } = await client.query(`explain (analyze, format json) execute rotation (${values})`)
    await client.query('rollback')
    const plan = rows[0]['QUERY PLAN'][0].Plan
    // Else nothing was read because nothing was done.
    expect(plan['Actual Rows']).toBe(GROUP)
    most = Math.max(most, ...every(plan))
  }
  return most
}

interface Plan {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly Plans?: readonly Plan[]
}

function every(plan: Plan): readonly number[] {
  return [plan['Actual Rows'] * plan['Actual Loops'], ...(plan.Plans ?? []).flatMap(every)]
}

test('a group of rotations reads its own rows and no others', async () => {
  expect(await rowsRead(await grouped(), [...VALUES, '1'])).toBe(GROUP)
})

test('a plain join reads every living session', async () => {
  const join = `update latchkey_sessions as s set generation = s.generation + 1
    from (select s.id from latchkey_sessions s join unnest($1::text[], $2::bigint[], $3::text[]) as asked(id, generation, secret_id)
      on asked.id = s.id and asked.generation = s.generation
      where s.ended_at is null and s.expires_at > ${NOW} and s.last_seen_at + s.idle_seconds > ${NOW}
      and not exists (select 1 from latchkey_epochs where scope = 'session' and row = 'self' and key = s.id and stamp > s.stamp) for update of s skip locked
    ) as locked where s.id = locked.id returning s.id`
  expect(await rowsRead(join, VALUES)).toBeGreaterThan(GROUP)
})
