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
  return ({ transports, tokens, users, events }): Authenticator<U> => {
    const find =
      transports.length === 1 ? (transports[0] as Transport).access : (head: RequestHead) => onlyOne(transports, head)
    return { authenticate }

    function authenticate(head: RequestHead): AuthContext<U> | undefined | Promise<AuthContext<U>> {
      const credential = find(head)
      if (!credential) return undefined
      const verified = tokens.verify(credential.token)
      return verified instanceof Promise ? verified.then(accepted) : accepted(verified)

      function accepted(token: Verified): AuthContext<U> {
        if (events.has('token.verified')) {
          events.emit('token.verified', {
            head,
            userId: token.subject,
            sessionId: token.sessionId,
            claims: token.claims,
          })
        }
        return contextOf(token, (credential as Credential).via, users, tokens.checkNow)
      }
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
