/** Mercurius with its compiler, alone, with Latchkey and with @fastify/jwt: one authenticated question. */
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import { mercuriusAuth } from 'latchkey/graphql'
import mercurius from 'mercurius'
import { asked, root, ruled, schema } from './graphql.mjs'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = async ({ what = 'me' }) => ({
  ...(await bareTokens({ permissions: ['items:*'] })),
  ...asked[what],
  server: await serve((app) => app.register(mercurius, served(schema()))),
})

export async function latchkey({ alg, what = 'me' }) {
  const { auth, tokens } = await latchkeyTokens(alg, { permissions: ['items:*'] })
  const server = await serve((app) => app.register(mercuriusAuth(auth, mercurius), served(ruled())))
  return { tokens, ...asked[what], server }
}

/** `cache`: its cache of verified tokens, which it has off by itself. */
export async function fastifyJwt({ alg, cache }) {
  const { keys, tokens } = peerTokens(alg)
  const secret = keys.secret ?? { public: keys.publicKey, private: keys.privateKey }
  const server = await serve((app) => {
    app.register(jwt, { secret, sign: { algorithm: alg }, verify: { algorithms: [alg], cache } })
    app.addHook('preHandler', (request) => request.jwtVerify())
    app.register(mercurius, served(schema()))
  })
  return { tokens, ...asked.me, server }
}

/** Compiled from the second time on that a document comes. */
function served(made) {
  for (const [name, field] of Object.entries(made.getQueryType().getFields())) field.resolve = () => root[name]
  return { schema: made, jit: 1 }
}

async function serve(register) {
  const app = fastify()
  register(app)
  await app.ready()
  return app.server
}
