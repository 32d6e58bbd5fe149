/** The endpoints of djangorestframework-jwt and drf-jwt: obtain, refresh, verify, and for the latter logout and impersonation. */
import type { Answer, Call, Field, OwnRoute, RouteTools } from '../../endpoints/surface.js'
import { AuthError } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import type { User, UserStore } from '../../stores/port.js'
import type { Verified } from '../../tokens/verified.js'
import type { Tokens } from '../../transport/transport.js'
import { inBody, NO_ORIGIN, ofBody } from './refusals.js'
import type { ReadSettings } from './settings.js'
import { tokenCookie } from './transports.js'

type Made = Pick<Tokens, 'access' | 'issuedAt'>
type Input = Parameters<OwnRoute['run']>[0]

const TOKEN: Field = { from: 'token', max: 8_192 }

export function drfJwtRoutes(settings: ReadSettings): readonly OwnRoute[] {
  const { old, paths, cookie, refreshes, refreshSeconds, response } = settings
  // The cookie of whoever is impersonated is set by that endpoint alone.
  const via = cookie?.name === undefined ? undefined : 'cookie'
  const named = userNamed(settings)
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

  async function made(
    { access: token, issuedAt }: Made,
    user: User,
    call: Call,
    cookies: readonly string[],
  ): Promise<Answer> {
    const usual = old ? { token } : { pk: issuedAt, token }
    const body = response ? await response(token, user, call.head, issuedAt) : usual
    return { status: old ? 200 : 201, body, cookies }
  }

  async function obtain({ username, password }: Input, call: Call, { operations }: RouteTools): Promise<Answer> {
    const credentials = { username: String(username), password: String(password) }
    const { tokens, delivery, user } = await operations.login({ ...credentials, transport: via }, call)
    return made(tokens, user, call, delivery.cookies)
  }

  async function refresh({ token }: Input, call: Call, tools: RouteTools): Promise<Answer> {
    const { tokens: service, transports, clock } = tools
    // A form of another site would sign the browser in as whoever filled it in.
    const kind = transports.choose(via, call.head)
    const { claims } = (await ofBody(() => proven(String(token), tools))).verified
    const { orig_iat: origin } = claims
    if (!refreshes || typeof origin !== 'number') return inBody(NO_ORIGIN[old ? '2017' : '1.17'])
    if (origin + refreshSeconds <= clock()) return inBody('Refresh has expired.')
    const { tokens, user } = await ofBody(() => service.refresh(String(token), call.head))
    return made(tokens, user, call, transports.deliver(kind, tokens, call.head).delivery.cookies)
  }

  /** The older package has no cookie for a token that was verified; its successor sets it anew. */
  async function verify({ token }: Input, call: Call, tools: RouteTools): Promise<Answer> {
    const { transports, clock } = tools
    const kind = transports.choose(old ? undefined : via, call.head)
    const { verified, user } = await ofBody(() => proven(String(token), tools))
    const { claims, expiresAt, sessionId } = verified
    const access = String(token)
    const seen = { access, accessExpiresAt: Math.floor(expiresAt), issuedAt: clock() }
    const rest = { refresh: undefined, refreshExpiresAt: expiresAt, sessionId: sessionId ?? '', scope: undefined }
    const { cookies } = transports.deliver(kind, { ...seen, ...rest, remember: true }, call.head).delivery
    return made({ access, issuedAt: claims.iat as number }, user, call, cookies)
  }

  async function logOut({ token: given }: Input, call: Call, tools: RouteTools): Promise<Answer> {
    const { context, failure } = await call.authentication()
    if (!context) throw failure ?? new AuthError('credential_missing')
    const other = given === undefined ? undefined : (await ofBody(() => proven(String(given), tools))).verified
    // The original lets anybody end any token that he holds.
    if (other && other.subject !== context.userId) throw new AuthError('permission_denied')
    const { sessionId, claims } = other ?? context
    const { transports, operations } = tools
    const access = String(given ?? transports.access(call.head)?.token)
    if (sessionId !== undefined) await operations.endSession({ id: sessionId }, call)
    else if (typeof claims.jti === 'string') await endOriginal(claims, access, call, tools)
    else throw new AuthError('permission_denied', { hint: 'a token that has neither a session here nor an id' })
    return { status: 201, body: { token: access }, cookies: transports.forgetting }
  }

  /** A token of the original's own: it, the session that came of its login, and the login itself, so that none comes of it any more. */
  async function endOriginal(
    { jti, orig_jti: first, orig_iat: origin }: Claims,
    token: string,
    call: Call,
    { tokens, revoke }: RouteTools,
  ): Promise<void> {
    const isRenewable = refreshes && typeof origin === 'number'
    const begun = isRenewable ? await tokens.refresh(token, call.head).catch(unlessFault) : undefined
    if (begun) await revoke({ session: begun.tokens.sessionId })
    for (const one of new Set([jti, first])) if (typeof one === 'string') await revoke({ jti: one })
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
    const device = call.head.header('user-agent')
    const tokens = await tools.tokens.issue(user, { device, address: call.peer.address })
    return { status: 201, body: { token: tokens.access }, cookies: disguise(tokens) }
  }

  /** The cookie that wins over one's own; browsers take one that is `Secure` from localhost, too. */
  function disguise(tokens: Tokens): readonly string[] {
    if (cookie?.impersonation === undefined) return []
    const { domain, path, sameSite, impersonation: name } = cookie
    return [tokenCookie({ name, domain, path, sameSite }, tokens, true)]
  }

  /** A token that was given in a body, with its user still there. */
  async function proven(token: string, { tokens, users }: RouteTools): Promise<{ verified: Verified; user: User }> {
    const verified = await tokens.verify(token)
    return { verified, user: await named(users, verified) }
  }
}

/** What cannot be renewed has no session to be ended. */
function unlessFault(error: unknown): undefined {
  if (!(error instanceof AuthError) || error.status >= 500) throw error
}

/** The original knows its users by their names: a token of a name that is gone is nobody's, whatever id it has. Throws `user_inactive`. */
export const userNamed =
  ({ usernameOf }: Pick<ReadSettings, 'usernameOf'>) =>
  async <U extends User>(
    users: Pick<UserStore<U>, 'findByLogin'>,
    { subject, claims }: Pick<Verified, 'subject' | 'claims'>,
  ): Promise<U> => {
    const user = (await users.findByLogin(String(usernameOf(claims))))?.user
    if (user?.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
    if (user?.id !== subject) throw new AuthError('user_inactive', { reason: 'user_gone' })
    return user
  }
