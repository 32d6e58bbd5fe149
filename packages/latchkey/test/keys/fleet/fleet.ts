/** Starts the processes of a fleet, asks them, and sees to it that none is left. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SECRET } from '../fixtures.js'

export interface ReplicaOptions {
  readonly database: string
  readonly secret?: string | readonly string[]
  /** Seconds; without it the clock is the machine's. */
  readonly now?: number
  /** Seconds by which its clock is ahead of the others'. */
  readonly ahead?: number
  readonly variant?: string
  readonly revocation?: object
  readonly grace?: number
  readonly tokenCache?: number
}

export interface Pair {
  readonly access: string
  readonly refresh: string
}

export interface Refused {
  readonly token: string
  readonly code: string
}

export interface Replica {
  readonly process: ChildProcess
  /** Rejects with an error whose message is the code. */
  ask<T>(name: string, ...given: readonly unknown[]): Promise<T>
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('replica.mjs', import.meta.url))

export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const child = fork(program, [JSON.stringify({ secret: SECRET, ...options })], { execArgv: ['--no-warnings'] })
  const gone = once(child, 'exit')
  const [message] = await Promise.race([once(child, 'message'), gone])
  if (message !== 'ready') throw new Error(`the replica ended with ${String(message)}`)
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let asked = 0
  child.on('message', ({ id, value, code }: { id: number; value: never; code?: string }) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (code === undefined) one?.resolve(value)
    else one?.reject(new Error(code))
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the replica is gone'))
  })
  return { process: child, ask, stop }

  function ask<T>(name: string, ...given: readonly unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      waiting.set(++asked, { resolve, reject })
      child.send({ id: asked, name, given })
    })
  }

  async function stop(): Promise<void> {
    child.kill('SIGKILL')
    await gone
  }
}

/** Replicas of one database for some work. */
export async function withFleet<T>(
  all: readonly ReplicaOptions[],
  work: (fleet: readonly Replica[]) => Promise<T>,
): Promise<T> {
  const started: Replica[] = []
  try {
    // The first makes the tables and the keys, or two seconds of a busy machine would be spent on waiting for locks.
    for (const options of all.slice(0, 1)) started.push(await startReplica(options))
    started.push(...(await Promise.all(all.slice(1).map(startReplica))))
    return await work(started)
  } finally {
    await Promise.all(started.map((replica) => replica.stop()))
  }
}

/** `npm run soak -- keys` takes the time for what is too long for `npm test`. */
export const isLong = process.env.LATCHKEY_SOAK === 'keys'

/** A database that goes away afterwards. */
export function sqliteFile(): { readonly url: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-fleet-'))
  return { url: `sqlite:${join(folder, 'auth.db')}`, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
