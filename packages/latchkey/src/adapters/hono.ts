/** The adapter for Hono: three verbs, each a middleware. */
import type { Context, MiddlewareHandler } from 'hono'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import { toResponse } from '../endpoints/fetch.js'
import { attach, attachedLast } from '../guard/attached.js'
import type { Authentication } from '../guard/authenticator.js'
import type { Guard } from '../guard/guards.js'
import { headOf, headOfNode, type RequestHead } from '../transport/head.js'
import { admit } from './node.js'

/** What @hono/node-server leaves in the environment; other runtimes have none of it. */
interface NodeBindings {
  readonly incoming?: {
    readonly rawHeaders: readonly string[]
    readonly method?: string
    readonly socket?: { readonly remoteAddress?: string }
  }
}

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
export function authenticate(auth: Pick<Auth, 'authenticate' | 'peer'>): MiddlewareHandler {
  return (c, next) => {
    const head = headOfContext(c)
    const found = auth.authenticate(head, auth.peer(remoteOf(c), head))
    if (found instanceof Promise) return found.then((one) => known(one)).then(next)
    known(found)
    return next()

    function known(one: Authentication): void {
      if (one.delivery) setCookies(c.res, one.delivery.cookies)
      attach(c, auth, one)
    }
  }
}

/** Lets a request through if the guard passes, and answers the refusal otherwise. Needs `authenticate` before it. */
export function authorize(guard: Guard): MiddlewareHandler {
  return (c, next) => {
    const refused = async (error: unknown) => {
      const auth = attachedLast(c)?.auth as Auth | undefined
      if (!auth) throw error
      return toResponse(auth.reject(error, { method: c.req.method }))
    }
    try {
      const admitted = admit(c, c.req.method, guard)
      if (admitted) return admitted.then(next, refused)
    } catch (error) {
      return refused(error)
    }
    return next()
  }
}

/** The endpoints. Any path that is none of theirs goes on. */
export function mount(auth: Auth): MiddlewareHandler {
  return async (c, next) => {
    const answer = await auth.handle(c.req.raw, auth.peer(remoteOf(c), headOfContext(c)))
    if (answer) return answer
    await next()
    return undefined
  }
}

const incomingOf = (c: Context): NodeBindings['incoming'] => (c.env as NodeBindings | undefined)?.incoming

/** On Node the raw headers: they show a second Authorization header, and reading them builds nothing. */
function headOfContext(c: Context): RequestHead {
  const incoming = incomingOf(c)
  return incoming ? headOfNode(incoming) : headOf(c.req.raw)
}

const remoteOf = (c: Context): string | undefined => incomingOf(c)?.socket?.remoteAddress
