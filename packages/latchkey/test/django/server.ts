/** Django with djangorestframework-simplejwt for tests: Debian's own, one process for each of its settings, started once for a run. */
import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { django } from '../../../../scripts/services.mjs'
import { type Running, shared } from '../services/server.js'

/** `SIMPLE_JWT` of the project, its lifetimes in seconds. */
export type DjangoSettings = Readonly<Record<string, string | number | boolean>>

const PROJECT = fileURLToPath(new URL('project.py', import.meta.url))
const PATIENCE_MILLISECONDS = 30_000

/** The URL of a project of these settings; its users are alice, bob, inactive and root, with the ids 1 to 4. */
export async function djangoServer(name: string, settings: DjangoSettings): Promise<string> {
  await django()
  return shared(inject('services'), `django-${name}`, (folder) => start(folder, settings))
}

/** Debian's Python, whatever other is on the PATH, with nothing of anybody else's in its path. */
async function start(folder: string, settings: DjangoSettings): Promise<Running> {
  const log = join(folder, 'log')
  const stdio = ['ignore', 'ignore', openSync(log, 'a')] as const
  const python = spawn('/usr/bin/python3', ['-I', '-B', PROJECT, folder, JSON.stringify(settings)], {
    stdio: [...stdio],
    detached: true,
    cwd: '/',
  })
  python.unref()
  const port = join(folder, 'port')
  const until = performance.now() + PATIENCE_MILLISECONDS
  while (!existsSync(port)) {
    if (python.exitCode !== null || performance.now() > until) throw new Error(readFileSync(log, 'utf8'))
    await sleep(50)
  }
  return { url: `http://127.0.0.1:${readFileSync(port, 'utf8')}`, stop: ['kill', [String(python.pid)]] }
}
