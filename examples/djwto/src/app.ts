/** The project of the djwto tutorial: its endpoints, its two protected views, and tokens that carry the e-mail address. */
import express from 'express'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import { djwto, jwtPermRequired } from 'latchkey/presets'

export type Mode = 'JSON' | 'ONE-COOKIE' | 'TWO-COOKIES'

export interface Options {
  readonly database: string
  readonly secret: string
  readonly mode: Mode
  /** Where browsers find it: cookies are for that origin alone. */
  readonly origin: string
  readonly signingKey: string
}

export function djwtoProject({ database, secret, mode, origin, signingKey }: Options) {
  const auth = createAuth({
    database,
    secret,
    origin,
    // Browsers keep cookies of http://localhost without `Secure`, and nothing else may go without.
    development: origin.startsWith('http:'),
    preset: djwto({
      DJWTO_SIGNING_KEY: signingKey,
      DJWTO_MODE: mode,
      DJWTO_ISS_CLAIM: 'iss',
      DJWTO_SUB_CLAIM: 'sub',
      DJWTO_AUD_CLAIM: 'aud',
      process_user: ({ username, email, id }, perms) => ({ username, email, id: Number(id), perms }),
    }),
  })

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  app.get('/testapp/protect', authorize(signedIn), (_request, response) => void response.send('worked!'))
  app.get('/testapp/perms_protect', authorize(jwtPermRequired('perm1')), (_request, response) => {
    response.send('perms also worked!')
  })
  return { app, auth }
}
