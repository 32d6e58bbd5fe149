/** Servers of one's own for a soak, that live as long as some work. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { services } from '../services.mjs'

/** A PostgreSQL server that syncs as people's servers do; lends what makes a database on it and answers its URL. */
export async function withPostgres(work) {
  await services()
  // Loaded here, so that nothing but this needs the driver.
  const { createDatabase, startPostgres } = await import('../../packages/latchkey/test/services/postgres-server.mjs')
  return lend(startPostgres, ({ url }) => work((name) => createDatabase(url, name)))
}

/** Lends the URL of a Redis server. */
export async function withRedis(work) {
  await services()
  const { startRedis } = await import('../../packages/latchkey/test/services/redis-server.mjs')
  return lend(startRedis, ({ url }) => work(url))
}

async function lend(start, work) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-soak-'))
  // PostgreSQL refuses to run as root, so that another user has to pass through here.
  chmodSync(folder, 0o711)
  const server = await start(folder)
  // Nobody else would stop it: a Ctrl-C does not reach it.
  const end = () => process.exit(130)
  process.on('exit', stop)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end)
  try {
    return await work(server)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end)
    process.off('exit', stop)
    stop()
  }

  function stop() {
    const [program, args] = server.stop
    try {
      execFileSync(program, args, { cwd: '/', stdio: 'ignore' })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
