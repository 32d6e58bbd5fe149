/** The link for API tokens: secrets of scripts and services, looked up instead of verified by a signature. Off unless chosen. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { bearer } from '../transport/bearer.js'
import type { RequestHead } from '../transport/head.js'
import type { ApiCaller } from '../users/api-token-check.js'
import { API_TOKEN_PREFIX } from '../users/api-token-form.js'
import type { Authenticator, Link } from './authenticator.js'
import { type AuthContext, contextOfApiToken } from './context.js'

const FORM = new RegExp(`^([^ \\t,]+)[ \\t,]+${API_TOKEN_PREFIX}`)

/** How API tokens are sent. */
export interface ApiTokenOptions {
  /** The scheme in front of the token in `Authorization`, or several that mean the same. Default `Bearer`. */
  readonly scheme?: string | readonly string[]
}

/**
 * Authenticates by API token (`auth.apiTokens`): `Authorization: Bearer lk_...`, or another scheme, such as `Token`. What begins with
 * `lk_` is none of the other links' business, wherever this one stands among them.
 *
 * @example
 * ```ts
 * import { apiToken, createAuth, jwt } from 'latchkey'
 * const auth = createAuth({
 *   issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '',
 *   authenticators: [jwt(), apiToken({ scheme: ['Bearer', 'Token'] })],
 * })
 * ```
 */
export function apiToken<U extends User = User>({ scheme = 'Bearer' }: ApiTokenOptions = {}): Link<U> {
  const schemes = (typeof scheme === 'string' ? [scheme] : scheme).map((name) => name.toLowerCase())
  const { access } = bearer({ scheme: schemes })
  return ({ transports, apiTokens, users, events }): Authenticator<U> => {
    return { authenticate, isFirst: true }

    function authenticate(head: RequestHead): AuthContext<U> | undefined | Promise<AuthContext<U>> {
      if (!looksLikeOne(head.header('authorization'))) return undefined
      const token = access(head)?.token ?? ''
      // Two credentials in one request are an error, whichever of them is good (RFC 6750 section 2).
      const other = transports.access(head)
      if (other && other.token !== token)
        throw new AuthError('credential_ambiguous', { hint: `an API token and ${other.via}` })
      const caller = apiTokens.verify(token)
      return caller instanceof Promise
        ? caller.then((known) => accepted(known, token, head))
        : accepted(caller, token, head)
    }

    function accepted(caller: ApiCaller, token: string, head: RequestHead): AuthContext<U> {
      const { userId } = caller
      if (events.has('token.verified')) events.emit('token.verified', { head, userId })
      return contextOfApiToken(caller, users, () => apiTokens.checkNow(token))
    }
  }

  /** Whatever stands between scheme and token is for the transport to refuse. */
  function looksLikeOne(value: string | undefined): boolean {
    const named = value === undefined ? undefined : FORM.exec(value)?.[1]
    return named !== undefined && schemes.includes(named.toLowerCase())
  }
}
