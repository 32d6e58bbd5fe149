/** The application in Express, of either version. */
import { createServer } from 'node:http'
import type { ErrorRequestHandler, Express, RequestHandler, Router } from 'express'
import { authenticate, authorize, mount } from '../../../src/adapters/express.js'
import { type Area, handled, judged, type Make, shown } from '../conformance/plan.js'

/** As much of the module as is used: the types of version 5 stand for both. */
interface Express_ {
  (): Express
  Router(): Router
  json(): RequestHandler
}

export const makeWith =
  (express: Express_): Make =>
  ({ areas, parsesFirst }) => {
    const app = express()
    if (parsesFirst) app.use(express.json())
    for (const area of areas) app.use(area.prefix, routerOf(area, express))
    return createServer(app)
  }

function routerOf({ auth, passes, handles, mounted, guard, routes }: Area, express: Express_): Router {
  const router = express.Router()
  if (mounted) router.use(mount(auth))
  router.use(authenticate(auth, passes && { errors: 'pass' }))
  if (guard) router.use(authorize(guard))
  for (const { method, path, guard: own, typed, own: rule } of routes) {
    const verb = method === 'GET' ? 'get' : 'post'
    const answer: RequestHandler = (request, response) => {
      response.json(shown(auth.of(request), method === 'POST' ? request.body : undefined))
    }
    if (typed && own)
      router.get(
        path,
        authorize(auth, own, async (_request, response, caller) => response.json(await judged(caller, rule))),
      )
    else if (own) router[verb](path, authorize(own), express.json(), answer)
    else router[verb](path, answer)
  }
  const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
    const { status, headers, body } = handled(error)
    response.status(status).set(headers).json(body)
  }
  if (handles) router.use(answerError)
  return router
}
