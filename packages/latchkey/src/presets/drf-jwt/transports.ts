/** Where the token of drf-jwt travels: in the header, to the letter of the original, and in a cookie where it has a name. */
import { AuthError } from '../../errors.js'
import type { RequestHead } from '../../transport/head.js'
import type { CookieTransport, Credential, Tokens, Transport } from '../../transport/transport.js'
import { onlyCookie } from '../../util/cookie.js'
import { deleteDjangoCookie, setDjangoCookie } from '../django-cookie.js'
import type { ReadCookie, ReadSettings } from './settings.js'

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

export function inCookie({ name, impersonation, domain, path, sameSite }: ReadCookie, scheme: string): CookieTransport {
  const names = [impersonation, name].filter((one) => one !== undefined)
  return ({ secure }): Transport => {
    return {
      kind: 'cookie',
      access,
      // There is one token, and it is given in the body.
      refresh: () => undefined,
      deliver,
      clear: () => ({
        body: {},
        cookies: names.map((one) => deleteDjangoCookie({ name: one, domain, path, sameSite })),
      }),
      accessBytes: (token) => Math.max(...names.map((one) => one.length)) + token.length,
    }

    function deliver(tokens: Tokens) {
      return {
        body: {},
        cookies: name === undefined ? [] : [tokenCookie({ name, domain, path, sameSite }, tokens, secure)],
      }
    }
  }

  /** Another scheme in the header is another way to sign in, and the cookie is not looked at. */
  function access(head: RequestHead): Credential | undefined {
    const [said] = (head.header('authorization') ?? '').split(' ')
    if (said && said.toLowerCase() !== scheme.toLowerCase()) return undefined
    const token = names.map((one) => onlyCookie(head.header('cookie'), one)).find((value) => value)
    return token ? { token, via: 'cookie' } : undefined
  }
}

/** A cookie that lives as long as its token. */
export function tokenCookie(
  place: Pick<ReadCookie, 'domain' | 'path' | 'sameSite'> & { readonly name: string },
  { access: value, accessExpiresAt, issuedAt: now }: Pick<Tokens, 'access' | 'accessExpiresAt' | 'issuedAt'>,
  secure: boolean,
): string {
  return setDjangoCookie({ ...place, value, httpOnly: true, secure, maxAge: accessExpiresAt - now, now })
}
