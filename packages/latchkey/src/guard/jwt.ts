/** The link for access tokens: whatever transport they came by. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { Verified } from '../tokens/verified.js'
import type { RequestHead } from '../transport/head.js'
import type { Credential, Transport } from '../transport/transport.js'
import type { Authenticator, Link } from './authenticator.js'
import { type AuthContext, contextOf } from './context.js'

/**
 * Authenticates by access token. The link that every application has.
 *
 * @example
 * ```ts
 * import { basic, createAuth, jwt } from 'latchkey'
 * const auth = createAuth({
 *   issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '',
 *   authenticators: [jwt(), basic()],
 * })
 * ```
 */
export function jwt<U extends User = User>(): Link<U> {
  return ({ transports, tokens, users, events, admit }): Authenticator<U> => {
    const find =
      transports.length === 1 ? (transports[0] as Transport).access : (head: RequestHead) => onlyOne(transports, head)
    return { authenticate }

    function authenticate(head: RequestHead): AuthContext<U> | undefined | Promise<AuthContext<U>> {
      const credential = find(head)
      if (!credential) return undefined
      const { via } = credential
      const verified = tokens.verify(credential.token)
      return verified instanceof Promise
        ? verified.then((token) => admitted(token, via, head))
        : admitted(verified, via, head)
    }

    /** Our own tokens name our users; whom another issuer's tokens stand for has to be known first. */
    function admitted(
      token: Verified,
      via: Credential['via'],
      head: RequestHead,
    ): AuthContext<U> | Promise<AuthContext<U>> {
      if (!token.mapped) return accepted(token, via, token.subject, head)
      const userId = admit(token, head)
      return userId instanceof Promise
        ? userId.then((known) => accepted(token, via, known, head))
        : accepted(token, via, userId, head)
    }

    function accepted(
      token: Verified,
      via: Credential['via'],
      userId: string | undefined,
      head: RequestHead,
    ): AuthContext<U> {
      const { sessionId, claims } = token
      if (events.has('token.verified')) events.emit('token.verified', { head, userId, sessionId, claims })
      return contextOf(token, via, userId, users, token.mapped ? checkAdmitted : tokens.checkNow)
    }

    async function checkAdmitted(token: Verified): Promise<void> {
      await tokens.checkNow(token)
      await admit(token)
    }
  }
}

/** Two credentials in one request are an error, whichever of them is good (RFC 6750 section 2). */
function onlyOne(transports: readonly Transport[], head: RequestHead): Credential | undefined {
  let found: Credential | undefined
  for (const transport of transports) {
    const credential = transport.access(head)
    if (credential && found)
      throw new AuthError('credential_ambiguous', { hint: `both ${found.via} and ${credential.via}` })
    found ??= credential
  }
  return found
}
