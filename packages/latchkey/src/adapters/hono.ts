/** The adapter for Hono: three verbs, each a middleware. */
import type { Context, MiddlewareHandler } from 'hono'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import { askedBy, toResponse } from '../endpoints/fetch.js'
import type { Asked } from '../endpoints/surface.js'
import type { Guard } from '../guard/guards.js'
import { headOf, headOfNode, type RequestHead } from '../transport/head.js'
import { type AuthenticateOptions, type CallerOf, decide, type Given, type Guarding, identify } from './guarding.js'
import { bounded } from './node-request.js'

/** What @hono/node-server leaves in the environment; other runtimes have none of it. */
interface NodeBindings {
  readonly incoming?: {
    readonly rawHeaders: readonly string[]
    readonly method?: string
    readonly socket?: { readonly remoteAddress?: string }
  }
}

type Handler = (c: Context, caller: never) => Response | Promise<Response>

/**
 * Finds out who calls and attaches it to the context (`auth.of(c)`); lets everybody through.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { createAuth, permission } from 'latchkey'
 * import { authenticate, authorize, mount } from 'latchkey/hono'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const app = new Hono()
 * app.use(mount(auth))
 * app.use(authenticate(auth))
 * app.put('/posts/:id', authorize(permission('posts:write')), (c) => c.json({ by: auth.of(c)?.subject }))
 * ```
 */
export function authenticate(
  auth: Pick<Guarding, 'authenticate' | 'peer'>,
  options?: AuthenticateOptions,
): MiddlewareHandler {
  return (c, next) => {
    const set = (cookies: readonly string[]): void => setCookies(c.res, cookies)
    const identified = identify(auth, c, headOfContext(c), incomingOf(c)?.socket, set, options)
    return identified ? identified.then(next) : next()
  }
}

/** Lets a request through if the guard passes, and answers the refusal otherwise. Needs `authenticate` before it. */
export function authorize(guard: Guard): MiddlewareHandler
/** A handler behind a guard about the caller that this auth found: there is one, and their types are known. */
export function authorize<A extends Guarding, X extends Context, R>(
  auth: A,
  guard: Guard,
  handler: (c: X, caller: CallerOf<A>) => R,
): (c: X) => Promise<Awaited<R> | Response>
export function authorize(...given: Given<Handler>): MiddlewareHandler {
  return (c, next) =>
    decide<Handler, Promise<Response | undefined>>(c, c.req.method, given, {
      pass: async () => void (await next()),
      handle: (handler, caller) => handler(c, caller),
      answer: async (rejection) => toResponse(rejection),
      fail: (error) => Promise.reject(error),
    })
}

/** The endpoints. Any path that is none of theirs goes on. */
export function mount(auth: Auth): MiddlewareHandler {
  return async (c, next) => {
    const asked = askedOf(c)
    const answered = await auth.answer(asked, auth.peer(incomingOf(c)?.socket?.remoteAddress, asked.head))
    if (answered) return toResponse(answered)
    await next()
    return undefined
  }
}

/** A body that a parser or a validator read before us is gone from the request, and kept by Hono. */
function askedOf(c: Context): Asked {
  const { url, body } = askedBy(c.req.raw)
  const kept = async (most: number): Promise<Buffer> => bounded(Buffer.from(await c.req.arrayBuffer()), most)
  return { url, head: headOfContext(c), body: Object.keys(c.req.bodyCache).length > 0 ? kept : body }
}

const incomingOf = (c: Context): NodeBindings['incoming'] => (c.env as NodeBindings | undefined)?.incoming

/** On Node the raw headers: they show a second Authorization header, and reading them builds nothing. */
function headOfContext(c: Context): RequestHead {
  const incoming = incomingOf(c)
  return incoming ? headOfNode(incoming) : headOf(c.req.raw)
}
