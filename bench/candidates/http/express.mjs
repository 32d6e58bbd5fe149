/** Express 5 alone, with Latchkey and with three others: one authenticated GET. */
import { createPublicKey, createSecretKey } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { expressjwt } from 'express-jwt'
import { auth as oauth2 } from 'express-oauth2-jwt-bearer'
import { signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/express'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'
import { issuer } from '../../lib/tokens.mjs'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = async () => ({ ...(await bareTokens()), server: app() })

export async function latchkey({ alg }) {
  const { auth, tokens } = await latchkeyTokens(alg)
  return { tokens, server: app(authenticate(auth), authorize(signedIn)) }
}

/** With a KeyObject, or with the text that most applications configure. */
export function expressJwt({ text }) {
  const { keys, tokens } = peerTokens('HS256')
  const secret = text ? keys.secret : createSecretKey(Buffer.from(keys.secret))
  return { tokens, server: app(expressjwt({ secret, algorithms: ['HS256'] })) }
}

export function passportJwt() {
  const { keys, tokens } = peerTokens('HS256')
  const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken()
  const options = { secretOrKey: keys.secret, algorithms: ['HS256'], jwtFromRequest }
  passport.use(new Strategy(options, (claims, done) => done(null, claims)))
  return { tokens, server: app(passport.authenticate('jwt', { session: false })) }
}

/** It knows keys by their URL only. */
export async function oauth2JwtBearer() {
  const { keys, tokens } = peerTokens('RS256', { kid: 'k' })
  const jwk = createPublicKey(keys.publicKey).export({ format: 'jwk' })
  const body = JSON.stringify({ keys: [{ ...jwk, kid: 'k', alg: 'RS256', use: 'sig' }] })
  const published = createServer((_request, response) => response.end(body)).unref()
  await new Promise((done) => published.listen(0, '127.0.0.1', done))
  const jwksUri = `http://127.0.0.1:${published.address().port}`
  return { tokens, server: app(oauth2({ issuer, audience: issuer, jwksUri, tokenSigningAlg: 'RS256' })) }
}

function app(...guards) {
  const made = express()
  for (const guard of guards) made.use(guard)
  made.get('/', (_request, response) => response.json({ hello: 'world' }))
  return createServer(made)
}
