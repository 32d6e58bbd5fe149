/** A SQLite store in which everything has ended long ago, and how long its housekeeping holds the event loop. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuth } from 'latchkey'
// No door leads there: nobody logs in so often for this.
import { sqliteModule } from '../../packages/latchkey/dist/esm/stores/sql/sqlite-module.js'
import { issuer } from '../lib/tokens.mjs'

const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'

/** `prune()`: the longest turn of the loop while so many sessions and revocations are deleted, in milliseconds of CPU and of time. */
export async function store({ count }) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'auth.db')
  const auth = createAuth({ issuer, secret, database: `sqlite:${path}` })
  await auth.ready()
  return { server: createServer(), functions: { prune } }

  async function prune() {
    await insertEnded(path, count)
    const turns = watch()
    const { sessions, epochs } = await auth.prune()
    if (sessions + epochs < 2 * count) throw new Error(`${sessions} sessions and ${epochs} epochs were deleted`)
    return turns.stop()
  }
}

function watch() {
  const longest = { cpu: 0, time: 0 }
  let [cpu, time] = [used(), performance.now()]
  let next = setImmediate(turn)
  return {
    stop() {
      clearImmediate(next)
      return longest
    },
  }

  function turn() {
    const [cpuNow, timeNow] = [used(), performance.now()]
    longest.cpu = Math.max(longest.cpu, cpuNow - cpu)
    longest.time = Math.max(longest.time, timeNow - time)
    ;[cpu, time] = [cpuNow, timeNow]
    next = setImmediate(turn)
  }
}

function used() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function insertEnded(path, count) {
  const { DatabaseSync } = await sqliteModule()
  const database = new DatabaseSync(path)
  const numbers = `with recursive numbers(n) as (values (0) union all select n + 1 from numbers where n < ${count - 1})`
  const columns = 'id, user_id, stamp, seed, generation, secret_id, rotated_at, created_at, authenticated_at'
  database.exec(`
    begin;
    ${numbers} insert into latchkey_sessions (${columns}, last_seen_at, expires_at, idle_seconds)
    select hex(randomblob(16)), 'u' || n, 0, 'seed', 0, 'k', 0, 0, 0, 0, n % 1000000, 60 from numbers;
    ${numbers} insert into latchkey_epochs (scope, row, key, stamp, until)
    select 'session', 'self', hex(randomblob(16)), n, n % 1000000 from numbers;
    commit`)
  database.close()
}
