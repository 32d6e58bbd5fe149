/** B3 for GraphQL: how much of a server's throughput is left when who asks is known, and what rules at a thousand items cost. */
import { quick, wanted } from './lib/command.mjs'
import { compareServers } from './lib/load.mjs'
import { print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'

const ours = (target) => [
  { name: 'latchkey, hot ES256', make: 'latchkey', options: { alg: 'ES256' }, target },
  { name: 'latchkey, cold HS256', make: 'latchkey', options: { alg: 'HS256' } },
]

const servers = {
  yoga: {
    bare: 'GraphQL Yoga',
    candidates: [
      ...ours(0.95),
      { name: 'plugin-jwt, HS256', make: 'pluginJwt', options: { alg: 'HS256' } },
      { name: 'plugin-jwt, RS256', make: 'pluginJwt', options: { alg: 'RS256' } },
    ],
  },
  mercurius: {
    bare: 'Mercurius (jit)',
    candidates: [
      ...ours(0.85),
      { name: '@fastify/jwt, HS256', make: 'fastifyJwt', options: { alg: 'HS256', cache: false } },
      { name: '@fastify/jwt, hot ES256', make: 'fastifyJwt', options: { alg: 'ES256', cache: true } },
    ],
  },
}

for (const [name, { bare, candidates }] of Object.entries(servers)) {
  if (!wanted(name)) continue
  const list = { what: 'items' }
  const module = `http/${name}.mjs`
  const all = [
    { make: 'bare' },
    ...candidates,
    { make: 'bare', options: list },
    { make: 'latchkey', options: { alg: 'ES256', ...list } },
  ].map((one) => ({ ...one, module }))
  const figures = await compareServers(all)
  const [limit, ...costs] = figures
  const kept = costs.slice(0, candidates.length).map((figure) => timesLess(figure, limit))
  const best = kept.indexOf(Math.max(...kept.filter((_, at) => !candidates[at].name.startsWith('latchkey'))))
  for (const [at, candidate] of candidates.entries()) {
    const same = { goal: 'B3', case: bare, candidate: candidate.name, peer: candidates[best].name, limit: bare }
    row({
      ...same,
      cost: median(costs[at]),
      to: bare,
      toCost: median(limit),
      ratio: kept[at],
      target: candidate.target,
    })
  }
  const [open, ruled] = figures.slice(-2)
  const items = { goal: 'B3', case: `${bare}, 1,000 items`, candidate: 'latchkey, a rule at each field' }
  const to = 'the same without rules'
  row({ ...items, limit: bare, to, cost: median(ruled), toCost: median(open), ratio: timesLess(ruled, open) })
  print(`B3 ${bare}, kept of its throughput${quick ? ' (quick)' : ''}: microseconds of CPU per request`)
}
