/** Express 5 alone, with Latchkey, with express-jwt and with passport-jwt: one authenticated GET. */
import { createSecretKey } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { expressjwt } from 'express-jwt'
import { signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/express'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'
import { latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = () => ({ ...peerTokens('HS256'), server: app() })

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

function app(...guards) {
  const made = express()
  for (const guard of guards) made.use(guard)
  made.get('/', (_request, response) => response.json({ hello: 'world' }))
  return createServer(made)
}
