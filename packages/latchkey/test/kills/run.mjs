/** Kills a server at random instants while its clients go on, and lets the judge decide over what they saw. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFleet } from './fleet.mjs'
import { createLife } from './life.mjs'
import { pause } from './world.mjs'

/** A server lives until it was asked so often, at most, or one in ten dies while it opens the database. */
const MOST_QUESTIONS = 150
const OPENING_MILLISECONDS = 60

/**
 * `database` is the URL of an empty one; without it that is a SQLite file of its own. `until` ends the run early, once it is true of a verdict. `progress` learns the number of kills after each.
 *
 * @param {{ kills: number, database?: string | undefined, seed?: number, variant?: string, until?: (verdict: ReturnType<typeof import('./judge.mjs').judge>) => boolean, progress?: (kills: number) => void }} options
 * @returns the verdict with what it rests on: `kills`, `rotations`, `presentations`, ...
 */
export async function runKills({ kills, database, seed = Date.now(), variant = 'none', until, progress = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kills-'))
  const fleet = createFleet({ database: database ?? `sqlite:${join(folder, 'auth.db')}`, variant })
  const life = createLife({ fleet, seed })
  const { draw } = life
  const began = performance.now()
  let killed = 0
  try {
    await fleet.start()
    const work = life.go()
    // A client that falls over has to end the run, not wait for its end.
    await Promise.race([killing(), work])
    life.halt()
    await fleet.start()
    await work
    await life.settle()
  } finally {
    await fleet.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  return { variant, seed, kills: killed, seconds, ...life.tally(), ...life.verdict() }

  async function killing() {
    let serves = true
    await life.signedIn()
    while (killed < kills) {
      if (serves) await asked()
      await fleet.kill()
      progress(++killed)
      if (until?.(life.verdict())) return
      if (killed < kills) serves = await restart()
    }
  }

  async function asked() {
    await life.asked(draw() * MOST_QUESTIONS)
    await pause(draw() * 3)
  }

  async function restart() {
    const started = fleet.start()
    if (draw() >= 0.1) return started
    // The fork is loaded and told to begin within this time, or it is not; both are instants.
    await Promise.race([started, pause(draw() * OPENING_MILLISECONDS)])
    return false
  }
}
