/** Where the token of drf-jwt travels: in the header, to the letter of the original, and in a cookie where it has a name. */
import { AuthError } from '../../errors.js'
import type { RequestHead } from '../../transport/head.js'
import type { CookieTransport, Credential, Tokens, Transport } from '../../transport/transport.js'
import { onlyCookie } from '../../util/cookie.js'
import { deleteDjangoCookie, setDjangoCookie } from '../django-cookie.js'
import type { ReadSettings } from './settings.js'

/** The older package refuses what it cannot read; its successor takes it for nothing, and looks at the cookie. */
export function inHeader({ old, scheme }: Pick<ReadSettings, 'old' | 'scheme'>): Transport {
  const wanted = scheme.toLowerCase()
  return {
    kind: 'bearer',
    access,
    refresh: (_head, given) => (given === undefined ? undefined : { token: given, via: 'bearer' }),
    deliver: (tokens) => ({ body: { access: tokens.access }, cookies: [] }),
    clear: () => ({ body: {}, cookies: [] }),
  }

  function access(head: RequestHead): Credential | undefined {
    const value = head.header('authorization') ?? ''
    const [name = '', token, ...more] = value.split(/[ \t]+/).filter((part) => part !== '')
    if (name.toLowerCase() !== wanted) return undefined
    if (value.includes(',')) throw new AuthError('credential_ambiguous', { hint: 'more than one Authorization value' })
    if (token !== undefined && more.length === 0) return { token, via: 'bearer' }
    if (!old) return undefined
    throw new AuthError(token === undefined ? 'credential_malformed' : 'credential_ambiguous')
  }
}

export function inCookie(
  { name, domain, path, sameSite }: NonNullable<ReadSettings['cookie']>,
  scheme: string,
): CookieTransport {
  return ({ secure }): Transport => {
    const place = { name, domain, path, sameSite }
    return {
      kind: 'cookie',
      access,
      // There is one token, and it is given in the body.
      refresh: () => undefined,
      deliver,
      clear: () => ({ body: {}, cookies: [deleteDjangoCookie(place)] }),
      accessBytes: (token) => name.length + token.length,
    }

    function deliver({ access: value, accessExpiresAt, issuedAt: now }: Tokens) {
      const maxAge = accessExpiresAt - now
      return { body: {}, cookies: [setDjangoCookie({ ...place, value, httpOnly: true, secure, maxAge, now })] }
    }
  }

  /** Another scheme in the header is another way to sign in, and the cookie is not looked at. */
  function access(head: RequestHead): Credential | undefined {
    const [said] = (head.header('authorization') ?? '').split(' ')
    if (said && said.toLowerCase() !== scheme.toLowerCase()) return undefined
    const token = onlyCookie(head.header('cookie'), name)
    return token ? { token, via: 'cookie' } : undefined
  }
}
