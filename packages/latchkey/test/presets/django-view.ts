/** The view that the recordings of the originals on Django REST framework call: who is it, and nobody else. */
import { type Auth, signedIn } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { headOf } from '../../src/transport/head.js'

/** Sends a request to the endpoints, or to `/api/protected/`. */
export const withProtectedView =
  (auth: Auth<Account>) =>
  async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname === '/api/protected/') return protectedView(auth, request)
    return (await auth.handle(request, { address: '192.0.2.1' })) ?? new Response('no such path', { status: 404 })
  }

async function protectedView(auth: Auth<Account>, request: Request): Promise<Response> {
  const headers = { allow: 'GET, HEAD, OPTIONS', 'content-type': 'application/json' }
  try {
    const { context, failure } = await auth.authenticate(headOf(request))
    if (failure) throw failure
    await signedIn(context)
    const user = await context?.user()
    return new Response(JSON.stringify({ id: Number(user?.id), username: user?.username }), { headers })
  } catch (error) {
    const { status, headers: more, body } = auth.reject(error, { method: request.method })
    return new Response(body, { status, headers: { ...headers, ...more } })
  }
}
