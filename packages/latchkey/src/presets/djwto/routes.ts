/** The endpoints of djwto: what each does with the token that it is given, and in which words it says so. */
import type { Answer, Field, OwnRoute } from '../../endpoints/surface.js'
import { AuthError, type ErrorCode } from '../../errors.js'
import { claimsBehind } from '../../tokens/refused.js'
import { createLogIn } from './login.js'
import { createPresented, InWords, proven, sessionIn, speaking, type Visit } from './presented.js'
import { BLACKLISTED, INACTIVE, LOGIN } from './refusals.js'
import type { ReadSettings } from './settings.js'
import { accessCookie, CSRF_COOKIE } from './transports.js'

type Settings = Pick<ReadSettings, 'mode' | 'refreshPath' | 'updates'>
type Work = (visit: Visit) => Promise<Answer>

/** The form is read as Django reads it: what is missing is answered in its words. */
const loose = (from: string): Field => ({ from, optional: true, blank: true })

/** What was good once, and is good for nothing now. */
const ENDED: readonly ErrorCode[] = ['token_revoked', 'session_revoked', 'refresh_reused', 'refresh_invalid']

export function djwtoRoutes(settings: Settings): readonly OwnRoute[] {
  const { mode, refreshPath: base, updates } = settings
  const byCookie = mode !== 'JSON'
  const { present, presentRefresh } = createPresented(settings)
  const login: OwnRoute = {
    method: 'POST',
    path: LOGIN,
    fields: { username: loose('username'), password: loose('password') },
    run: createLogIn(settings),
    summary: 'Log in with user name and password',
  }
  return [
    login,
    route('POST', `${base}/logout/`, logOut, 'End this session'),
    route('DELETE', `${base}/logout/`, byCookie ? forget : nothing, 'Delete the cookies'),
    route('POST', '/validate_access/', validate, 'Tell whether an access token is good'),
    route('POST', `${base}/validate_refresh/`, validate, 'Tell whether a refresh token is good'),
    route('POST', `${base}/refresh_access/`, refresh(true), 'Obtain an access token by the refresh token'),
    ...(updates
      ? [route('POST', `${base}/update_refresh/`, refresh(false), 'Trade the refresh token for the next pair')]
      : []),
  ]

  function route(method: 'POST' | 'DELETE', path: string, work: Work, summary: string): OwnRoute {
    const fields: OwnRoute['fields'] = method === 'POST' ? { type: loose('jwt_type') } : {}
    const run: OwnRoute['run'] = ({ type = 'access' }, call, tools) => work({ type: String(type), path, call, tools })
    return { method, path, fields, run: speaking(run), summary }
  }

  async function validate(visit: Visit): Promise<Answer> {
    await present(visit)
    return said('Token is valid')
  }

  /** `keep`: the refresh token stays, and only the access token is new. */
  function refresh(keep: boolean): Work {
    const which = keep ? 'Access token successfully refreshed.' : 'Refresh token successfully updated.'
    const refused = keep ? "Can't update access token." : "Can't update refresh token."
    return async (visit) => {
      const { call, tools } = visit
      try {
        const { token, via } = await presentRefresh(visit)
        const { tokens } = await tools.tokens.refresh(token, call.head, { keep })
        const { delivery } = tools.transports.deliver(via, tokens, call.head)
        if (byCookie) return said(which, withoutSame(delivery.cookies, visit))
        return { status: 200, body: { refresh: delivery.body.refresh, access: delivery.body.access } }
      } catch (error) {
        throw (await isSpent(error, visit)) ? new InWords(refused) : error
      }
    }
  }

  /** Whether an error means that there is nothing left to refresh. Throws where it is the user who was shut out. */
  async function isSpent(error: unknown, { tools }: Visit): Promise<boolean> {
    if (!(error instanceof AuthError)) return false
    if (error.code === 'user_inactive') return error.reason === 'user_gone'
    if (!ENDED.includes(error.code)) return false
    const { id } = (claimsBehind(error)?.user ?? {}) as { readonly id?: unknown }
    const user = id === undefined ? undefined : await tools.users.findById(String(id))
    if (user?.active === false) throw new InWords(INACTIVE)
    return true
  }

  async function logOut(visit: Visit): Promise<Answer> {
    const { call, tools } = visit
    const { token } = await presentRefresh(visit).catch((error: unknown) => {
      const twice = error instanceof AuthError && error.code === 'token_revoked'
      throw twice && claimsBehind(error)?.type === 'refresh' ? new InWords(BLACKLISTED, 409) : error
    })
    // Looked at once already: asked again, the refresh token would be reported as a bad access token.
    const quiet = { ...call, authentication: async () => ({}) }
    const { cookies } = await tools.operations.logout({ token }, quiet)
    // The access cookie stays until it is over, and opens nothing: by it the client may still ask for the others to be deleted.
    return said(
      'Token successfully blacklisted.',
      cookies.filter((cookie) => !cookie.startsWith(`${accessCookie(mode)}=`)),
    )
  }

  /** Whoever once signed in from this browser may have its cookies deleted, and what is left of the session ends. */
  async function forget({ call, tools }: Visit): Promise<Answer> {
    const { head } = call
    const { transports, operations } = tools
    transports.csrf?.repeated(head)
    const credential = transports.access(head) ?? transports.refresh(head, undefined)
    if (!credential) throw new AuthError('credential_missing')
    transports.csrf?.check(head, sessionIn(await proven(credential.token, call, tools, isOver)))
    try {
      await operations.logout({}, call)
    } catch (error) {
      if (!(error instanceof AuthError) || error.status !== 401) throw error
    }
    return said('Tokens successfully deleted.', transports.forgetting)
  }

  /** In the mode JSON there is nothing to delete; the original asks for a token all the same. */
  async function nothing({ call, tools }: Visit): Promise<Answer> {
    const credential = tools.transports.access(call.head)
    if (!credential) throw new AuthError('credential_missing')
    await proven(credential.token, call, tools, isEnded)
    return { status: 204, body: undefined }
  }
}

const isEnded = (code: ErrorCode): boolean => ENDED.includes(code)

/** What no longer opens anything, and proves all the same that its bearer had signed in. */
const isOver = (code: ErrorCode): boolean => isEnded(code) || code === 'token_expired' || code === 'token_stale'

const said = (msg: string, cookies: readonly string[] = []): Answer => ({ status: 200, body: { msg }, cookies })

/** The CSRF cookie is set with a login; later it comes along only where it is another one. */
function withoutSame(cookies: readonly string[], { call, tools }: Visit): readonly string[] {
  const same = `${CSRF_COOKIE}=${tools.transports.csrfCookie(call.head)};`
  return cookies.filter((cookie) => !cookie.startsWith(same))
}
