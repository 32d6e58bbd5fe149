/** The adapter for Koa 2 and 3: three verbs, each a middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import type { Answered } from '../endpoints/surface.js'
import type { Guard } from '../guard/guards.js'
import { headOfNode } from '../transport/head.js'
import { type AuthenticateOptions, type CallerOf, decide, type Given, type Guarding, identify } from './guarding.js'
import { answerNode, urlOf, writeAnswer } from './node-request.js'

/** As much of Koa's context as is needed; its own type fits. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly request: object
  readonly method: string
  readonly originalUrl: string
  status: number
  body: unknown
  respond?: boolean | undefined
  /** Sets headers of the answer. */
  set(headers: Record<string, string>): void
  /** Adds values of a header. */
  append(name: string, value: string[]): void
}

/** What stands after a middleware. */
export type Next = () => Promise<unknown>
type Handler = (ctx: KoaContext, caller: never, next: Next) => unknown

/** A middleware as Koa calls it. */
export type Middleware<X extends KoaContext = KoaContext> = (ctx: X, next: Next) => Promise<unknown>

/**
 * Finds out who calls and attaches it to the context (`auth.of(ctx)`); lets everybody through.
 *
 * @example
 * ```ts
 * import Koa from 'koa'
 * import { createAuth, signedIn } from 'latchkey'
 * import { authenticate, authorize, mount } from 'latchkey/koa'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const app = new Koa()
 * app.use(mount(auth))
 * app.use(authenticate(auth))
 * app.use(authorize(signedIn))
 * app.use((ctx) => {
 *   ctx.body = { by: auth.of(ctx)?.subject }
 * })
 * ```
 */
export function authenticate(auth: Pick<Guarding, 'authenticate' | 'peer'>, options?: AuthenticateOptions): Middleware {
  return async (ctx, next) => {
    const set = (cookies: readonly string[]): void => setCookies(ctx.res, cookies)
    await identify(auth, ctx, headOfNode(ctx.req), ctx.req.socket, set, options)
    await next()
  }
}

/** Lets a request through if the guard passes, and answers the refusal otherwise. Needs `authenticate` before it. */
export function authorize(guard: Guard): Middleware
/** The same about the caller that this auth found, who is given to the handler: there is one, and their types are known. */
export function authorize<A extends Guarding, X extends KoaContext>(
  auth: A,
  guard: Guard,
  handler: (ctx: X, caller: CallerOf<A>, next: Next) => unknown,
): Middleware<X>
export function authorize(...given: Given<Handler>): Middleware {
  return async (ctx, next) =>
    decide<Handler, unknown>(ctx, ctx.method, given, {
      pass: next,
      handle: (handler, caller) => handler(ctx, caller, next),
      answer: (rejection) => answer(ctx, rejection),
      fail: (error) => Promise.reject(error),
    })
}

/** The endpoints. Any path that is none of theirs goes on. */
export function mount(auth: Auth): Middleware {
  return async (ctx, next) => {
    const url = urlOf(ctx.req, ctx.originalUrl)
    if (!auth.serves(url.pathname)) return next()
    const answered = await answerNode(auth, ctx.req, url, (ctx.request as { readonly body?: unknown }).body)
    return answered ? answer(ctx, answered) : next()
  }
}

function answer(ctx: KoaContext, answered: Answered): void | Promise<void> {
  const { status, headers, cookies = [], body } = answered
  if (body instanceof ReadableStream) {
    // Koa would end neither the stream nor the answer where the other breaks.
    ctx.respond = false
    return writeAnswer(ctx.res, answered)
  }
  ctx.body = body
  ctx.status = status
  ctx.set(headers)
  if (cookies.length > 0) ctx.append('set-cookie', [...cookies])
}
