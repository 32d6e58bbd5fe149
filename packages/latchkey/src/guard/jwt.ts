/** The link for access tokens: whatever transport they came by. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { Verified } from '../tokens/verified.js'
import { isUnsafe } from '../transport/csrf.js'
import type { RequestHead } from '../transport/head.js'
import type { Credential } from '../transport/transport.js'
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
  return ({ transports, tokens, users, events, admit, clock }): Authenticator<U> => {
    const { access, csrf } = transports
    return { authenticate }

    function authenticate(head: RequestHead): AuthContext<U> | undefined | Promise<AuthContext<U>> {
      const credential = access(head)
      if (!credential) return undefined
      if (credential.via === 'cookie') return byCookie(credential, head)
      const { via } = credential
      const verified = tokens.verify(credential.token)
      return verified instanceof Promise
        ? verified.then((token) => admitted(token, via, head))
        : admitted(verified, via, head)
    }

    /** A browser sends its cookies whoever asks it to: where something may change, our own page must have asked. */
    async function byCookie({ token, via, split }: Credential, head: RequestHead): Promise<AuthContext<U>> {
      const unsafe = isUnsafe(head)
      if (unsafe) csrf?.site(head)
      const verified = await verify(token, split)
      if (unsafe) csrf?.check(head, verified.sessionId)
      return admitted(verified, via, head)
    }

    async function verify(token: string, split: true | undefined): Promise<Verified> {
      try {
        return await tokens.verify(token)
      } catch (error) {
        // One half is newer than the other, or was changed by a script: a refresh writes both again.
        const mended = split && error instanceof AuthError && error.code === 'token_invalid'
        throw mended ? new AuthError('token_expired', { hint: 'the halves of the token do not match' }) : error
      }
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
      return contextOf(token, via, userId, users, token.mapped ? checkAdmitted : tokens.checkNow, clock)
    }

    async function checkAdmitted(token: Verified): Promise<void> {
      await tokens.checkNow(token)
      await admit(token)
    }
  }
}
