/** The hash alone, and the login endpoint around it with as many workers, beside a guarded route. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { hash, verify } from '@node-rs/argon2'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/node'
import { issuer } from '../lib/tokens.mjs'

const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const password = 'correct horse battery'

/** `hashes(n)`: the CPU and the time of n verifications, so many at a time. */
export async function raw({ workers }) {
  const stored = await hash(password, parameters)
  return { server: createServer(), functions: { hashes } }

  async function hashes(count) {
    let left = count
    const worker = async () => {
      while (left-- > 0) await verify(stored, password)
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: workers }, worker))
    return performance.now() - start
  }
}

/** `watch()` and `lag()`: the 99th percentile, in milliseconds, by which the event loop was late since then. */
export async function latchkey({ workers, people }) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const without = { points: 1_000_000, seconds: 60 }
  const auth = createAuth({
    issuer,
    database: `sqlite:${join(folder, 'auth.db')}`,
    secret: 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl',
    passwordWorkers: workers,
    throttle: { account: without, address: without, everybody: without },
    sessionLimit: 10_000,
  })
  const names = Array.from({ length: people }, (_, i) => `user${i}`)
  const [user] = await Promise.all(names.map((username) => auth.users.create({ username, password })))
  const { access } = await auth.tokens.issue(user)
  const bodies = names.map((username) => JSON.stringify({ username, password }))
  return { server: createServer(application(auth)), bodies, token: access, functions: watching() }
}

function application(auth) {
  const [endpoints, identify, admit] = [mount(auth), authenticate(auth), authorize(auth, signedIn)]
  return async (request, response) => {
    if (await endpoints(request, response)) return
    await identify(request)
    if (await admit(request, response)) response.end('hello')
  }
}

function watching() {
  const resolution = 1
  const delays = monitorEventLoopDelay({ resolution })
  return {
    watch() {
      delays.reset()
      delays.enable()
    },
    lag() {
      delays.disable()
      return Math.max(0, delays.percentile(99) / 1e6 - resolution)
    },
  }
}
