/** Finding rows in PostgreSQL: who looks in the same turn shares a statement, and nothing else. */
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database, Finding, Keyed } from '../../src/stores/sql/database.js'
import { amongArray, groupedFinder } from '../../src/stores/sql/finder.js'
import { openPostgres, type PostgresDatabase } from '../../src/stores/sql/postgres-open.js'
import type { Schema } from '../../src/stores/sql/schema.js'
import { createSessions } from '../../src/stores/sql/sessions.js'
import { parameter, statement } from '../../src/stores/sql/statement.js'
import { postgresDatabase } from '../services/postgres.js'

let database: PostgresDatabase
let client: pg.Client
beforeAll(async () => {
  const url = await postgresDatabase('finder')
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

const byId: Finding<Keyed & { userId: string }> = (asked) =>
  database.read
    .selectFrom('latchkey_sessions')
    .select(['id as key', 'user_id as userId'])
    .where((eb) => asked(eb.ref('id')))

/** Runs as the database does, and keeps what it was asked. */
function counted(): { run: Database['run']; asked: unknown[] } {
  const asked: unknown[] = []
  const run: Database['run'] = (find, values) => {
    asked.push(values.keys)
    return database.run(find, values)
  }
  return { run, asked }
}

/** A text that is stored as it is, whatever it has of the syntax of arrays. */
const ODD = ['', '{', '}', '"', '\\', ',', 'null', '{"s1"}', 's1,s2', 'x'.repeat(100_000)]

test('all who look in one turn are one statement, and each gets its own row', async () => {
  const { run, asked } = counted()
  const find = groupedFinder(run, amongArray)(byId)
  const found = await Promise.all(['s2', 's1', 'nobody', 's2', ...ODD].map(find))
  expect(found.map((row) => row?.userId)).toEqual(['u2', 'u1', undefined, 'u2', ...ODD.map(() => undefined)])
  expect(asked).toEqual([['s2', 's1', 'nobody', ...ODD]])
  expect((await find('s3'))?.userId).toBe('u3')
  expect(asked).toHaveLength(2)
})

const careless: Database['finder'] = (build) => {
  const find = statement(build((column) => sql`${column} = any(${parameter('keys')}::text[])`))
  const waiting: string[] = []
  let rows: ReturnType<typeof database.run> | undefined
  return async (key) => {
    waiting.push(key)
    rows ??= new Promise((resolve) => setImmediate(resolve)).then(() => database.run(find, { keys: waiting }))
    return ((await rows) as readonly never[]).find((row: Keyed) => row.key === key)
  }
}

test.each([
  ['the finder', () => groupedFinder(database.run, amongArray), ['u1', 'request_invalid', 'request_invalid', 'u2']],
  ['one that lets every text into the group', () => careless, ['22021', '22021', '22021', '22021']],
])('whoever asks for what cannot be stored fails alone: %s', async (_, finder, outcomes) => {
  const find = finder()(byId)
  const answers = await Promise.allSettled(['s1', 'a\0b', 'half \ud800', 's2'].map(find))
  expect(answers.map((one) => ('value' in one ? one.value?.userId : one.reason.code))).toEqual(outcomes)
})

test('a group that hangs keeps nobody waiting who comes later', async () => {
  let groups = 0
  const run: Database['run'] = (...asked) => (groups++ === 0 ? new Promise(() => {}) : database.run(...asked))
  const find = groupedFinder(run, amongArray)(byId)
  void find('s1')
  await new Promise((resolve) => setImmediate(resolve))
  expect(groups).toBe(1)
  expect((await find('s2'))?.userId).toBe('u2')
})

test.each(['force_custom_plan', 'force_generic_plan'])(
  'a group reads its own sessions and no others: %s',
  async (mode) => {
    const ids = Array.from({ length: 64 }, (_, n) => `s${n + 1}`)
    const text = await statementOfSessions()
    expect(await rowsRead(text, mode, ids)).toBe(ids.length)
    // The judge: a finder that hides the index from the planner.
    expect(await rowsRead(text.replace('."id" = any', '."id" || \'\' = any'), mode, ids)).toBeGreaterThan(ids.length)
  },
)

/** The statement of `sessions.find`. */
async function statementOfSessions(): Promise<string> {
  let text = ''
  const executeQuery = async (query: { sql: string }) => {
    text = query.sql
    return { rows: [] }
  }
  const finder = groupedFinder(
    async (find, values) => (await find({ executeQuery } as unknown as Kysely<Schema>, values)).rows,
    amongArray,
  )
  await createSessions({ ...database, finder }, undefined as never, undefined as never).find('s1')
  return text
}

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

/** How many rows of sessions the statement reads. */
async function rowsRead(text: string, mode: string, ids: readonly string[]): Promise<number> {
  await client.query(`deallocate all; prepare finding as ${text}; begin; set local plan_cache_mode = ${mode}`)
  const keys = `array[${ids.map((id) => `'${id}'`)}]`
  const { rows } = await client.query(`explain (analyze, format json) execute finding (${keys})`)
  await client.query('rollback')
  return rows[0]['QUERY PLAN'].reduce((sum: number, { Plan }: { Plan: Plan }) => sum + readBy(Plan), 0)
}

const readBy = (plan: Plan): number =>
  plan['Actual Rows'] * plan['Actual Loops'] + (plan['Rows Removed by Filter'] ?? 0)
