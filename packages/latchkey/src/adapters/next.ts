/** The adapter for Next.js 15 and 16: route handlers, who calls in server components, and a proxy that refreshes once. It imports nothing of Next. */
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import { askedBy, toResponse } from '../endpoints/fetch.js'
import type { Guard } from '../guard/guards.js'
import { headOf } from '../transport/head.js'
import { type CallerOf, decide, type Guarding, identify } from './guarding.js'

export { type NextResponses, refresh } from './next/proxy.js'

/** A route handler of the App Router; `context` holds its parameters. */
export type RouteHandler<X = unknown> = (request: Request, context: X) => Promise<Response>

/** What a route file may export. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/**
 * The endpoints as route handlers, for `app/auth/[...path]/route.ts` and `app/.well-known/[...path]/route.ts`. Any other path is a 404.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { mount } from 'latchkey/next'
 * const auth = createAuth({ issuer: 'https://www.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * export const { GET, POST, DELETE, OPTIONS } = mount(auth)
 * ```
 */
export function mount(auth: Auth): Readonly<Record<Method, RouteHandler>> {
  const handle = async (request: Request): Promise<Response> => {
    const asked = askedBy(request)
    const answered = await auth.answer(asked, auth.peer(undefined, asked.head))
    return answered ? toResponse(answered) : new Response(null, { status: 404 })
  }
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle, OPTIONS: handle }
}

/** A route handler behind a guard: it is given the caller, whose types are known. A refusal is answered as the endpoints answer theirs. */
export function authorize<A extends Guarding, X = unknown>(
  auth: A,
  guard: Guard,
  handler: (request: Request, caller: CallerOf<A>, context: X) => Response | Promise<Response>,
): RouteHandler<X> {
  type Handler = (request: Request, caller: never, context: X) => Response | Promise<Response>
  return async (request, context) => {
    let cookies: readonly string[] = []
    const set = (given: readonly string[]): void => {
      cookies = given
    }
    await identify(auth, request, headOf(request), undefined, set)
    const response = await decide<Handler, Promise<Response>>(request, request.method, [auth, guard, handler], {
      pass: () => Promise.reject(new Error('there is a handler')),
      handle: (given, caller) => given(request, caller, context),
      answer: async (rejection) => toResponse(rejection),
      fail: (error) => Promise.reject(error),
    })
    if (cookies.length === 0) return response
    // A copy: the headers of a redirect cannot be changed.
    const copy = new Response(response.body, response)
    setCookies(copy, cookies)
    return copy
  }
}

/**
 * Who calls, for server components and server actions: `undefined` for anonymous callers. Nothing is refreshed here, where no cookie can be
 * set: that is the proxy's. `headers` is that of `next/headers`.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { authenticate } from 'latchkey/next'
 * const auth = createAuth({ issuer: 'https://www.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * declare const headers: () => Promise<Headers> // import { headers } from 'next/headers'
 * const whoCalls = authenticate(auth, headers)
 * const name = (await whoCalls())?.subject
 * ```
 */
export function authenticate<A extends Pick<Auth, 'authenticate' | 'of' | 'peer'>>(
  auth: A,
  headers: () => Headers | Promise<Headers>,
): () => Promise<CallerOf<A> | undefined> {
  return async () => {
    const sent = await headers()
    const head = { method: 'GET', header: (name: string) => sent.get(name) ?? undefined }
    const { context } = await auth.authenticate(head, auth.peer(undefined, head), { renew: false })
    return context as CallerOf<A> | undefined
  }
}
