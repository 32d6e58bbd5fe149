/** An application of drf-jwt, or of the package before it: the endpoints of its documentation, and one protected address. */
import express from 'express'
import { createAuth, signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/express'
import { drfJwt } from 'latchkey/presets'

type Variant = '2017' | '1.17'

export interface Options {
  readonly database: string
  readonly secret: string
  readonly variant: Variant
  /** In Django `settings.SECRET_KEY`. */
  readonly signingKey: string
}

export function drfJwtProject({ database, secret, variant, signingKey }: Options) {
  const auth = createAuth({
    database,
    secret,
    preset: drfJwt({
      variant,
      JWT_SECRET_KEY: signingKey,
      JWT_ALLOW_REFRESH: true,
      ...(variant === '1.17' && { paths: { impersonate: '/api-token-impersonate/' } }),
    }),
  })

  const app = express().disable('x-powered-by')
  app.use(mount(auth))
  app.use(authenticate(auth))
  app.get('/protected-url', authorize(signedIn), async (request, response) => {
    const user = await auth.of(request)?.user()
    response.json({ id: Number(user?.id), username: user?.username })
  })
  return { app, auth }
}

/** Whom the documentation of drf-jwt signs in. */
export async function addAdmin({ users }: ReturnType<typeof drfJwtProject>['auth']): Promise<void> {
  if (await users.byId('6')) return
  await users.create({ id: '6', username: 'admin', email: 'admin@example.com', password: 'password123', admin: true })
}
