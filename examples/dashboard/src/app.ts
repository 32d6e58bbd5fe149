/** The home dashboard: one token, issued by its old endpoints, opens REST and GraphQL. */
import express, { type Request } from 'express'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import { simplejwt } from 'latchkey/presets'
import { graphql } from './graphql.js'

export interface Options {
  readonly database: string
  /** Authenticates refresh tokens. */
  readonly secret: string
  /** Signs the tokens; in the Django application that this replaces it was `SECRET_KEY`. */
  readonly signingKey: string
}

export function dashboard({ database, secret, signingKey }: Options) {
  const auth = createAuth({
    database,
    secret,
    preset: simplejwt({
      SIGNING_KEY: signingKey,
      paths: { obtain: '/login/', refresh: '/token-refresh/', verify: '/token-verify/' },
    }),
  })

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  app.all('/user/', (_request, response, next) => {
    response.set('allow', 'GET, HEAD, OPTIONS')
    next()
  })
  app.get('/user/', authorize(signedIn), async (request, response) => {
    response.json(await userOf(request))
  })
  app.use('/graphql', authorize(signedIn), graphql(userOf))
  return { app, auth }

  async function userOf(request: Request) {
    const user = await auth.of(request)?.user()
    return user && { id: Number(user.id), username: user.username, email: user.email }
  }
}
