/** PostgreSQL and Redis of one's own for a benchmark: each started when it is first asked for, and all of them stopped at the end. */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDatabase, startPostgres } from '../../packages/latchkey/test/services/postgres-server.mjs'
import { startRedis } from '../../packages/latchkey/test/services/redis-server.mjs'
import { services as install } from '../../scripts/services.mjs'

const exec = promisify(execFile)

/** Calls `work` with `postgres(name)`, the URL of a new database on a server that syncs, and `redis()`, a URL. */
export async function withServices(work) {
  await install()
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  // PostgreSQL refuses to run as root, so that another user has to pass through here.
  chmodSync(folder, 0o711)
  const running = new Map()
  const started = (name, start) => {
    const own = join(folder, name)
    if (!running.has(name)) {
      mkdirSync(own)
      running.set(name, start(own))
    }
    return running.get(name)
  }
  try {
    await work({
      postgres: async (name) => createDatabase((await started('postgres', startPostgres)).url, name),
      redis: async () => (await started('redis', startRedis)).url,
    })
  } finally {
    for (const { stop } of await Promise.all(running.values())) await exec(...stop, { cwd: '/' })
    rmSync(folder, { recursive: true, force: true })
  }
}
