/** The adapter for Express: three verbs, each a middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import type { Guard } from '../guard/guards.js'
import { type AuthenticateOptions, type CallerOf, decide, type Given, type Guarding } from './guarding.js'
import * as node from './node.js'
import { writeAnswer } from './node-request.js'

/** What Express adds to a request, as far as handlers of `authorize` need it; annotate `Request` of Express for the whole. */
export type ExpressRequest = IncomingMessage & {
  // biome-ignore lint/suspicious/noExplicitAny: as in Express, which cannot know.
  readonly params: any
  // biome-ignore lint/suspicious/noExplicitAny: as in Express, which cannot know.
  readonly query: any
  // biome-ignore lint/suspicious/noExplicitAny: as in Express, which cannot know.
  readonly body: any
}

/** What Express adds to a response, as far as handlers of `authorize` need it; annotate `Response` of Express for the whole. */
export type ExpressResponse = ServerResponse & {
  /** Sets the status. */
  status(code: number): ExpressResponse
  /** Answers with JSON. */
  json(body: unknown): ExpressResponse
  /** Answers with text or bytes. */
  send(body?: unknown): ExpressResponse
  /** Sends the caller elsewhere. */
  redirect(url: string): void
}

/** Goes on, or to the error handlers. */
export type Next = (error?: unknown) => void
type Handler = (request: IncomingMessage, response: ServerResponse, caller: never, next: Next) => unknown

/** A middleware as Express calls it; its own types fit, and are not needed. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void

/**
 * Finds out who calls and attaches it (`auth.of(request)`); lets everybody through.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { createAuth, permission } from 'latchkey'
 * import { authenticate, authorize, mount } from 'latchkey/express'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const app = express()
 * app.use(mount(auth))
 * app.use(authenticate(auth))
 * app.put('/posts/:id', authorize(permission('posts:write')), (request, response) => {
 *   response.json({ by: auth.of(request)?.subject })
 * })
 * ```
 */
export function authenticate(auth: Pick<Guarding, 'authenticate' | 'peer'>, options?: AuthenticateOptions): Middleware {
  const identify = node.authenticate(auth, options)
  return (request, response, next) => {
    const identified = identify(request, response)
    if (identified) identified.then(() => next(), next)
    else next()
  }
}

/** Lets a request through if the guard passes, and answers the refusal otherwise. Needs `authenticate` before it. */
export function authorize(guard: Guard): Middleware
/** A handler behind a guard about the caller that this auth found: there is one, and their types are known. */
export function authorize<
  A extends Guarding,
  Q extends IncomingMessage = ExpressRequest,
  P extends ServerResponse = ExpressResponse,
>(
  auth: A,
  guard: Guard,
  handler: (request: Q, response: P, caller: CallerOf<A>, next: Next) => unknown,
): (request: Q, response: P, next: Next) => void
export function authorize(...given: Given<Handler>): Middleware {
  return (request, response, next) =>
    void decide(request, request.method, given, {
      pass: () => next(),
      handle: (handler, caller) => handler(request, response, caller, next),
      answer: (rejection) => void writeAnswer(response, rejection),
      fail: next,
    })
}

/** The endpoints. Any path that is none of theirs goes on. */
export function mount(auth: Auth): Middleware {
  const endpoints = node.mount(auth)
  return (request, response, next) => void endpoints(request, response).then((answered) => answered || next(), next)
}
