/** The processes of the cluster: PostgreSQL, Redis and three servers, each started again when it dies. */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createAuth } from 'latchkey'
import { seed } from '../../lib/example.mjs'
import { freePort, prepareServices, type Service } from '../../lib/services.mjs'
import { type Environment, variables } from './environment.js'
import { type Kept, keep } from './keeper.js'

export interface Cluster {
  readonly servers: readonly Kept[]
  readonly services: readonly Kept[]
  stop(): Promise<void>
}

/** A server is back at once. A database stays away long enough to see what happens meanwhile. */
const SERVER_PAUSE = 300
const SERVICE_PAUSE = 2_000

const PATIENCE_MILLISECONDS = 30_000

const exec = promisify(execFile)
const program = fileURLToPath(new URL('server.js', import.meta.url))

/** Resolves when all of it can be used. The files of PostgreSQL and Redis, and their logs, lie in `folder`. */
export async function startCluster(folder: string, issuer: string, secret: string): Promise<Cluster> {
  const { postgres, redis } = await prepareServices(folder)
  const services = [postgres, redis].map((service) => keepService(service, folder))
  const servers: Kept[] = []
  try {
    await up(services)
    const common = { issuer, secret, database: postgres.url, redis: redis.url }
    await letPeopleIn(common)
    for (const name of ['a', 'b', 'c']) servers.push(keepServer({ name, port: await freePort(), ...common }))
    await up(servers)
    return { servers, services, stop }
  } catch (error) {
    await stop()
    throw error
  }

  /** Those who use the services first. */
  async function stop(): Promise<void> {
    for (const all of [servers, services]) await Promise.all(all.map((one) => one.stop()))
  }
}

function keepService({ name, port, run: [program, args], check, user, stop }: Service, folder: string): Kept {
  const start = () => {
    const log = openSync(join(folder, `${name}.log`), 'a')
    // Detached: the keyboard's Ctrl-C is for the one program that was typed, which stops the others in their order.
    const child = spawn(program, args, { ...user, cwd: '/', detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    return child
  }
  return keep({ name, port, start, ready: (child) => answers(check, child), pause: SERVICE_PAUSE, signal: stop })
}

function keepServer(given: Environment): Kept {
  const start = () => fork(program, { env: variables(given), detached: true })
  const ready = async (child: ChildProcess) => void (await once(child, 'message'))
  return keep({ name: given.name, port: given.port, start, ready, pause: SERVER_PAUSE, signal: 'SIGTERM' })
}

async function answers([program, args]: Service['check'], child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await exec(program, [...args])
      return
    } catch {
      await sleep(50)
    }
  }
}

async function up(all: readonly Kept[]): Promise<void> {
  const until = performance.now() + PATIENCE_MILLISECONDS
  while (!all.every(({ isUp }) => isUp)) {
    if (performance.now() > until) throw new Error(`not up: ${all.filter(({ isUp }) => !isUp).map(({ name }) => name)}`)
    await sleep(20)
  }
}

async function letPeopleIn(options: Pick<Environment, 'issuer' | 'database' | 'secret'>): Promise<void> {
  const auth = createAuth({ ...options, development: true })
  try {
    await seed(auth)
  } finally {
    await auth.close()
  }
}
