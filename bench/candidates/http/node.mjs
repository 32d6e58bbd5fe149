/** node:http alone, with Latchkey, and with a guard by hand as peers have none: one authenticated GET. */
import { createSecretKey } from 'node:crypto'
import { createServer } from 'node:http'
import { createVerifier } from 'fast-jwt'
import jsonwebtoken from 'jsonwebtoken'
import { signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/node'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export async function bare() {
  return { ...(await bareTokens()), server: createServer((_request, response) => hello(response)) }
}

/** With `mounted` the endpoints stand before the route, as they do in most applications. */
export async function latchkey({ alg, mounted }) {
  const { auth, tokens } = await latchkeyTokens(alg)
  const [endpoints, identify, admit] = [mount(auth), authenticate(auth), authorize(auth, signedIn)]
  const server = createServer(async (request, response) => {
    if (mounted && (await endpoints(request, response))) return
    await identify(request)
    if (await admit(request, response)) hello(response)
  })
  return { tokens, server }
}

/** What an asynchronous handler costs that waits for nothing: no guard that may have to wait can be cheaper. */
export async function waiting() {
  const server = createServer(async (_request, response) => {
    await undefined
    hello(response)
  })
  return { ...(await bareTokens()), server }
}

export function jwtByHand() {
  const { keys, tokens } = peerTokens('HS256')
  const key = createSecretKey(Buffer.from(keys.secret))
  return { tokens, server: byHand((token) => jsonwebtoken.verify(token, key, { algorithms: ['HS256'] })) }
}

export function fastJwtByHand({ alg, cache }) {
  const { keys, tokens } = peerTokens(alg)
  const verify = createVerifier({ key: keys.secret ?? keys.publicKey, algorithms: [alg], cache })
  return { tokens, server: byHand(verify) }
}

const byHand = (verify) =>
  createServer((request, response) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ')
    try {
      if (scheme !== 'Bearer') throw new Error('no token')
      request.user = verify(token)
    } catch {
      response.writeHead(401).end()
      return
    }
    hello(response)
  })

function hello(response) {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end('{"hello":"world"}')
}
