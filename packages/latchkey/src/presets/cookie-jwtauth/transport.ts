/** Where jwtauth's tokens travel: in two cookies, both of which a request has to have. */
import { AuthError } from '../../errors.js'
import type { RequestHead } from '../../transport/head.js'
import type { CookieTransport, Credential, Tokens, Transport } from '../../transport/transport.js'
import { onlyCookie } from '../../util/cookie.js'
import { deleteDjangoCookie, setDjangoCookie } from '../django-cookie.js'
import type { ReadSettings } from './settings.js'

export function jwtauthCookies({
  accessCookie,
  refreshCookie,
}: Pick<ReadSettings, 'accessCookie' | 'refreshCookie'>): CookieTransport {
  return ({ secure }): Transport => {
    return {
      kind: 'cookie',
      access,
      refresh,
      deliver,
      clear,
      accessBytes: (token) => accessCookie.length + token.length,
    }

    /** The browser forgets both at once, and is a stranger without either. */
    function access(head: RequestHead): Credential | undefined {
      const token = read(head, accessCookie)
      const partner = read(head, refreshCookie)
      if (!token && !partner) return undefined
      if (!token || !partner) throw new AuthError('credential_missing', { hint: 'one of two cookies' })
      return { token, via: 'cookie' }
    }

    function refresh(head: RequestHead): Credential | undefined {
      const token = read(head, refreshCookie)
      return token ? { token, via: 'cookie' } : undefined
    }

    /** The refresh token stays what it is, and is sent to nobody who has it. */
    function deliver(tokens: Tokens, _csrf?: string, head?: RequestHead) {
      const { access: token, refresh: partner } = tokens
      const isNew = partner !== undefined && !(head && read(head, refreshCookie) === partner)
      return { body: {}, cookies: [set(accessCookie, token), ...(isNew ? [set(refreshCookie, partner)] : [])] }
    }

    function set(name: string, value: string): string {
      return setDjangoCookie({ name, value, path: '/', httpOnly: true, sameSite: 'Strict', secure })
    }
  }

  function clear() {
    return { body: {}, cookies: [accessCookie, refreshCookie].map((name) => deleteDjangoCookie({ name, path: '/' })) }
  }
}

const read = (head: RequestHead, name: string): string | undefined => onlyCookie(head.header('cookie'), name)
