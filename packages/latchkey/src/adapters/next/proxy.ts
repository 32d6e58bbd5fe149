/** The proxy of Next.js: what has expired is refreshed before anything is rendered. */
import type { Auth } from '../../auth.js'
import { setCookies } from '../../endpoints/by-hand.js'
import { headOf } from '../../transport/head.js'
import { cookieHeaderAfter } from '../../util/cookie.js'

/** As much of `NextResponse` as the proxy needs. */
export interface NextResponses<R extends Response> {
  /** Goes on with these headers instead of those that were sent. */
  next(init: { request: { headers: Headers } }): R
}

/**
 * The proxy (`proxy.ts`; `middleware.ts` with the Node.js runtime in Next 15): refreshes once where the access token has expired, and both
 * the answer and what is rendered for it have the new cookies. Needs `silentRefresh`. `responses` is `NextResponse` of `next/server`.
 *
 * @example
 * ```ts
 * import { createAuth, oneCookie } from 'latchkey'
 * import { type NextResponses, refresh } from 'latchkey/next'
 * const secret = process.env.LATCHKEY_SECRET ?? ''
 * const cookies = { transports: [oneCookie()], silentRefresh: true }
 * const auth = createAuth({ issuer: 'https://www.example.com', database: 'sqlite:auth.db', secret, ...cookies })
 * declare const NextResponse: NextResponses<Response> // import { NextResponse } from 'next/server'
 * export const proxy = refresh(auth, NextResponse)
 * export const config = { matcher: '/((?!_next/|auth/).*)' }
 * ```
 */
export function refresh<R extends Response>(
  auth: Pick<Auth, 'authenticate' | 'peer'>,
  responses: NextResponses<R>,
): (request: Request) => Promise<R> {
  return async (request) => {
    const head = headOf(request)
    const { delivery } = await auth.authenticate(head, auth.peer(undefined, head))
    const cookies = delivery?.cookies ?? []
    const headers = new Headers(request.headers)
    if (cookies.length > 0) headers.set('cookie', cookieHeaderAfter(headers.get('cookie') ?? '', cookies))
    const response = responses.next({ request: { headers } })
    setCookies(response, cookies)
    return response
  }
}
