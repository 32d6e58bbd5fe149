/** The endpoints of djangorestframework-jwt and drf-jwt: obtain, refresh, verify, and for the latter logout and impersonation. */
import type { Answer, Call, Field, OwnRoute, RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import type { UserStore } from '../../stores/port.js'
import type { Verified } from '../../tokens/verified.js'
import { inBody, NO_ORIGIN, ofBody } from './refusals.js'
import type { ReadSettings } from './settings.js'

type Input = Parameters<OwnRoute['run']>[0]

const TOKEN: Field = { from: 'token', max: 8_192 }

export function drfJwtRoutes(settings: ReadSettings): readonly OwnRoute[] {
  const { old, paths, cookie, refreshes, refreshSeconds } = settings
  const credentials = { username: { from: 'username' }, password: { from: 'password' } }
  const all: readonly (OwnRoute | false)[] = [
    row(paths.obtain, credentials, obtain, 'Obtain a token'),
    row(paths.refresh, { token: TOKEN }, refresh, 'Trade a token for the next one'),
    row(paths.verify, { token: TOKEN }, verify, 'Tell whether a token is good'),
    row(paths.logout, { token: { ...TOKEN, optional: true } }, logOut, 'End the session of a token'),
    row(paths.impersonate, { user: { from: 'user', optional: true } }, impersonate, 'Obtain a token of somebody else'),
  ]
  return all.filter((route) => route !== false)

  function row(
    path: string | null,
    fields: OwnRoute['fields'],
    run: OwnRoute['run'],
    summary: string,
  ): OwnRoute | false {
    return path !== null && { method: 'POST', path, fields, run, summary }
  }

  function made(token: string, issuedAt: unknown, cookies: readonly string[] = []): Answer {
    if (old) return { status: 200, body: { token } }
    return { status: 201, body: { pk: issuedAt, token }, cookies }
  }

  async function obtain({ username, password }: Input, call: Call, { operations }: RouteTools): Promise<Answer> {
    const transport = cookie && 'cookie'
    const { tokens, delivery } = await operations.login(
      { username: String(username), password: String(password), transport },
      call,
    )
    return made(tokens.access, tokens.issuedAt, delivery.cookies)
  }

  async function refresh({ token }: Input, call: Call, tools: RouteTools): Promise<Answer> {
    const { tokens: service, transports, clock } = tools
    // A form of another site would sign the browser in as whoever filled it in.
    const via = transports.choose(cookie && 'cookie', call.head)
    const { claims } = await ofBody(() => proven(String(token), tools))
    const { orig_iat: origin } = claims
    if (!refreshes || typeof origin !== 'number') return inBody(NO_ORIGIN[old ? '2017' : '1.17'])
    if (origin + refreshSeconds <= clock()) return inBody('Refresh has expired.')
    // One of the original's own has no session here to go on with, and is refused by this.
    const { tokens } = await ofBody(() => service.refresh(String(token), call.head))
    return made(tokens.access, tokens.issuedAt, transports.deliver(via, tokens, call.head).delivery.cookies)
  }

  async function verify({ token }: Input, _call: Call, tools: RouteTools): Promise<Answer> {
    const { claims } = await ofBody(() => proven(String(token), tools))
    return made(String(token), claims.iat)
  }

  async function logOut({ token: given }: Input, call: Call, tools: RouteTools): Promise<Answer> {
    const { context, failure } = await call.authentication()
    if (!context) throw failure ?? new AuthError('credential_missing')
    const named = given === undefined ? undefined : await ofBody(() => proven(String(given), tools))
    // The original lets anybody end any token that he holds.
    if (named && named.subject !== context.userId) throw new AuthError('permission_denied')
    const { sessionId, claims } = named ?? context
    const { transports, operations, revoke } = tools
    if (sessionId !== undefined) await operations.endSession({ id: sessionId }, call)
    else if (typeof claims.jti === 'string') await revoke({ jti: claims.jti })
    else throw new AuthError('permission_denied', { hint: 'a token that has neither a session here nor an id' })
    const token = given ?? transports.access(call.head)?.token
    return { status: 201, body: { token }, cookies: transports.forgetting }
  }

  async function impersonate({ user: id }: Input, call: Call, tools: RouteTools): Promise<Answer> {
    const { context, failure } = await call.authentication()
    if (!context) throw failure ?? new AuthError('credential_missing')
    const { admin } = (await context.user()) as { readonly admin?: unknown }
    if (admin !== true && !(await context.can('users:impersonate'))) throw new AuthError('permission_denied')
    if (id === undefined) return { status: 400, body: { user: ['This field is required.'] } }
    const user = await tools.users.findById(String(id))
    if (!user) return { status: 400, body: { user: [`Invalid pk "${id}" - object does not exist.`] } }
    if (user.active === false) return inBody('User account is disabled.')
    const { access } = await tools.tokens.issue(user, {
      device: call.head.header('user-agent'),
      address: call.peer.address,
    })
    return { status: 201, body: { token: access } }
  }
}

/** A token that was given in a body, with its user still there. */
async function proven(token: string, { tokens, users }: RouteTools): Promise<Verified> {
  const verified = await tokens.verify(token)
  await requireNamed(users, verified.subject, verified.claims)
  return verified
}

/** The original knows its users by their names: a token of a name that is gone is nobody's, whatever id it has. Throws `user_inactive`. */
export async function requireNamed(
  users: Pick<UserStore, 'findByLogin'>,
  subject: string,
  { username }: Claims,
): Promise<void> {
  const user = (await users.findByLogin(String(username)))?.user
  if (user?.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
  if (user?.id !== subject) throw new AuthError('user_inactive', { reason: 'user_gone' })
}
