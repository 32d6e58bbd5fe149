/** Fastify 5 alone, with Latchkey and with @fastify/jwt: one authenticated GET. */
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import { signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/fastify'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = async () => ({ ...(await bareTokens()), server: await serve() })

export async function latchkey({ alg }) {
  const { auth, tokens } = await latchkeyTokens(alg)
  return { tokens, server: await serve((app) => app.addHook('onRequest', authenticate(auth)), authorize(signedIn)) }
}

/** `cache`: its cache of verified tokens, which it has off by itself. */
export async function fastifyJwt({ alg, cache }) {
  const { keys, tokens } = peerTokens(alg)
  const secret = keys.secret ?? { public: keys.publicKey, private: keys.privateKey }
  const options = { secret, sign: { algorithm: alg }, verify: { algorithms: [alg], cache } }
  return {
    tokens,
    server: await serve(
      (app) => app.register(jwt, options),
      (request) => request.jwtVerify(),
    ),
  }
}

async function serve(prepare = () => {}, onRequest = []) {
  const app = fastify()
  prepare(app)
  app.get('/', { onRequest }, async () => ({ hello: 'world' }))
  await app.ready()
  return app.server
}
