/** The adapter for Fastify 5: a hook, a hook for routes, and a plugin. Nothing is decorated. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '../auth.js'
import type { Answered, Rejection } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import type { Guard } from '../guard/guards.js'
import { headOfNode } from '../transport/head.js'
import { type AuthenticateOptions, type CallerOf, decide, type Given, type Guarding, identify } from './guarding.js'
import { answerNode, urlOf, writeAnswer } from './node-request.js'

type Handler = (request: FastifyRequest, reply: FastifyReply, caller: never) => unknown

/** A hook such as `onRequest` or `preHandler`. */
export type Hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void

/**
 * Finds out who calls and attaches it to the request (`auth.of(request)`); lets everybody through.
 *
 * @example
 * ```ts
 * import fastify from 'fastify'
 * import { createAuth, permission } from 'latchkey'
 * import { authenticate, authorize, mount } from 'latchkey/fastify'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const app = fastify()
 * app.register(mount(auth))
 * app.addHook('onRequest', authenticate(auth))
 * app.put('/posts/:id', { onRequest: authorize(permission('posts:write')) }, async (request) => ({ by: auth.of(request)?.subject }))
 * ```
 */
export function authenticate(auth: Pick<Guarding, 'authenticate' | 'peer'>, options?: AuthenticateOptions): Hook {
  return (request, reply, done) => {
    const set = (cookies: readonly string[]): void => {
      reply.header('set-cookie', [...cookies])
      // A cache between would hand one caller's cookies to the next.
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    }
    const identified = identify(auth, request, headOfNode(request.raw), request.raw.socket, set, options)
    if (identified) identified.then(() => done(), done)
    else done()
  }
}

/** Lets a request through if the guard passes, and answers the refusal otherwise. Needs `authenticate` before it. */
export function authorize(guard: Guard): Hook
/** A handler behind a guard about the caller that this auth found: there is one, and their types are known. */
export function authorize<A extends Guarding, Q extends FastifyRequest, P extends FastifyReply>(
  auth: A,
  guard: Guard,
  handler: (request: Q, reply: P, caller: CallerOf<A>) => unknown,
): (request: Q, reply: P) => Promise<unknown>
export function authorize(...given: Given<Handler>): (...hook: Parameters<Hook>) => unknown {
  return (request, reply, done) => {
    const answer = (rejection: Rejection): unknown => send(reply, rejection)
    const handle = (handler: Handler, caller: never): unknown => handler(request, reply, caller)
    const ways = { pass: () => done(), fail: done, handle, answer }
    if (given.length === 1) return void decide(request, request.method, given, ways)
    // A handler is given no `done`: what it answers and throws goes by its promise.
    return (async () => decide(request, request.method, given, { ...ways, fail: (error) => Promise.reject(error) }))()
  }
}

/** The endpoints, as routes of this instance. Throws `options_invalid` where its prefix is none of their paths'. */
export function mount(auth: Auth): (instance: FastifyInstance) => Promise<void> {
  return async (instance) => {
    // Every route has one; these are answered before.
    const handler = async (): Promise<void> => {}
    const { prefix, supportedMethods: method, initialConfig } = instance
    const isLax = initialConfig.routerOptions?.ignoreTrailingSlash || initialConfig.ignoreTrailingSlash
    for (const path of auth.paths) {
      const hint = `${path} does not begin with ${prefix}, the prefix of this scope`
      if (!path.startsWith(prefix)) throw new AuthError('options_invalid', { hint })
      for (const end of isLax ? [''] : ['', '/']) {
        const url = `${path.slice(prefix.length)}${end}`
        // Two auths have one place for their keys: whoever stands there first answers, as elsewhere.
        if (instance.hasRoute({ method: 'GET', url: `${path}${end}` })) continue
        instance.route({ method, url, exposeHeadRoute: false, onRequest, handler })
      }
    }
  }

  /** Before Fastify reads the body: the endpoints have limits of their own. */
  async function onRequest(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const answered = await answerNode(auth, request.raw, urlOf(request.raw, request.url))
    return answered ? send(reply, answered) : reply.callNotFound()
  }
}

function send(reply: FastifyReply, answered: Answered): unknown {
  const { status, headers, cookies = [], body } = answered
  if (body instanceof ReadableStream) {
    // Fastify would send the head with the first event; whoever listens wants to know before that.
    reply.hijack()
    return writeAnswer(reply.raw, { ...answered, headers: { ...(reply.getHeaders() as typeof headers), ...headers } })
  }
  reply.code(status).headers(headers)
  if (cookies.length > 0) reply.header('set-cookie', [...cookies])
  return reply.send(body ?? undefined)
}
