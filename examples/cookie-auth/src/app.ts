/** An API whose browsers carry two cookies: views for those who are signed in, one for everybody, and a logout of its own. */
import express from 'express'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import { cookieJwtauth } from 'latchkey/presets'

export interface Options {
  readonly database: string
  readonly secret: string
  /** Where browsers find it: cookies are for that origin alone. */
  readonly origin: string
  readonly signingKey: string
  /** In seconds. */
  readonly accessLifetime: number
}

/** What the framework that this comes from tells with every answer. */
const ALLOWED = {
  '/logged': 'GET, OPTIONS',
  '/logged_': 'GET, HEAD, OPTIONS',
  '/username': 'GET, OPTIONS',
  '/logout': 'DELETE, OPTIONS',
}

export function cookieAuth({ database, secret, origin, signingKey, accessLifetime }: Options) {
  const auth = createAuth({
    database,
    secret,
    origin,
    // Browsers keep cookies of http://localhost without `Secure`, and nothing else may go without.
    development: origin.startsWith('http:'),
    preset: cookieJwtauth({
      SIGNING_KEY: signingKey,
      ACCESS_TOKEN_LIFETIME: accessLifetime,
      // The way in is the endpoint of the preset, the way out a view of ours.
      paths: { logout: null },
    }),
  })

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  for (const [path, allow] of Object.entries(ALLOWED)) {
    app.all(path, (_request, response, next) => {
      response.set('allow', allow)
      next()
    })
  }
  app.delete('/logout', authorize(signedIn), async (request, response) => {
    await auth.logout(request, response)
    response.sendStatus(204)
  })
  app.get(['/logged', '/logged_'], authorize(signedIn), (_request, response) => void response.sendStatus(204))
  app.get('/username', async (request, response) => {
    const user = await auth.of(request)?.user()
    response.json({ username: user?.username ?? '' })
  })
  return { app, auth }
}
