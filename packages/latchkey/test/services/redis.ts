/** Redis for tests: one server for the run, that keeps nothing. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { freePort } from '../../../../scripts/lib/free-port.mjs'
import { programPath } from '../../../../scripts/services.mjs'
import { type Running, shared } from './server.js'

const exec = promisify(execFile)

export const redisUrl = (): Promise<string> => shared(inject('services'), 'redis', startRedis)

async function startRedis(folder: string): Promise<Running> {
  const port = await freePort()
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--logfile', join(folder, 'log')]
  await exec(programPath('redis-server') ?? 'redis-server', [
    ...where,
    '--daemonize',
    'yes',
    '--save',
    '',
    '--appendonly',
    'no',
  ])
  return { url: `redis://127.0.0.1:${port}`, stop: ['redis-cli', ['-p', String(port), 'shutdown', 'nosave']] }
}
