/** Rotations at the store's port, and the one UPDATE for each commit that they are measured against: so many callers at a time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
// No door leads there: what is measured is a part, not the library.
import { postgresStores } from '../../packages/latchkey/dist/esm/stores/sql/postgres.js'
import { sqliteStores } from '../../packages/latchkey/dist/esm/stores/sql/sqlite.js'
import { sqliteModule } from '../../packages/latchkey/dist/esm/stores/sql/sqlite-module.js'

const SESSIONS = 4_096
/** More do not make one UPDATE for each commit faster on two cores; fewer make it slower. */
const CONNECTIONS = 16

const seconds = () => Math.floor(Date.now() / 1000)

export const latchkeySqlite = () => grouped(sqliteStores({ path: ownFile(), clock: seconds }))

export const latchkeyPostgres = ({ url }) => grouped(postgresStores({ url }))

async function grouped(stores) {
  await stores.open()
  const at = seconds()
  for (let n = 0; n < SESSIONS; n += 64)
    await Promise.all(Array.from({ length: 64 }, (_, i) => stores.sessions.create(sessionAt(at, n + i), 9)))
  return racing((id, generation) => stores.sessions.rotate(id, generation, 'k1'))
}

/** By hand, prepared, durable as ours: `synchronous = full`. */
export async function singleSqlite() {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(ownFile())
  database.exec(`pragma journal_mode = wal; pragma synchronous = full; ${table('text')}`)
  const insert = database.prepare('insert into sessions values (?, ?, 0, ?, ?)')
  database.exec('begin')
  for (let n = 0; n < SESSIONS; n++) insert.run(`s${n}`, `u${n}`, 'k0', seconds())
  database.exec('commit')
  const update = database.prepare(
    'update sessions set generation = generation + 1, secret_id = ?, rotated_at = ? where id = ? and generation = ?',
  )
  // A database that nobody holds is closed by the collector.
  return racing(async (id, generation) => database && update.run('k1', seconds(), id, generation).changes === 1)
}

/** By hand, prepared, over a pool. */
export async function singlePostgres({ url }) {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  await pool.query(table('text collate "C"'))
  await pool.query(
    `insert into sessions select 's' || n, 'u' || n, 0, 'k0', 0 from generate_series(0, ${SESSIONS - 1}) n`,
  )
  const text =
    'update sessions set generation = generation + 1, secret_id = $1, rotated_at = $2 where id = $3 and generation = $4'
  return racing(async (id, generation) => {
    const { rowCount } = await pool.query({ name: 'rotate', text, values: ['k1', seconds(), id, generation] })
    return rowCount === 1
  })
}

const table = (text) =>
  `create table sessions (id ${text} primary key, user_id ${text} not null, generation bigint not null, secret_id ${text} not null, rotated_at bigint not null)`

/** `rotations(callers, count)`: the milliseconds that so many took, each caller beginning the next one when the last is answered. */
function racing(rotate) {
  const generations = new Array(SESSIONS).fill(0)
  return { server: createServer(), functions: { rotations } }

  async function rotations(callers, count) {
    let left = count
    const caller = async (first) => {
      for (let n = first; left-- > 0; n = (n + callers) % SESSIONS) {
        if (!(await rotate(`s${n}`, generations[n]++))) throw new Error(`session ${n} was not rotated`)
      }
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: callers }, (_, first) => caller(first)))
    return performance.now() - start
  }
}

function ownFile() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'auth.db')
}

const sessionAt = (at, n) => ({
  id: `s${n}`,
  userId: `u${n}`,
  stamp: at * 1000,
  seed: 'seed',
  generation: 0,
  secretId: 'k0',
  rotatedAt: at,
  createdAt: at,
  authenticatedAt: at,
  lastSeenAt: at,
  expiresAt: at + 86_400,
  idleSeconds: 86_400,
  endedAt: null,
  endedBy: null,
  device: null,
  address: null,
  scope: null,
})
