/** The application in Koa, of either version: without a router of others, to see what the adapter does by itself. */
import { createServer } from 'node:http'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import { authenticate, authorize, mount } from '../../../src/adapters/koa.js'
import { type Area, handled, judged, type Make, shown } from '../conformance/plan.js'

type Context = Koa.ParameterizedContext

export const makeWith =
  (Application: new () => Koa): Make =>
  ({ areas, parsesFirst }) => {
    const app = new Application()
    // What is passed on and nobody handles, Koa logs.
    app.silent = true
    if (parsesFirst) app.use(parse)
    // The most special first: the area without a prefix takes what is left.
    for (const area of [...areas].reverse()) {
      const whole = compose(middlewaresOf(area))
      app.use((ctx, next) => (ctx.path.startsWith(`${area.prefix}/`) ? whole(ctx, next) : next()))
    }
    return createServer(app.callback())
  }

function middlewaresOf({ prefix, auth, passes, handles, mounted, guard, routes }: Area): Middleware[] {
  const all: Middleware[] = []
  if (handles) all.push(answerErrors)
  if (mounted) all.push(mount(auth))
  all.push(authenticate(auth, passes && { errors: 'pass' }))
  if (guard) all.push(authorize(guard))
  for (const { method, path, guard: own, typed, own: rule } of routes) {
    const answer: Middleware = (ctx) => {
      ctx.body = shown(auth.of(ctx), method === 'POST' ? bodyOf(ctx) : undefined)
    }
    const typedAnswer =
      own &&
      authorize(auth, own, async (ctx: Context, caller) => {
        ctx.body = await judged(caller, rule)
      })
    const guarded = own ? [authorize(own) as Middleware, parse, answer] : [answer]
    const route = compose(typed && typedAnswer ? [typedAnswer] : guarded)
    all.push((ctx, next) => {
      const isIt = ctx.method === method && ctx.path.replace(/\/$/, '') === `${prefix}${path}`
      return isIt ? route(ctx, next) : next()
    })
  }
  return all
}

const answerErrors: Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    const { status, headers, body } = handled(error)
    ctx.status = status
    ctx.set(headers as Record<string, string>)
    ctx.body = body
  }
}

/** A body parser as they all are: what it made of the body lies on `ctx.request.body`. */
const parse: Middleware = async (ctx, next) => {
  if (ctx.is('json') && bodyOf(ctx) === undefined) {
    let text = ''
    for await (const chunk of ctx.req) text += chunk
    Object.assign(ctx.request, { body: text === '' ? {} : JSON.parse(text) })
  }
  await next()
}

const bodyOf = (ctx: Context): unknown => (ctx.request as { body?: unknown }).body

const compose =
  (all: readonly Middleware[]): Middleware =>
  (ctx, next) => {
    const run = (at: number): Promise<unknown> =>
      Promise.resolve(at < all.length ? all[at]?.(ctx, () => run(at + 1)) : next())
    return run(0)
  }
