/** The application in Fastify 5, which reads JSON bodies by itself: after `onRequest`, before the handler. */
import fastify, { type FastifyInstance } from 'fastify'
import { authenticate, authorize, mount } from '../../../src/adapters/fastify.js'
import { type Area, handled, judged, type Make, shown } from '../conformance/plan.js'

export const make: Make = async ({ areas, parsesFirst }) => {
  const app = fastify({ routerOptions: { ignoreTrailingSlash: parsesFirst } })
  for (const area of areas) {
    if (area.mounted) app.register(mount(area.auth))
    if (area.prefix === '') addTo(app, area)
    else app.register(async (scope) => addTo(scope, area), { prefix: area.prefix })
  }
  await app.ready()
  return app.server
}

function addTo(scope: FastifyInstance, { auth, passes, handles, guard, routes }: Area): void {
  scope.addHook('onRequest', authenticate(auth, passes && { errors: 'pass' }))
  if (guard) scope.addHook('preHandler', authorize(guard))
  if (handles) {
    scope.setErrorHandler((error, _request, reply) => {
      const { status, headers, body } = handled(error)
      reply.code(status).headers(headers).send(body)
    })
  }
  const isLax = scope.initialConfig.routerOptions?.ignoreTrailingSlash
  for (const { method, path, guard: own, typed, own: rule } of routes) {
    for (const url of isLax ? [path] : [path, `${path}/`]) {
      if (typed && own)
        scope.get(
          url,
          authorize(auth, own, async (_request, _reply, caller) => judged(caller, rule)),
        )
      else
        scope.route({
          method,
          url,
          ...(own && { onRequest: authorize(own) }),
          handler: async (request) => shown(auth.of(request), method === 'POST' ? request.body : undefined),
        })
    }
  }
}
