/** Tokens of another issuer: guarding by them beside express-oauth2-jwt-bearer (B3), under a flood of unknown keys (G7), and among many issuers (B9). */
import { quick, wanted } from './lib/command.mjs'
import { besideOthers } from './lib/flood.mjs'
import { withIssuer } from './lib/key-server.mjs'
import { compareServers } from './lib/load.mjs'
import { compare } from './lib/micro.mjs'
import { print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'

const module = 'issuers.mjs'
const PEER = 'express-oauth2-jwt-bearer'
const COOL_DOWN = 30
const many = (amount) => (quick ? Math.ceil(amount / 50) : amount)
/** Tokens with keys that nobody has: a second, and in all. */
const FLOODED = [
  {
    on: 'node:http',
    make: 'latchkeyNode',
    paces: [
      { rate: 100, amount: many(1_000) },
      { rate: 300, amount: many(10_000) },
      { rate: 1_000, amount: many(10_000), isGoal: true },
    ],
  },
  {
    on: 'Express 5',
    make: 'latchkey',
    paces: [
      { rate: 300, amount: many(3_000) },
      { rate: 1_000, amount: many(10_000) },
    ],
  },
]
/** How much slower good tokens may become. */
const MOVED = 1.2
/** A fault that has to be seen: so many milliseconds more for each refusal. */
const FAULT = 2

if (wanted('peer')) await withIssuer(beside)
if (wanted('flood')) await withIssuer(flood, { secure: true })
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

/**
 * How long the slowest good requests take alone, and beside others: tokens with keys that nobody has, or as many good ones. In
 * production, because nobody floods a developer, who is told much more of each refusal.
 */
async function flood({ facts, asked, junk, trust }) {
  const good = { token: () => facts.tokens[Math.floor(Math.random() * facts.tokens.length)], status: 200 }
  const bad = { token: junk, status: 401 }
  const options = { ...facts, hot: true, users: 'none', development: false }
  const environment = { ...trust, NODE_ENV: 'production' }
  const served = (make, more) => ({ module, make, options: { ...options, ...more }, environment })
  for (const { on, make, paces } of FLOODED) {
    const [before, begun] = [asked(), performance.now()]
    const fastest = { ...paces.at(-1), isGoal: false }
    const arms = [fastest, ...paces.map((pace) => ({ ...pace, ...bad })), { ...fastest, ...good }]
    reportBeside(arms, await besideOthers(served(make), good, arms))
    reportAsked(asked() - before, (performance.now() - begun) / 1000)
    print(`G7 good tokens beside unknown keys, over ${on}: p99 in ms`)
  }
  const pace = { rate: 300, amount: many(2_000) }
  const arms = [pace, { ...pace, ...bad }]
  const times = await besideOthers(served('latchkeyNode', { slow: FAULT }), good, arms)
  const seen = reportBeside(arms, times)
  print(`G7 the same with a fault that has to be seen: refusals that take ${FAULT} ms more`)
  if (!quick && seen > 1 / MOVED) throw new Error('Slow refusals are not seen: this machine is too busy to measure.')
}

/** The first arm is nobody else. Answers the last ratio. */
function reportBeside(arms, [alone, ...times]) {
  const p99 = (ones) => median(ones.map((one) => one.p99))
  const ratios = arms.slice(1).map(({ rate, status, isGoal }, at) => {
    const busy = Math.round(median(times[at].map((one) => one.busy)) * 100)
    const others = `${status === 200 ? 'good ones' : 'junk'}, ${rate} a second`
    const named = { case: `beside ${others}`, candidate: `good tokens, server busy ${busy} %` }
    const figures = { cost: p99(times[at]), to: 'nobody else', toCost: p99(alone), ratio: p99(alone) / p99(times[at]) }
    row({ goal: 'G7', ...named, peer: null, limit: 'the goal', ...figures, target: isGoal ? 1 / MOVED : null })
    return figures.ratio
  })
  return ratios.at(-1)
}

function reportAsked(asked, seconds) {
  const most = 1 + Math.floor(seconds / COOL_DOWN)
  const named = { goal: 'G7', case: `requests for keys in ${Math.round(seconds)} s`, candidate: 'unknown keys' }
  const figures = { cost: asked, to: 'at most', toCost: most, ratio: most / Math.max(1, asked), target: 1 }
  row({ ...named, peer: null, limit: 'the goal', ...figures })
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
