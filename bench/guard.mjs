/** B3: how much of a framework's throughput is left when every request is authenticated. */
import { quick, wanted } from './lib/command.mjs'
import { compareServers } from './lib/load.mjs'
import { print, row } from './lib/report.mjs'
import { median, timesLess } from './lib/statistics.mjs'

const ours = (hot, cold) => [
  { name: 'latchkey, hot ES256', make: 'latchkey', options: { alg: 'ES256' }, target: hot },
  { name: 'latchkey, cold HS256', make: 'latchkey', options: { alg: 'HS256' }, target: cold },
]

const frameworks = {
  node: {
    bare: 'node:http',
    candidates: [
      ...ours(0.87),
      { name: 'latchkey, hot ES256, endpoints mounted', make: 'latchkey', options: { alg: 'ES256', mounted: true } },
      { name: 'an async handler without a guard', make: 'waiting' },
      { name: 'jsonwebtoken by hand, HS256', make: 'jwtByHand' },
      { name: 'fast-jwt by hand, HS256', make: 'fastJwtByHand', options: { alg: 'HS256', cache: false } },
      { name: 'fast-jwt by hand, hot ES256', make: 'fastJwtByHand', options: { alg: 'ES256', cache: true } },
    ],
  },
  fastify: {
    bare: 'Fastify 5',
    candidates: [
      ...ours(0.9, 0.7),
      { name: '@fastify/jwt, HS256', make: 'fastifyJwt', options: { alg: 'HS256', cache: false } },
      { name: '@fastify/jwt, hot HS256', make: 'fastifyJwt', options: { alg: 'HS256', cache: true } },
      { name: '@fastify/jwt, hot ES256', make: 'fastifyJwt', options: { alg: 'ES256', cache: true } },
    ],
  },
  express: {
    bare: 'Express 5',
    candidates: [
      ...ours(0.93, 0.87),
      { name: 'express-jwt, HS256 KeyObject', make: 'expressJwt', options: { text: false } },
      { name: 'express-jwt, HS256 text', make: 'expressJwt', options: { text: true } },
      { name: 'passport-jwt, HS256 text', make: 'passportJwt' },
      { name: 'express-oauth2-jwt-bearer, RS256', make: 'oauth2JwtBearer' },
    ],
  },
  hono: {
    bare: 'Hono on node-server',
    candidates: [
      ...ours(0.87),
      { name: 'hono/jwt, HS256', make: 'honoJwt', options: { alg: 'HS256' } },
      { name: 'hono/jwt, ES256', make: 'honoJwt', options: { alg: 'ES256' } },
    ],
  },
  nest: {
    bare: 'NestJS 11 on Express',
    candidates: [
      ...ours(0.9),
      { name: '@nestjs/jwt, HS256 text', make: 'jwtService' },
      { name: 'passport-jwt, HS256 text', make: 'passportJwt' },
    ],
  },
  // Koa has no goal, and no peer that is kept.
  koa: { bare: 'Koa 3', candidates: ours() },
}

for (const [name, { bare, candidates }] of Object.entries(frameworks)) {
  if (!wanted(name)) continue
  const module = `http/${name}.mjs`
  const all = [{ make: 'bare' }, ...candidates].map((one) => ({ ...one, module }))
  const [limit, ...figures] = await compareServers(all)
  const kept = figures.map((figure) => timesLess(figure, limit))
  const peers = candidates.map(({ name }) => /by hand|-jwt|\/jwt/.test(name))
  const best = kept.indexOf(Math.max(...kept.filter((_, at) => peers[at])))
  for (const [at, candidate] of candidates.entries()) {
    const same = {
      goal: 'B3',
      case: bare,
      candidate: candidate.name,
      peer: candidates[best]?.name ?? 'none',
      limit: bare,
    }
    const costs = { cost: median(figures[at]), to: bare, toCost: median(limit) }
    row({ ...same, ...costs, ratio: kept[at], target: candidate.target })
  }
  print(`B3 ${bare}, kept of its throughput${quick ? ' (quick)' : ''}: microseconds of CPU per request`)
}

// Two rows of this goal are servers of GraphQL.
if (wanted('yoga', 'mercurius')) await import('./graphql.mjs')
