/** Where the tokens of django-graphql-jwt travel: in a header, and in cookies where the view is wrapped in `jwt_cookie`. */
import { AuthError } from '../../errors.js'
import type { RequestHead } from '../../transport/head.js'
import type { CookieTransport, Credential, Delivery, Tokens, Transport } from '../../transport/transport.js'
import { invalid } from '../../util/checks.js'
import { onlyCookie } from '../../util/cookie.js'
import { deleteDjangoCookie, setDjangoCookie } from '../django-cookie.js'
import { CSRF_COOKIE, csrfCookie } from '../djwto/transports.js'
import type { CookieSettings, ReadSettings } from './settings.js'

/** A header that cannot be read is as good as none: the cookie is looked at then. */
export function inHeader({ scheme, header }: Pick<ReadSettings, 'scheme' | 'header'>): Transport {
  const wanted = scheme.toLowerCase()
  return {
    kind: 'bearer',
    access,
    refresh: (_head, given) => (given === undefined ? undefined : { token: given, via: 'bearer' }),
    deliver: ({ access: token, refresh }) => ({
      body: { access: token, ...(refresh !== undefined && { refresh }) },
      cookies: [],
    }),
    clear: () => ({ body: {}, cookies: [] }),
  }

  function access(head: RequestHead): Credential | undefined {
    const value = head.header(header) ?? ''
    const [name = '', token, ...more] = value.split(/[ \t]+/).filter((part) => part !== '')
    if (name.toLowerCase() !== wanted || token === undefined) return undefined
    if (value.includes(',')) throw new AuthError('credential_ambiguous', { hint: `more than one value of ${header}` })
    return more.length === 0 ? { token, via: 'bearer' } : undefined
  }
}

export function inCookies(settings: CookieSettings): CookieTransport {
  const { path, domain, sameSite, demandsSecure, csrf } = settings
  return ({ secure }): Transport => {
    if (!secure && demandsSecure) throw invalid('JWT_COOKIE_SECURE', 'needs an origin of https')
    if (!secure && sameSite === 'None') throw invalid('JWT_COOKIE_SAMESITE', 'None needs https')
    const place = (name: string) => ({ name, path, domain, sameSite })
    const access = place(settings.access)
    const refresh = place(settings.refresh)
    return {
      kind: 'cookie',
      access: from(access.name),
      refresh: from(refresh.name),
      deliver,
      clear: (what) => ({
        body: {},
        cookies: [...(what === 'refresh' ? [] : [access]), ...(what === 'access' ? [] : [refresh])].map(
          deleteDjangoCookie,
        ),
      }),
      accessBytes: (token) => access.name.length + token.length,
      ...(csrf && {
        csrf: { header: 'x-csrftoken', cookie: (head) => onlyCookie(head.header('cookie'), CSRF_COOKIE) },
      }),
    }

    function deliver(tokens: Tokens, csrfToken?: string): Delivery {
      const { issuedAt: now, refresh: next } = tokens
      const shared = { httpOnly: true, secure, now }
      const cookies = [
        setDjangoCookie({ ...access, ...shared, value: tokens.access, maxAge: tokens.accessExpiresAt - now }),
      ]
      if (next !== undefined) {
        cookies.push(setDjangoCookie({ ...refresh, ...shared, value: next, maxAge: tokens.refreshExpiresAt - now }))
      }
      if (csrfToken !== undefined) cookies.push(csrfCookie(csrfToken, now))
      return { body: {}, cookies }
    }
  }
}

function from(name: string): (head: RequestHead) => Credential | undefined {
  return (head) => {
    const token = onlyCookie(head.header('cookie'), name)
    return token ? { token, via: 'cookie' } : undefined
  }
}
