/** The application: the endpoints of the library, GraphQL, health, and the pages. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { except } from 'hono/combine'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { signedIn } from 'latchkey'
import { authenticate, authorize, mount } from 'latchkey/hono'
import type { ServerAuth } from '../config/open.js'
import type { GraphqlHandler } from '../graphql/handler.js'
import { addPages } from '../pages/pages.js'
import { bootstrap } from './bootstrap.js'
import { alive, createReadiness } from './health.js'
import { FAULT, NO_METHOD, NOT_FOUND, problem, TOO_LARGE } from './problem.js'

export interface AppParts {
  readonly auth: ServerAuth
  readonly requireAuthentication: { readonly rest: boolean; readonly graphql: boolean }
  /** Loaded at the first request: a server is up before GraphQL is. */
  readonly graphql: () => Promise<GraphqlHandler>
  /** The folder of compiled scripts and of the reference page. */
  readonly assets: URL
  /** Learns of faults, never of refusals. */
  readonly failed: (error: unknown) => void
}

/** As the endpoints of the library have it. */
const MAX_BYTES = 65_536

/** Where anonymous callers are welcome even if REST requires authentication: signing in, health, and what the pages are made of. */
const OPEN = new Set([
  ...['login', 'register', 'refresh', 'logout', 'verify', 'bootstrap'].map((name) => `/auth/${name}`),
  '/healthz',
  '/readyz',
  // It has a setting of its own.
  '/graphql',
])
const isOpen = (path: string): boolean =>
  OPEN.has(path.replace(/(?<=.)\/$/, '')) || /^\/(?:\.well-known|assets)\//.test(path)

export function createApp({ auth, requireAuthentication, graphql, assets, failed }: AppParts): Hono {
  const app = new Hono({ strict: false })
  app.onError((error) => {
    failed(error)
    return problem(FAULT)
  })
  app.notFound(() => problem(NOT_FOUND))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_c, methods) => problem(NO_METHOD, { allow: methods.join(', ') }),
    }),
  )
  if (requireAuthentication.rest) app.use(except((c) => isOpen(c.req.path), authenticate(auth), authorize(signedIn)))
  app.use(mount(auth))
  app.post('/auth/bootstrap', (c) => bootstrap(auth, c.req.raw))
  app.get('/healthz', alive)
  app.get('/readyz', createReadiness(auth, failed))
  addPages(app, assets)
  app.use('/graphql', bodyLimit({ maxSize: MAX_BYTES, onError: () => problem(TOO_LARGE) }))
  app.on(['GET', 'POST'], '/graphql', async (c) => (await graphql())(c))
  return app
}
