/** The application in Hono, on Node. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { authenticate, authorize, mount } from '../../../src/adapters/hono.js'
import { type Area, handled, judged, type Make, shown } from '../conformance/plan.js'

export const make: Make = ({ areas, parsesFirst }) => {
  const app = new Hono({ strict: false })
  if (parsesFirst) {
    app.use(async (c, next) => {
      if (c.req.header('content-type')?.includes('json')) await c.req.json().catch(() => {})
      await next()
    })
  }
  for (const area of areas) app.route(area.prefix || '/', appOf(area))
  return createAdaptorServer({ fetch: app.fetch }) as Server
}

function appOf({ auth, passes, handles, mounted, guard, routes }: Area): Hono {
  const app = new Hono({ strict: false })
  if (mounted) app.use(mount(auth))
  app.use(authenticate(auth, passes && { errors: 'pass' }))
  if (guard) app.use(authorize(guard))
  for (const { method, path, guard: own, typed, own: rule } of routes) {
    const answer = async (c: Context) => c.json(shown(auth.of(c), method === 'POST' ? await c.req.json() : undefined))
    if (typed && own)
      app.get(
        path,
        authorize(auth, own, async (c, caller) => c.json(await judged(caller, rule))),
      )
    else if (own) app.on(method, path, authorize(own), answer)
    else app.on(method, path, answer)
  }
  if (handles) {
    app.onError((error) => {
      const { status, headers, body } = handled(error)
      return Response.json(body, { status, headers })
    })
  }
  return app
}
