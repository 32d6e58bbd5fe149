/** Tokens of another issuer: guarding by them beside express-oauth2-jwt-bearer (B3), under a flood of unknown keys (G7), and among many issuers (B9). */
import { quick, roundsWanted, wanted } from './lib/command.mjs'
import { withIssuer } from './lib/key-server.mjs'
import { compareServers } from './lib/load.mjs'
import { compare } from './lib/micro.mjs'
import { probe } from './lib/probe.mjs'
import { start } from './lib/remote.mjs'
import { print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'
import { inTurn } from './lib/turns.mjs'

const module = 'issuers.mjs'
const PEER = 'express-oauth2-jwt-bearer'
const COOL_DOWN = 30
const AMOUNT = quick ? 200 : 10_000
/** A second. */
const RATE = 1_000

if (wanted('peer')) await withIssuer(beside)
if (wanted('flood')) await withIssuer(flood)
if (wanted('many')) await flat()

async function beside({ facts }) {
  const candidates = [
    { name: 'remoteAuth, hot', make: 'latchkeyRemote', options: { hot: true } },
    { name: 'remoteAuth, cold', make: 'latchkeyRemote', options: { hot: false } },
    { name: 'createAuth, claims alone, hot', make: 'latchkey', options: { hot: true, users: 'none' } },
    { name: 'createAuth, claims alone, cold', make: 'latchkey', options: { hot: false, users: 'none' } },
    { name: 'createAuth, users on the fly, hot', make: 'latchkey', options: { hot: true, users: 'create' } },
    { name: 'createAuth, users on the fly, cold', make: 'latchkey', options: { hot: false, users: 'create' } },
  ]
  const all = [{ make: 'bare' }, { make: 'peer' }, ...candidates]
  const figures = await compareServers(
    all.map(({ make, options }) => ({ module, make, options: { ...facts, ...options } })),
  )
  const [bare, peer, ...ours] = figures
  const limit = 'Express 5'
  const same = { goal: 'B3', case: 'RS256 of another issuer, Express 5', peer: PEER, limit }
  for (const [at, { name }] of candidates.entries()) {
    const costs = { cost: median(ours[at]), to: PEER, toCost: median(peer), ofLimit: timesLess(ours[at], bare) }
    row({ ...same, candidate: name, ...costs, ratio: timesLess(ours[at], peer), target: 1 })
  }
  row({ ...same, candidate: PEER, cost: median(peer), to: limit, toCost: median(bare), ratio: timesLess(peer, bare) })
  print('B3 guarded by tokens of another issuer: microseconds of CPU per request')
}

/** How long the slowest good requests take alone, beside so many other good ones, and beside as many with keys that nobody has. */
async function flood({ facts, asked, junk }) {
  const serving = start('./serve.mjs')
  // A process of its own, so that the good requests are not waiting for whoever sends the others.
  const many = start('./crowd.mjs')
  const crowd = (url, token) => many.ask('crowd', url, Array.from({ length: AMOUNT }, token), RATE)
  try {
    const url = new URL(`candidates/${module}`, import.meta.url).href
    const server = await serving.ask('prepare', url, 'latchkey', { ...facts, hot: true, users: 'none' })
    const good = () => facts.tokens[Math.floor(Math.random() * facts.tokens.length)]
    await crowd(server.url, good)
    const [before, begun] = [asked(), performance.now()]
    const turns = [pause, () => crowd(server.url, good), () => crowd(server.url, junk)]
    const slowest = async (turn) => {
      const guarded = probe(server.url, facts.tokens[0])
      await turn()
      return guarded.stop()
    }
    const [alone, busy, flooded] = await inTurn(turns, slowest, Math.min(5, roundsWanted))
    reportFlood({ alone, busy, flooded, asked: asked() - before, seconds: (performance.now() - begun) / 1000 })
  } finally {
    serving.stop()
    many.stop()
  }
}

function reportFlood({ alone, busy, flooded, asked, seconds }) {
  const same = { goal: 'G7', candidate: 'good tokens beside junk', peer: null, cost: median(flooded) }
  const moved = { limit: 'the goal', target: 1 / 1.2 }
  for (const [to, times] of [
    ['as many good requests', busy],
    ['nobody else', alone],
  ]) {
    const figures = { to, toCost: median(times), ratio: median(times) / median(flooded) }
    row({ ...same, case: 'p99 in ms, 1,000 a second', ...figures, ...moved })
  }
  const most = 1 + Math.floor(seconds / COOL_DOWN)
  const asking = { case: `requests for keys in ${Math.round(seconds)} s`, candidate: 'unknown keys', cost: asked }
  row({ ...same, ...asking, to: 'at most', toCost: most, ratio: most / Math.max(1, asked), ...moved, target: 1 })
  print('G7 ten thousand unknown keys in ten seconds')
}

function pause() {
  return new Promise((done) => setTimeout(done, (AMOUNT / RATE) * 1000))
}

async function flat() {
  const most = quick ? 10 : 1_000
  for (const { alg, hot, asked } of [
    { alg: 'HS256', hot: false, asked: false },
    { alg: 'ES256', hot: true, asked: false },
    { alg: 'HS256', hot: false, asked: true },
  ]) {
    const candidate = (count) => ({ module, make: 'many', options: { count, alg, hot, asked } })
    const [few, all] = await compare([candidate(1), candidate(most)])
    const what = asked ? 'tenants' : 'issuers'
    const same = { goal: 'B9', candidate: `latchkey, ${most} ${what}`, peer: '1', limit: '1', to: '1' }
    const figures = { cost: median(all), toCost: median(few), ratio: timesLess(all, few), target: 0.95 }
    row({ ...same, case: `verify, ${hot ? 'hot' : 'cold'} ${alg}, ${what}`, ...figures })
  }
  print('B9 verifying among many issuers: microseconds of CPU')
}
