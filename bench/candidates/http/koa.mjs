/** Koa 3 alone, and with Latchkey: one authenticated GET. Its guard by jsonwebtoken was last released in 2023, and is no peer. */
import { createServer } from 'node:http'
import Koa from 'koa'
import { signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/koa'
import { bareTokens, latchkeyTokens } from './tokens.mjs'

export const bare = async () => ({ ...(await bareTokens()), server: app() })

export async function latchkey({ alg }) {
  const { auth, tokens } = await latchkeyTokens(alg)
  return { tokens, server: app(authenticate(auth), authorize(signedIn)) }
}

function app(...guards) {
  const made = new Koa()
  for (const guard of guards) made.use(guard)
  made.use((ctx) => {
    ctx.body = { hello: 'world' }
  })
  return createServer(made.callback())
}
