/** The project of simplejwt's documentation: its endpoints, and one protected view. */
import express from 'express'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import { type SimpleJwtSettings, simplejwt } from 'latchkey/presets'

export interface Options {
  readonly database: string
  readonly secret: string
  /** `SIMPLE_JWT`, as it stands in Django. */
  readonly settings: SimpleJwtSettings
}

export function simplejwtProject({ database, secret, settings }: Options) {
  const auth = createAuth({ database, secret, preset: simplejwt(settings) })

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  app.get('/api/some-protected-view', authorize(signedIn), async (request, response) => {
    const user = await auth.of(request)?.user()
    response.json({ id: Number(user?.id), username: user?.username })
  })
  return { app, auth }
}
