/** The application of the post: a list of subscribers for whoever has a token. */
import express from 'express'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import { drfJwt } from 'latchkey/presets'

export interface Options {
  readonly database: string
  readonly secret: string
  /** In Django `settings.SECRET_KEY`: whoever has it makes tokens that are good here. */
  readonly signingKey: string
}

/** What its database had: one subscriber, four times. */
const subscribers = [1, 2, 3, 4].map((id) => ({
  id,
  name: 'Abu Ashraf Masnun',
  age: 29,
  email: 'masnun@polyglot.ninja',
}))

export function subscribersApp({ database, secret, signingKey }: Options) {
  const auth = createAuth({
    database,
    secret,
    preset: drfJwt({
      variant: '2017',
      JWT_SECRET_KEY: signingKey,
      JWT_ALLOW_REFRESH: true,
      paths: { obtain: '/api/jwt-auth/', refresh: '/api/jwt-refresh/', verify: '/api/jwt-verify/' },
    }),
  })

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  app.get('/api/subscribers', authorize(signedIn), (_request, response) => void response.json(subscribers))
  return { app, auth }
}
