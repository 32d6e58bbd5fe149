/** The application on `node:http` alone. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { authenticate, authorize, mount } from '../../../src/adapters/node.js'
import { type Area, handled, type Make, type Route, shown } from '../conformance/plan.js'

type Handler = (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => Promise<boolean>

export const make: Make = ({ areas, parsesFirst }) => {
  const all = [...areas].reverse().map((area) => ({ area, handle: handlerOf(area) }))
  return createServer(async (request, response) => {
    if (parsesFirst) await parse(request)
    const { area, handle } = all.find(({ area }) => request.url?.startsWith(`${area.prefix}/`)) as (typeof all)[number]
    try {
      if (!(await handle(request, response))) write(response, 404, {})
    } catch (error) {
      const { status, headers, body } = handled(error)
      write(response, status, area.handles ? body : {}, headers)
    }
  })
}

function handlerOf({ prefix, auth, passes, mounted, guard, routes }: Area): Handler {
  const endpoints = mount(auth)
  const identify = authenticate(auth, passes && { errors: 'pass' })
  const admit = guard && authorize(auth, guard)
  const all = routes.map((route) => ({
    ...route,
    guards: [route.guard, route.own].flatMap((one) => (one ? [authorize(auth, one)] : [])),
  }))
  return async (request, response) => {
    if (mounted && (await endpoints(request, response))) return true
    await identify(request, response)
    if (admit && !(await admit(request, response))) return true
    const path = request.url?.replace(/\/$/, '')
    const route = all.find((one) => one.method === request.method && `${prefix}${one.path}` === path)
    if (!route) return false
    for (const passes of route.guards) if (!(await passes(request, response))) return true
    await answer(route, request, response)
    return true
  }

  async function answer({ method }: Route, request: Parameters<Handler>[0], response: ServerResponse): Promise<void> {
    if (method === 'POST') await parse(request)
    write(response, 200, shown(auth.of(request), request.body))
  }
}

async function parse(request: Parameters<Handler>[0]): Promise<void> {
  if (request.body !== undefined || !request.headers['content-type']?.includes('json')) return
  let text = ''
  for await (const chunk of request) text += chunk
  request.body = text === '' ? {} : JSON.parse(text)
}

function write(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body))
}
