/** B6: logins against the password hash alone, and what they do to everybody who is signed in already. */
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { quick } from './lib/command.mjs'
import { probe } from './lib/probe.mjs'
import { start } from './lib/remote.mjs'
import { below, print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'
import { inTurn } from './lib/turns.mjs'
import { bytesOf, openWire, sendAll } from './lib/wire.mjs'

const clients = 32
const workers = Math.max(1, availableParallelism() - 1)
const logins = quick ? clients : 96
const module = new URL('./candidates/login.mjs', import.meta.url).href

const [hashing, serving] = [start('./serve.mjs'), start('./serve.mjs')]
try {
  await hashing.ask('prepare', module, 'raw', { workers })
  const facts = await serving.ask('prepare', module, 'latchkey', { workers, people: quick ? 2 : clients })
  // The flood before the first round is for the compiler.
  await flood(facts)
  report(await inTurn([hashes, () => flood(facts), () => besieged(facts), () => idle(facts)], (turn) => turn()))
} finally {
  hashing.stop()
  serving.stop()
}

function hashes() {
  return costOf(hashing, () => hashing.ask('call', 'hashes', logins))
}

function flood({ url, bodies }) {
  return costOf(serving, () => login(url, bodies))
}

/** A flood of its own, because the guarded requests beside it cost CPU too. */
function besieged(facts) {
  return watched(facts, () => flood(facts))
}

function idle(facts) {
  return watched(facts, () => sleep(quick ? 50 : 1_000))
}

async function watched({ url, token }, work) {
  const guarded = probe(url, token)
  await serving.ask('call', 'watch')
  await work()
  return { lag: await serving.ask('call', 'lag'), guard: await guarded.stop() }
}

async function login(url, bodies) {
  const headers = { 'content-type': 'application/json' }
  const all = bodies.map((body) => bytesOf(url, { method: 'POST', path: '/auth/login', headers, body }))
  let at = 0
  const wire = await openWire(url, clients)
  const start = performance.now()
  await sendAll(wire, logins, () => all[at++ % all.length])
  const time = performance.now() - start
  wire.close()
  return time
}

/** Milliseconds of CPU and of time, each. */
async function costOf(process, work) {
  const before = await process.ask('cpu')
  const time = await work()
  return { cpu: ((await process.ask('cpu')) - before) / 1000 / logins, time: time / logins }
}

function report([raw, flooded, busy, quiet]) {
  const of = (rounds, name) => rounds.map((round) => round[name])
  const peer = 'argon2id alone'
  const same = { goal: 'B6', candidate: 'POST /auth/login', peer, limit: peer }
  const at = `${clients} clients, workers: ${workers}`
  for (const [name, what] of [
    ['cpu', 'CPU ms per login'],
    ['time', 'ms between two logins'],
  ]) {
    const [ours, theirs] = [of(flooded, name), of(raw, name)]
    const costs = { cost: median(ours), to: peer, toCost: median(theirs) }
    row({ ...same, case: `${what}, ${at}`, ...costs, ratio: timesLess(ours, theirs), target: 0.9 })
  }
  const lag = median(of(busy, 'lag'))
  const calm = { limit: 'idle', peer: 'idle', to: 'idle' }
  const lags = { cost: lag, to: 'at most 10 ms', idle: median(of(quiet, 'lag')), ratio: below(lag, 10), target: 1 }
  row({ ...same, ...calm, case: `p99 lag of the event loop, ms, ${at}`, ...lags })
  const [besieged, alone] = [of(busy, 'guard'), of(quiet, 'guard')]
  const guards = { cost: median(besieged), toCost: median(alone), ratio: timesLess(besieged, alone), target: 1 / 3 }
  row({ ...same, ...calm, candidate: 'guarded GET', case: `p99 of a guarded GET, ms, ${at}`, ...guards })
  print('B6 logins under 32 clients')
}
