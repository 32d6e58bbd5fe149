/** Hono on @hono/node-server alone, with Latchkey and with its own jwt middleware: one authenticated GET. */
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import { signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/hono'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = async () => ({ ...(await bareTokens()), server: app() })

export async function latchkey({ alg }) {
  const { auth, tokens } = await latchkeyTokens(alg)
  return { tokens, server: app(authenticate(auth), authorize(signedIn)) }
}

export function honoJwt({ alg }) {
  const { keys, tokens } = peerTokens(alg)
  return { tokens, server: app(jwt({ secret: keys.secret ?? keys.publicKey, alg })) }
}

function app(...guards) {
  const made = new Hono()
  for (const guard of guards) made.use(guard)
  made.get('/', (c) => c.json({ hello: 'world' }))
  return createAdaptorServer({ fetch: made.fetch })
}
