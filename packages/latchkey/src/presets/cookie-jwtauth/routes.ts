/** The two endpoints that an application of jwtauth has: in by JSON, out by DELETE, and nothing in the answers but cookies. */
import type { Answer, Call, OwnRoute, RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import type { ReadSettings } from './settings.js'

type Input = Parameters<OwnRoute['run']>[0]

export function jwtauthRoutes({ paths }: Pick<ReadSettings, 'paths'>): readonly OwnRoute[] {
  const { login, logout } = paths
  const fields = { username: { from: 'username' }, password: { from: 'password' } }
  return [
    ...(login === null
      ? []
      : [{ method: 'POST', path: login, fields, run: logIn, summary: 'Log in with user name and password' } as const]),
    ...(logout === null
      ? []
      : [{ method: 'DELETE', path: logout, fields: {}, run: logOut, summary: 'End this session' } as const]),
  ]
}

async function logIn({ username, password }: Input, call: Call, { operations }: RouteTools): Promise<Answer> {
  const { delivery } = await operations.login({ username: String(username), password: String(password) }, call)
  return { status: 204, body: undefined, cookies: delivery.cookies }
}

async function logOut(_input: Input, call: Call, { operations, transports, tokens }: RouteTools): Promise<Answer> {
  const { context, failure } = await call.authentication()
  if (!context) {
    // Whose access token is over may still log out, as long as the session goes on; a pair of two sessions ends neither.
    const partner = failure?.code === 'token_expired' ? transports.refresh(call.head, undefined) : undefined
    if (!partner) throw failure ?? new AuthError('credential_missing')
    await tokens.refresh(partner.token, call.head, { keep: true })
  }
  const { cookies } = await operations.logout({}, call)
  return { status: 204, body: undefined, cookies }
}
