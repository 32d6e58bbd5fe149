/** B5, B8 and B9: rotations at the port and over HTTP, how soon other processes refuse what was revoked, and whether cost grows with what there is. */
import { setTimeout as sleep } from 'node:timers/promises'
import { quick, roundsWanted, wanted } from './lib/command.mjs'
import { compare } from './lib/micro.mjs'
import { refreshing } from './lib/refreshing.mjs'
import { refusal } from './lib/refusal.mjs'
import { start } from './lib/remote.mjs'
import { below, print, row } from './lib/report.mjs'
import { withServices } from './lib/services.mjs'
import { median, percentile, timesLess } from './lib/statistics.mjs'
import { inTurn } from './lib/turns.mjs'

const CLIENTS = 64

if (wanted('port')) await withServices(port)
if (wanted('http')) await withServices(http)
if (wanted('replicas')) await withServices(replicas)
if (wanted('sessions', 'keys')) await flat()
if (wanted('prune')) await prune()

async function port({ postgres }) {
  for (const store of ['SQLite', 'PostgreSQL']) {
    const name = store === 'SQLite' ? 'Sqlite' : 'Postgres'
    const urls = store === 'SQLite' ? [] : [await postgres('single'), await postgres('latchkey')]
    const made = ['single', 'latchkey'].map((who, at) => ['rotations.mjs', `${who}${name}`, { url: urls[at] }])
    await withServers(made, async ([single, grouped]) => {
      const turns = [
        { ...single, callers: CLIENTS, amount: quick ? 100 : 2_000 },
        { ...grouped, callers: CLIENTS, amount: quick ? 100 : 8_000 },
        { ...grouped, callers: 256, amount: quick ? 300 : 16_000 },
      ]
      for (const turn of turns) await rotations(turn)
      const [peer, ...ours] = await inTurn(turns, rotations)
      for (const [at, costs] of ours.entries()) {
        const same = { goal: 'B5', candidate: 'sessions.rotate', peer: 'one UPDATE for each commit', to: 'one UPDATE' }
        const figures = { cost: median(costs), toCost: median(peer), ratio: timesLess(costs, peer), target: 3 }
        row({ ...same, limit: same.peer, case: `${store}, ${turns[at + 1].callers} at a time`, ...figures })
      }
    })
  }
  print('B5 durable rotations at the port of the store: microseconds between two of them')
}

async function rotations({ ask, callers, amount }) {
  return ((await ask('call', 'rotations', callers, amount)) * 1000) / amount
}

async function http({ postgres }) {
  const candidates = [
    ['refresh.mjs', 'bare', {}],
    ['refresh.mjs', 'latchkey', {}],
    ['refresh.mjs', 'latchkey', { url: await postgres('refresh') }],
  ]
  await withServers(candidates, async (servers) => {
    const load = (amount) => (server) => refreshing(server, { clients: CLIENTS, amount })
    for (const server of servers) await load(quick ? 100 : 4_000)(server)
    const [bare, ...ours] = await inTurn(servers, load(quick ? 100 : 2_000))
    for (const [at, store] of ['SQLite', 'PostgreSQL'].entries()) {
      for (const [name, what] of [
        ['cpu', 'CPU ms of a refresh'],
        ['time', 'ms between two refreshes'],
      ]) {
        const [costs, limits] = [ours[at], bare].map((rounds) => rounds.map((round) => round[name]))
        const limit = 'node:http and one ES256 signature'
        const same = { goal: 'B5', candidate: 'POST /auth/refresh', peer: limit, limit, to: 'bare' }
        const figures = { cost: median(costs), toCost: median(limits), ratio: timesLess(costs, limits), target: 0.4 }
        row({ ...same, case: `${what}, ${store}, ${CLIENTS} clients`, ...figures })
      }
    }
  })
  print('B5 refreshing over HTTP')
}

async function replicas({ postgres, redis }) {
  for (const { name, most, push, ...beside } of [
    { name: 'PostgreSQL tells', most: 50, push: true },
    { name: 'Redis tells', most: 50, push: true, redis: await redis() },
    { name: 'nobody tells, read every second', most: 1_000, push: false },
  ]) {
    const options = { url: await postgres(name), push, ...beside }
    const made = [1, 2].map(() => ['replica.mjs', 'replica', options])
    await withServers(made, async ([here, there]) => {
      const tokens = await here.ask('call', 'issue', quick ? 4 : 20 * roundsWanted)
      const delays = push ? await oneByOne(tokens, here, there) : await allAtOnce(tokens, here, there)
      const same = { goal: 'B8', candidate: 'auth.revoke', peer: null, limit: 'the goal', to: 'at most', toCost: most }
      const cost = percentile(delays, 0.99)
      const figures = { cost, median: median(delays), ratio: below(cost, most), target: 1 }
      row({ ...same, case: `p99, ${name}`, ...figures })
    })
  }
  print('B8 from revoking on one process to the first refusal by another: milliseconds')
}

async function oneByOne(tokens, here, there) {
  const delays = []
  for (const token of tokens) delays.push(await delayOf(token, here, there))
  return delays
}

/** A few at a time, each at a moment of its own; the revoking process is asked one question at a time. */
async function allAtOnce(tokens, here, there) {
  let last = Promise.resolve()
  const inLine = { ask: (...question) => (last = last.then(() => here.ask(...question))) }
  const left = [...tokens]
  const delays = []
  const prober = async () => {
    while (left.length > 0) {
      const token = left.pop()
      await sleep(Math.random() * 1_000)
      delays.push(await delayOf(token, inLine, there))
    }
  }
  await Promise.all(Array.from({ length: 8 }, prober))
  return delays
}

async function delayOf(token, here, there) {
  const refused = refusal(there.facts.url, token)
  const [asked, at] = await Promise.all([sleep(5).then(() => here.ask('call', 'revoke', token)), refused])
  return at - asked
}

async function flat() {
  for (const { name, most, alg, hot } of [
    { name: 'sessions', most: quick ? 1_000 : 1_000_000, alg: 'HS256', hot: false },
    { name: 'sessions', most: quick ? 1_000 : 1_000_000, alg: 'ES256', hot: true },
    { name: 'keys', most: quick ? 10 : 1_000, alg: 'HS256', hot: false },
  ]) {
    if (!wanted(name)) continue
    const candidate = (count) => ({ module: 'crowded.mjs', make: name, options: { count, alg, hot } })
    const [few, many] = await compare([candidate(1), candidate(most)])
    const same = { goal: 'B9', candidate: `latchkey, ${most} ${name}`, peer: '1', limit: '1', to: '1' }
    const figures = { cost: median(many), toCost: median(few), ratio: timesLess(many, few), target: 0.95 }
    row({ ...same, case: `verify, ${hot ? 'hot' : 'cold'} ${alg}, ${name}`, ...figures })
  }
  print('B9 verifying among many: microseconds of CPU')
}

async function prune() {
  await withServers([['pruned.mjs', 'store', { count: quick ? 300 : 20_000 }]], async ([store]) => {
    const [rounds] = await inTurn([store], ({ ask }) => ask('call', 'prune'))
    const same = { goal: 'B9', candidate: 'auth.prune', peer: null, limit: 'the goal', to: 'at most', toCost: 10 }
    for (const [name, what] of [
      ['cpu', 'CPU ms'],
      ['time', 'ms'],
    ]) {
      const cost = median(rounds.map((round) => round[name]))
      row({ ...same, case: `${what} of the longest turn of the loop, SQLite`, cost, ratio: below(cost, 10), target: 1 })
    }
  })
  print('B9 deleting what has ended')
}

/** Each candidate is `[module, make, options]`, as lib/serve.mjs takes them. */
async function withServers(candidates, work) {
  const running = candidates.map(() => start('./serve.mjs'))
  try {
    const servers = []
    for (const [at, [module, make, options]] of candidates.entries()) {
      const { ask } = running[at]
      const url = new URL(`candidates/${module}`, import.meta.url).href
      servers.push({ ask, facts: await ask('prepare', url, make, options) })
    }
    await work(servers)
  } finally {
    for (const one of running) one.stop()
  }
}
