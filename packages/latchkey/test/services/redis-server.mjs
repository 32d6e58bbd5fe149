/** Starts a Redis server of one's own that keeps nothing, on a free port: for tests, and for scripts that run without them. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../../../scripts/lib/free-port.mjs'
import { programPath } from '../../../../scripts/services.mjs'

const exec = promisify(execFile)

/**
 * Starts a server whose log lies in the given folder. `stop` is the command that ends it.
 *
 * @param {string} folder
 * @returns {Promise<import('./server.js').Running>}
 */
export async function startRedis(folder) {
  const port = await freePort()
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--logfile', join(folder, 'log')]
  const keepsNothing = ['--save', '', '--appendonly', 'no']
  await exec(programPath('redis-server') ?? 'redis-server', [...where, '--daemonize', 'yes', ...keepsNothing])
  return { url: `redis://127.0.0.1:${port}`, stop: ['redis-cli', ['-p', String(port), 'shutdown', 'nosave']] }
}
