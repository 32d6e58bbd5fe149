/** The gate of the first minute: a clone without node_modules installs, builds, serves and stops. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { copyProject } from '../lib/copy.mjs'

export const fact = 'A fresh clone starts, installs no test tools, and stops when asked'
export const seconds = 30

export async function check() {
  const copy = copyProject({ installed: false })
  const first = await startAndStop(copy, 300)
  const tools = existsSync(join(copy, 'node_modules/vitest')) ? ['npm start installed vitest'] : []
  if (first.length > 0 || tools.length > 0) return [...first, ...tools]
  // Nothing is installed or built the second time.
  return startAndStop(copy, 30)
}

async function startAndStop(copy, seconds) {
  const port = await freePort()
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, ['scripts/start.mjs', '--port', String(port)], { cwd: copy, env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const end = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
  const ready = await Promise.race([healthy(port, seconds), end.then(() => false)])
  if (!ready) {
    child.kill('SIGKILL')
    return [output, `no answer from /healthz within ${seconds} seconds`]
  }
  child.kill('SIGTERM')
  const code = await Promise.race([end, sleep(10_000, 'still running', { ref: false })])
  if (code === 'still running') child.kill('SIGKILL')
  return code === 0 ? [] : [output, `SIGTERM ended it with ${code}`]
}

async function healthy(port, seconds) {
  for (const start = Date.now(); Date.now() - start < seconds * 1000; await sleep(100)) {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
    if (response?.ok) return true
  }
  return false
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

export const plants = [
  {
    what: 'the library needs a package that only tests have',
    plant: ({ prepend }) =>
      prepend(
        'packages/latchkey/src/adapters/express.ts',
        "import type { Request as Planted } from 'express'\nexport type P = Planted\n",
      ),
    says: /Cannot find module 'express'/,
  },
  {
    what: 'the server does not answer',
    plant: ({ prepend }) => prepend('packages/server/src/bin.ts', 'process.exit(3)\n'),
    says: /no answer from \/healthz/,
  },
]
