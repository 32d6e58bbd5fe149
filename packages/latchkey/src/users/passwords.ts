/** Hashing passwords: argon2id off the event loop, behind a bounded queue, and with the same work where there is nobody. */
import { availableParallelism } from 'node:os'
import { createQueue } from '../util/queue.js'
import { readForeign, type Work } from './foreign-hash.js'
import { ours, readHash, standardForm } from './phc.js'

export interface HasherOptions {
  /** Hashes computed at a time; by default all cores but one, and all threads of the pool but one. */
  readonly workers?: number | undefined
  /** Hashes that may wait, 32 by default. */
  readonly queue?: number | undefined
}

interface Verdict {
  readonly ok: boolean
  /** The password is right and its hash is made with other parameters than ours. */
  readonly outdated: boolean
}

/** Passwords are hashed as the UTF-8 bytes that were typed: not normalised, not trimmed. Both throw `overloaded`. */
export interface Hasher {
  /** The hash to store. */
  hash(password: string): Promise<string>
  /**
   * Without a usable hash the same work is done for a hash that nobody has. Never throws for what is stored. `welcome: false` for who
   * is refused even with the right password, so that this takes as long as a wrong one.
   */
  verify(stored: string | null | undefined, password: string, welcome?: boolean): Promise<Verdict>
}

const no: Verdict = { ok: false, outdated: false }
const parameters = { memoryCost: ours.memory, timeCost: ours.passes, parallelism: ours.lanes }
const nobody = `$argon2id$v=19$m=${ours.memory},t=${ours.passes},p=${ours.lanes}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Makes the hasher of a process. There should be one: the bound is its queue. */
export function createHasher(options: HasherOptions = {}): Hasher {
  const queue = createQueue({
    workers: options.workers ?? usualWorkers(),
    waiting: options.queue ?? 32,
    secondsPerTask: 0.1,
  })
  // Where imported hashes are about, whoever is refused costs as much as the dearest of each kind that was seen: nobody is told
  // from somebody who has not signed in since the import.
  const dearest = new Map<string, Work>()
  return { hash, verify }

  async function hash(password: string): Promise<string> {
    const argon2 = await load()
    return await queue(() => argon2.hash(password, parameters))
  }

  async function verify(stored: string | null | undefined, password: string, welcome = true): Promise<Verdict> {
    const argon2 = await load()
    const foreign = stored ? readForeign(stored) : undefined
    if (foreign) dearest.set(foreign.work.kind, dearer(foreign.work, dearest.get(foreign.work.kind)))
    return await queue(async () => {
      const verdict = foreign
        ? { ok: await foreign.verify(password).catch(() => false), outdated: true }
        : await verifyOurs(argon2, stored, password)
      if (verdict.ok && welcome) return verdict
      if (foreign) await argon2.verify(nobody, password)
      for (const work of dearest.values()) await work.burn(password, spentOn(work, foreign?.work)).catch(() => {})
      return verdict.ok ? verdict : no
    })
  }
}

async function verifyOurs(
  argon2: Awaited<ReturnType<typeof load>>,
  stored: string | null | undefined,
  password: string,
): Promise<Verdict> {
  const standard = standardForm(stored ?? '')
  const found = readHash(standard)
  const ok = await argon2.verify(found ? standard : nobody, password).catch(() => undefined)
  // A hash of the right shape that still cannot be decoded was refused at once: the work is made up for.
  if (ok === undefined) await argon2.verify(nobody, password)
  return found && ok ? { ok, outdated: found.outdated || standard !== stored } : no
}

const dearer = (one: Work, other: Work | undefined): Work => (other && other.cost > one.cost ? other : one)

const spentOn = (work: Work, done: Work | undefined): number => (work.kind === done?.kind ? done.cost : 0)

// One core stays free for everybody who is signed in already, one thread of the pool for files and names.
function usualWorkers(): number {
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4
  return Math.max(1, Math.min(availableParallelism(), threads) - 1)
}

// At first use: the native code costs start-up time that a process without logins need not pay.
const load = (): Promise<typeof import('@node-rs/argon2')> => import('@node-rs/argon2')
