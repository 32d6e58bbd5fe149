/** Makes the disk fail under a server again and again while its clients go on, and lets the judge decide over what they saw (case 246). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFleet } from './fleet.mjs'
import { createLife } from './life.mjs'
import { pause } from './world.mjs'

/** What fails, and how: a sync that did not happen, a write that did not, a disk that is full; always, or now and then. */
const ERRORS = [
  { calls: 'fdatasync,fsync', error: 'EIO', when: '1+' },
  { calls: 'fdatasync,fsync', error: 'EIO', when: '2+3' },
  { calls: 'pwrite64', error: 'EIO', when: '1+' },
  { calls: 'pwrite64', error: 'EIO', when: '3+7' },
  { calls: 'pwrite64', error: 'ENOSPC', when: '1+' },
  { calls: 'pwrite64,fdatasync,fsync,ftruncate', error: 'EIO', when: '2+5' },
]

/** How many questions are presented while the disk fails, and while it does not. */
const QUESTIONS = 60
/** A disk that fails always lets nobody in: then time ends it. */
const FAILING_MILLISECONDS = 1_500
const ATTACHED_MILLISECONDS = 10_000

/**
 * Needs `strace`, and the right to trace a process of one's own. After every tenth error the server is killed and started again, so that
 * only what is on the disk counts.
 *
 * @param {{ errors: number, seed?: number, variant?: string, until?: (verdict: ReturnType<typeof import('./judge.mjs').judge>) => boolean, progress?: (errors: number) => void }} options
 * @returns the verdict with what it rests on; `injected` counts the calls that failed
 */
export async function runErrors({
  errors,
  seed = Date.now(),
  variant = 'none',
  until = () => false,
  progress = () => {},
}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-errors-'))
  const path = join(folder, 'auth.db')
  const fleet = createFleet({ database: `sqlite:${path}`, variant })
  const life = createLife({ fleet, seed })
  const found = { errors: 0, injected: 0, crashed: 0 }
  let over = false
  try {
    await start()
    const work = life.go()
    await Promise.race([failing(), work])
    life.halt()
    await restart()
    await work
    await life.settle()
  } finally {
    over = true
    await fleet.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { variant, seed, ...life.tally(), ...life.verdict(), ...found }

  async function failing() {
    await life.signedIn()
    while (found.errors < errors) {
      await life.asked(life.draw() * QUESTIONS)
      const heal = await attach(fleet.pid(), ERRORS[Math.floor(life.draw() * ERRORS.length)])
      await Promise.race([life.asked(QUESTIONS), pause(FAILING_MILLISECONDS)])
      found.injected += await heal()
      progress(++found.errors)
      if (until(life.verdict())) return
      if (found.errors % 10 === 0) await restart()
    }
  }

  async function restart() {
    over = true
    await fleet.kill()
    await start()
  }

  async function start() {
    over = false
    await fleet.start()
    const mine = () => {
      if (!over) found.crashed++
    }
    void fleet.gone().then(mine)
  }

  /** From when this answers the calls on the database's files fail; what it answers ends that, and tells how many did. */
  async function attach(pid, { calls, error, when }) {
    const log = join(folder, 'strace')
    const files = ['', '-wal', '-journal'].flatMap((suffix) => ['-P', `${path}${suffix}`])
    const what = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${when}`]
    const strace = spawn('strace', ['-f', '-o', log, ...files, ...what, '-p', String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(strace, 'close')
    await attached(strace)
    return async () => {
      // It lets go of the server, which goes on.
      strace.kill('SIGINT')
      await ended
      return readFileSync(log, 'utf8').split('(INJECTED)').length - 1
    }
  }
}

/** It says so, once for every thread. */
function attached(strace) {
  return new Promise((resolve, reject) => {
    let said = ''
    const late = setTimeout(() => reject(new Error(`strace did not attach: ${said}`)), ATTACHED_MILLISECONDS)
    strace.stderr.on('data', (chunk) => {
      said += chunk
      if (!/attached/.test(said)) return
      clearTimeout(late)
      resolve(undefined)
    })
    strace.once('close', () => reject(new Error(`strace ended: ${said}`)))
  })
}
