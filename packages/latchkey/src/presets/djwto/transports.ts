/** Where djwto's tokens travel: in the `Authorization` header, in one cookie, or in two of which scripts can read one. */
import { AuthError } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import type { RequestHead } from '../../transport/head.js'
import type { CookieTransport, Credential, Delivery, Tokens, Transport } from '../../transport/transport.js'
import { onlyCookie } from '../../util/cookie.js'
import { type DjangoCookie, deleteDjangoCookie, setDjangoCookie } from '../django-cookie.js'
import { pythonJson } from './json.js'
import type { ReadSettings } from './settings.js'

/** The mode JSON. The header carries whichever of the two tokens an endpoint is for. */
export const inHeader: Transport = {
  kind: 'bearer',
  access: fromHeader,
  refresh: fromHeader,
  deliver: ({ access, refresh }) => ({ body: refresh === undefined ? { access } : { access, refresh }, cookies: [] }),
  clear: () => ({ body: {}, cookies: [] }),
}

/** The original takes what is behind the last `Bearer `, wherever that stands. */
function fromHeader(head: RequestHead): Credential | undefined {
  const value = head.header('authorization')
  if (value === undefined || value === '') return undefined
  if (value.includes(',')) throw new AuthError('credential_ambiguous', { hint: 'more than one value of authorization' })
  const at = value.lastIndexOf(SCHEME)
  const token = value.slice(at + SCHEME.length)
  if (at === -1 || token === '') throw new AuthError('credential_malformed', { hint: 'no Bearer in authorization' })
  return { token, via: 'bearer' }
}

const SCHEME = 'Bearer '

/** How long Django's CSRF cookie lives: 52 weeks. */
const CSRF_SECONDS = 31_449_600

type Settings = Pick<ReadSettings, 'mode' | 'refreshPath' | 'sameSite' | 'domain' | 'accessSeconds' | 'refreshSeconds'>

/** The cookie that the access token is read from. */
export const accessCookie = (mode: ReadSettings['mode']): string =>
  mode === 'ONE-COOKIE' ? 'jwt_access' : 'jwt_access_token'

/** Both modes with cookies. */
export function inCookies(settings: Settings): CookieTransport {
  const { mode, refreshPath, sameSite, domain, accessSeconds, refreshSeconds } = settings
  return ({ secure }): Transport => {
    const shared = { sameSite, domain, secure }
    const refresh = { ...shared, name: 'jwt_refresh', path: refreshPath, httpOnly: true }
    const access = {
      ...shared,
      name: accessCookie(mode),
      path: '/',
      httpOnly: true,
    }
    const payload = { ...shared, name: 'jwt_access_payload', path: '/', httpOnly: false }
    const all = mode === 'ONE-COOKIE' ? [refresh, access] : [refresh, payload, access]
    return {
      kind: 'cookie',
      access: from(access.name),
      refresh: from(refresh.name),
      deliver,
      clear: () => ({ body: {}, cookies: all.map(deleteDjangoCookie) }),
      csrf: {
        header: 'x-csrftoken',
        cookie: (head) => onlyCookie(head.header('cookie'), CSRF_COOKIE),
        referer: secure,
      },
      accessBytes,
    }

    /** The open cookie has the same claims, with spaces between them. */
    function accessBytes(token: string): number {
      const open = mode === 'ONE-COOKIE' ? 0 : Math.ceil((token.split('.')[1] ?? '').length * 1.25)
      return Math.max(access.name.length + token.length, payload.name.length + open)
    }

    function deliver(tokens: Tokens, csrf?: string): Delivery {
      const { access: token, refresh: next, issuedAt: now, refreshExpiresAt } = tokens
      const cookies: DjangoCookie[] = []
      if (next !== undefined) {
        cookies.push({ ...refresh, value: next, maxAge: Math.min(refreshSeconds, refreshExpiresAt - now), now })
      }
      const accessAge = { maxAge: Math.min(accessSeconds, tokens.accessExpiresAt - now), now }
      if (mode === 'TWO-COOKIES') cookies.push({ ...payload, value: shown(token), ...accessAge })
      cookies.push({ ...access, value: token, ...accessAge })
      const set = cookies.map(setDjangoCookie)
      return { body: {}, cookies: csrf === undefined ? set : [...set, csrfCookie(csrf, now)] }
    }
  }
}

export const CSRF_COOKIE = 'csrftoken'

/** The cookie that pages repeat in a header; not `Secure`, as Django has it by default. */
export const csrfCookie = (value: string, now: number): string =>
  setDjangoCookie({
    ...{ name: CSRF_COOKIE, value, path: '/', httpOnly: false, secure: false, sameSite: 'Lax' },
    ...{ maxAge: CSRF_SECONDS, now },
  })

function from(name: string): (head: RequestHead) => Credential | undefined {
  return (head) => {
    const token = onlyCookie(head.header('cookie'), name)
    return token ? { token, via: 'cookie' } : undefined
  }
}

/** The claims for the page to read, as Python writes them down: a hint, which nobody here believes. */
function shown(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as Claims
  return Buffer.from(pythonJson(claims, true)).toString('base64')
}
