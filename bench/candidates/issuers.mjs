/** Tokens of other issuers: verified by an auth that trusts so many of them, and a guard over Express beside the one that Auth0 publishes. */
import { createServer } from 'node:http'
import express from 'express'
import { auth as auth0 } from 'express-oauth2-jwt-bearer'
import { createAuth, remoteAuth, signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/express'
import * as node from 'latchkey/node'
import { freshly, issuer, makeClaims, makeKeys, makeToken } from '../lib/tokens.mjs'

const secret = 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl'
const LIVE = 1_000

/** Tokens of so many issuers, each with a key of its own; with `asked` they stand in a table that is asked for each. */
export async function many({ count, alg, hot, asked }) {
  const all = Array.from({ length: count }, (_, at) => ({
    name: `https://issuer-${String(at).padStart(4, '0')}.example.com`,
    keys: makeKeys(alg),
  }))
  const rows = new Map(all.map(({ name, keys }) => [name, rowOf(name, alg, keys)]))
  let service
  const taker = ({ tokens }) => {
    service = tokens
    return { authenticate: () => undefined }
  }
  const issuers = asked ? { resolve: (name) => rows.get(name), remember: '1d' } : [...rows.values()]
  const options = { issuer, database: 'memory', secret, authenticators: [taker], tokenCache: hot ? 10_000 : 0 }
  await createAuth({ ...options, issuers }).ready()
  const tokens = Array.from({ length: LIVE }, (_, n) => {
    const { name, keys } = all[n % count]
    return makeToken(alg, keys, { ...makeClaims(), iss: name })
  })
  for (const token of tokens) await service.verify(token)
  return { operation: service.verify, inputs: freshly(tokens, () => Math.floor(Math.random() * LIVE)) }
}

const rowOf = (name, alg, keys) => ({
  issuer: name,
  keys: keys.secret ? { secret: keys.secret } : { pem: keys.publicKey },
  algorithms: [alg],
  audience: issuer,
  users: 'none',
})

/** Express alone, to which the token is one more header. */
export const bare = ({ tokens }) => ({ tokens, server: app() })

/** The guard of a service without a database. */
export function latchkeyRemote({ tokens, name, jwksUrl, hot }) {
  const options = { keys: { jwksUrl }, algorithms: ['RS256'], audience: issuer, tokenCache: hot ? 10_000 : 0 }
  return latchkeyServer(remoteAuth(name, { ...options, development: true }), tokens)
}

/** The guard of an application that has users of its own, and makes those of the issuer; or only the claims of them. */
export async function latchkey(options) {
  return latchkeyServer(await application(options), options.tokens)
}

const latchkeyServer = (auth, tokens) => ({ tokens, server: app(authenticate(auth), authorize(signedIn)) })

/** The same without a framework. `slow`: so many milliseconds are wasted on each refusal. */
export async function latchkeyNode({ slow = 0, ...options }) {
  const auth = await application(options)
  const [identify, admit] = [node.authenticate(auth), node.authorize(auth, signedIn)]
  const server = createServer(async (request, response) => {
    await identify(request)
    if (slow > 0 && !auth.of(request)) waste(slow)
    if (await admit(request, response)) response.setHeader('content-type', 'application/json').end('{"hello":"world"}')
  })
  return { tokens: options.tokens, server }
}

function waste(milliseconds) {
  const start = performance.now()
  while (performance.now() - start < milliseconds);
}

async function application({ name, jwksUrl, hot, users, development = true }) {
  // The issuer is on this machine, which nobody's is in production.
  const keys = { jwksUrl, allowPrivate: true }
  const row = { issuer: name, keys, algorithms: ['RS256'], audience: issuer, users }
  const options = { issuer, database: 'memory', secret, tokenCache: hot ? 10_000 : 0, development }
  const auth = createAuth({ ...options, issuers: [row] })
  await auth.ready()
  return auth
}

export const peer = ({ tokens, name, jwksUrl }) => ({
  tokens,
  server: app(auth0({ issuer: name, jwksUri: jwksUrl, audience: issuer, tokenSigningAlg: 'RS256' })),
})

function app(...guards) {
  const made = express()
  for (const guard of guards) made.use(guard)
  made.get('/', (_request, response) => response.json({ hello: 'world' }))
  return createServer(made)
}
