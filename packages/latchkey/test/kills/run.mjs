/** Kills a server at random instants while its clients go on, and lets the judge decide over what they saw. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from './client.mjs'
import { createFleet } from './fleet.mjs'
import { judge } from './judge.mjs'
import { CLIENTS_PER_USER, chance, GRACE_SECONDS, pause, USERS } from './world.mjs'

/** A server lives until it was asked so often, at most, or one in ten dies while it opens the database. */
const MOST_QUESTIONS = 150
const OPENING_MILLISECONDS = 60

/** Clients that ask nothing for so long have got stuck. */
const PATIENCE_MILLISECONDS = 60_000

/**
 * `database` is the URL of an empty one; without it that is a SQLite file of its own. `until` ends the run early, once it is true of a verdict. `progress` learns the number of kills after each.
 *
 * @param {{ kills: number, database?: string | undefined, seed?: number, variant?: string, until?: (verdict: ReturnType<typeof judge>) => boolean, progress?: (kills: number) => void }} options
 * @returns the verdict with what it rests on: `kills`, `rotations`, `presentations`, ...
 */
export async function runKills({ kills, database, seed = Date.now(), variant = 'none', until, progress = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kills-'))
  const fleet = createFleet({ database: database ?? `sqlite:${join(folder, 'auth.db')}`, variant })
  const draw = chance(seed)
  const history = { logins: [], presentations: [], uses: [], endings: [] }
  const clients = USERS.flatMap((user) => {
    const account = { user, version: 0, tried: undefined, changing: false, made: 0 }
    return Array.from({ length: CLIENTS_PER_USER }, () => createClient({ fleet, account, chance: draw, history }))
  })
  const began = performance.now()
  let going = true
  let killed = 0
  try {
    await fleet.start()
    const work = Promise.all(clients.map(live))
    // A client that falls over has to end the run, not wait for its end.
    await Promise.race([killing(), work])
    going = false
    await fleet.start()
    await work
    await Promise.all(clients.map((client) => client.settle()))
  } finally {
    await fleet.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  return { variant, seed, kills: killed, seconds, ...tally(history), ...verdict() }

  function verdict() {
    return judge(history, { graceSeconds: GRACE_SECONDS })
  }

  async function live(client) {
    while (going) await client.step()
  }

  async function killing() {
    let serves = true
    while (answered(history.logins, 'ok') < clients.length) await pause(5)
    while (killed < kills) {
      if (serves) await asked(draw() * MOST_QUESTIONS)
      await fleet.kill()
      progress(++killed)
      if (until?.(verdict())) return
      if (killed < kills) serves = await restart()
    }
  }

  /** Counted in questions, so that a slow machine kills in the midst of things too; the instant itself is chance. */
  async function asked(questions) {
    const enough = history.presentations.length + questions
    const patience = performance.now() + PATIENCE_MILLISECONDS
    while (history.presentations.length < enough) {
      if (performance.now() > patience) throw new Error('nobody presents anything any more')
      await pause(1)
    }
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

const answered = (list, outcome) => list.filter((one) => one.outcome === outcome).length

function tally({ logins, presentations, uses, endings }) {
  return {
    sessions: answered(logins, 'ok'),
    presentations: presentations.length,
    rotations: new Set(presentations.map(({ successor }) => successor)).size,
    refusals: answered(presentations, 'refused'),
    unavailable: answered(presentations, 'unavailable'),
    unanswered: answered(presentations, 'lost') + answered(logins, 'lost') + answered(endings, 'lost'),
    uses: uses.length,
    endings: answered(endings, 'ok'),
  }
}
