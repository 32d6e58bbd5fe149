/** PostgreSQL and Redis for an example: found or installed, and by which command each runs in a folder of its own. */
import { freePort } from '../../scripts/lib/free-port.mjs'
import { makePostgresFiles, postgresUser } from '../../scripts/lib/postgres.mjs'
import { programPath, services } from '../../scripts/services.mjs'

export { freePort }

/** The commands of both on free ports, with their files in a folder that others can pass through. Starts neither. */
export async function prepareServices(folder) {
  await services()
  return { postgres: await postgres(folder), redis: await redis(folder) }
}

async function postgres(folder) {
  const port = String(await freePort())
  const { home, data } = await makePostgresFiles(folder)
  return {
    name: 'postgres',
    port: Number(port),
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    run: [programPath('postgres'), ['-D', data, '-p', port, '-k', home, '-c', 'listen_addresses=127.0.0.1']],
    check: [programPath('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', port]],
    user: postgresUser(),
    stop: 'SIGINT',
  }
}

async function redis(folder) {
  const port = String(await freePort())
  const settings = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  return {
    name: 'redis',
    port: Number(port),
    url: `redis://127.0.0.1:${port}`,
    run: [programPath('redis-server'), ['--port', port, ...settings]],
    check: [programPath('redis-cli'), ['-p', port, 'ping']],
    user: {},
    stop: 'SIGTERM',
  }
}
