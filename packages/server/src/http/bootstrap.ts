/** `POST /auth/bootstrap`: the one-time code that the first start printed makes the first administrator. */
import { AuthError, readBody } from 'latchkey'
import type { ServerAuth } from '../config/open.js'

const fields = {
  code: { from: 'code' },
  username: { from: 'username' },
  password: { from: 'password' },
  email: { from: 'email', optional: true },
} as const

export async function bootstrap(auth: ServerAuth, request: Request): Promise<Response> {
  try {
    // Our own users table always has one.
    if (!auth.bootstrap) throw new AuthError('not_found')
    const { code = '', username = '', password = '', email } = await readBody(request, fields)
    const { id, ...account } = await auth.bootstrap.claim({ code, username, password, email })
    const body = { id, username: account.username, email: account.email, admin: account.admin }
    return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    const { status, headers, body } = auth.reject(error, { method: 'POST' })
    return new Response(body, { status, headers })
  }
}
