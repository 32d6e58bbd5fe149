/** The adapter for Express: three verbs, each a middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { attachedLast } from '../guard/attached.js'
import type { Guard } from '../guard/guards.js'
import * as node from './node.js'
import { writeAnswer } from './node-request.js'

/** A middleware as Express calls it; its own types fit, and are not needed. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

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
export function authenticate(auth: Pick<Auth, 'authenticate' | 'peer'>): Middleware {
  const identify = node.authenticate(auth)
  return (request, response, next) => {
    const identified = identify(request, response)
    if (identified) identified.then(() => next(), next)
    else next()
  }
}

/** Lets a request through if the guard passes, and answers the refusal otherwise. Needs `authenticate` before it. */
export function authorize(guard: Guard): Middleware {
  return (request, response, next) => {
    const refuse = (error: unknown) => {
      const auth = attachedLast(request)?.auth as Auth | undefined
      if (auth) void writeAnswer(response, auth.reject(error, { method: request.method ?? 'GET' }))
      else next(error)
    }
    try {
      const admitted = node.admit(request, request.method, guard)
      if (admitted) return void admitted.then(() => next(), refuse)
    } catch (error) {
      return refuse(error)
    }
    next()
  }
}

/** The endpoints. Any path that is none of theirs goes on. */
export function mount(auth: Auth): Middleware {
  const endpoints = node.mount(auth)
  return (request, response, next) => void endpoints(request, response).then((answered) => answered || next(), next)
}
