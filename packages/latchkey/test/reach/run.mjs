/** Ends things on several servers at once while others look on, stops one of them for a while, and lets the judge decide over what was seen. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chance, pause, USERS } from '../kills/world.mjs'
import { judge } from './judge.mjs'
import { createLane } from './lane.mjs'
import { createLedger } from './ledger.mjs'
import { startReplicas } from './replicas.mjs'
import { stopFor } from './stopper.mjs'

/** The part of the interval between two polls within which nearly all of what is pushed arrives; of what is only polled some always needs longer. */
const PUSHED = 0.5

/**
 * `database` is the URL of an empty one; without it that is a SQLite file of its own. Without `pushes` the servers poll only.
 * `stop`: for how many seconds one of them is stopped; 0 for never.
 *
 * @param {{ count: number, processes?: number, stop?: number, database?: string | undefined, redis?: string | undefined, pushes?: boolean, bound?: number, poll?: number, whenStale?: string, variant?: string, seed?: number, progress?: (count: number) => void }} options
 * @returns the verdict with what it rests on
 */
export async function runReach(options) {
  const {
    count,
    processes = 2,
    stop = 0,
    bound = 5,
    whenStale = 'ask-store',
    variant = 'none',
    seed = Date.now(),
  } = options
  const { database, redis, poll = 1, pushes = false, progress = () => {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-reach-'))
  const fleet = await startReplicas(processes, {
    database: database ?? `sqlite:${join(folder, 'auth.db')}`,
    redis,
    users: USERS,
    variant,
    pushes,
    revocation: { bound, poll, whenStale },
  })
  const { replicas } = fleet
  const draw = chance(seed)
  const ledger = createLedger()
  const settings = { boundSeconds: bound, whenStale }
  const lanes = USERS.map((user) => createLane({ replicas, ledger, user, draw, settings }))
  const began = performance.now()
  let revocations = 0
  let stopped
  try {
    const work = Promise.all(lanes.map(live))
    if (stop > 0) stopped = await Promise.race([stopOne(), work.then(() => undefined)])
    await work
  } finally {
    await fleet.end()
    rmSync(folder, { recursive: true, force: true })
  }
  const { findings, ...counts } = judge(ledger, settings)
  const others = ledger.endings.map(elsewhere).filter((lags) => lags.length > 0)
  const reach = Object.fromEntries(
    ['refused', 'taken'].map((name) => [
      name,
      distribution(others.map((lags) => Math.max(...lags.map((lag) => lag[name])))),
    ]),
  )
  const slow = Number(pushes && reach.refused.p99 > PUSHED * poll * 1000)
  const seconds = Math.round((performance.now() - began) / 1000)
  const unseen = ledger.unseen.length
  const facts = {
    seed,
    processes,
    bound,
    whenStale,
    seconds,
    revocations,
    kinds: tally(ledger.endings),
    reach,
    stopped,
  }
  return { ...facts, presentations: ledger.shown.length, ...counts, unseen, slow, findings }

  async function live(lane) {
    while (revocations < count || replicas.some(({ serves }) => !serves)) {
      if (await lane.round()) progress(++revocations)
      // Half of them are to happen while a replica is stopped, however long that takes.
      if (stop > 0 && replicas.some(({ serves }) => !serves))
        await pause((draw() * 2 * lanes.length * (stop * 2000)) / count)
    }
  }

  async function stopOne() {
    while (revocations < count / 4) await pause(5)
    const replica = replicas[Math.floor(draw() * replicas.length)]
    return stopFor(stop, { replica, ledger, good: () => lanes.flatMap((lane) => lane.good()) })
  }
}

function tally(endings) {
  const kinds = {}
  for (const { kind, outcome } of endings) if (outcome === 'ok') kinds[kind] = (kinds[kind] ?? 0) + 1
  return kinds
}

/** Of the other servers, how many milliseconds after the acknowledgement a question was asked that was still granted, and one was refused. */
const elsewhere = ({ by, lags }) => lags.filter(({ replica }) => replica !== by)

/** Of milliseconds. */
function distribution(values) {
  const sorted = values.sort((a, b) => a - b)
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 10) / 10
  return { of: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
