/** B1 and B2: verifying and signing one token, cold and hot, against node:crypto alone and against the peers. */
import { quick, wanted } from './lib/command.mjs'
import { compare } from './lib/micro.mjs'
import { print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'
import { makeKeys } from './lib/tokens.mjs'

const all = ['HS', 'RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits))
const algorithms = quick ? ['HS256', 'ES256'] : [...all, 'EdDSA']

const peers = [
  { name: 'fast-jwt', library: 'fast-jwt' },
  { name: 'jsonwebtoken (KeyObject)', library: 'jsonwebtoken', lacks: ['EdDSA'] },
  { name: 'jsonwebtoken (text)', library: 'jsonwebtoken', text: true, lacks: ['EdDSA'] },
  { name: 'jose', library: 'jose' },
  { name: 'hono/jwt', library: 'hono' },
]
const LIMIT = 'node:crypto'

for (const alg of algorithms.filter((name) => wanted(name, 'cold'))) {
  await cold('verify', 'verifying', alg, alg.startsWith('HS') ? 1.5 : 1)
  await cold('sign', 'signing', alg, alg.startsWith('HS') ? 1.5 : 0.98)
}
if (wanted('hot')) {
  await hot(256, 8)
  await hot(quick ? 1_000 : 100_000, 2)
}

/** Ours against the limit, each peer against the limit, ours against each peer. */
async function cold(what, make, alg, target) {
  const keys = makeKeys(alg)
  const able = peers.filter(({ lacks = [] }) => !lacks.includes(alg))
  const names = [{ name: LIMIT, library: 'limit' }, { name: 'latchkey', library: 'latchkey' }, ...able]
  const figures = await compare(
    names.map(({ library, text }) => ({ module: 'jwt.mjs', make, options: { library, text, alg, keys } })),
  )
  const [limit, ours, ...theirs] = figures
  const same = { goal: 'B1', case: `${what} ${alg}`, candidate: 'latchkey', limit: LIMIT, cost: median(ours) }
  const best = able[cheapest(theirs)].name
  row({ ...same, peer: best, to: LIMIT, toCost: median(limit), ratio: timesLess(ours, limit), target })
  for (const [at, { name }] of able.entries()) {
    const reached = { toCost: median(theirs[at]), toOfLimit: timesLess(theirs[at], limit) }
    row({ ...same, peer: name, to: name, ...reached, ratio: timesLess(ours, theirs[at]), target: 1 })
  }
  print(`B1 ${what} ${alg}, cold: microseconds of CPU`)
}

async function hot(live, target) {
  const peer = "fast-jwt's cache"
  const candidate = (make, options) => ({ module: 'hot.mjs', make, options: { live, ...options } })
  const [ours, open, theirs] = await compare([
    candidate('latchkey', {}),
    candidate('latchkey', { open: true }),
    candidate('fastJwt', {}),
  ])
  const same = { goal: 'B2', case: `verify ES256, ${live} live`, peer, limit: peer, to: peer, toCost: median(theirs) }
  row({ ...same, candidate: 'latchkey', cost: median(ours), ratio: timesLess(ours, theirs), target })
  row({ ...same, candidate: 'latchkey, auth.tokens', cost: median(open), ratio: timesLess(open, theirs) })
  print(`B2 hot tokens, ${live} of them: microseconds of CPU`)
}

function cheapest(figures) {
  const medians = figures.map(median)
  return medians.indexOf(Math.min(...medians))
}
