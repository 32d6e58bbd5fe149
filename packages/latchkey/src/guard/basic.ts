/** The link for HTTP Basic, RFC 7617: a login with every request, for scripts and old clients. Off unless chosen. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'
import { decodeUtf8 } from '../util/json.js'
import type { Authenticator, Link } from './authenticator.js'
import { type AuthContext, contextOfUser } from './context.js'

/** Longer than any login with any password that could be good. */
const MAX_LENGTH = 2_048

/**
 * Authenticates by user name and password in the `Authorization` header; throttled like a login, without a session.
 *
 * @example
 * ```ts
 * import { basic, createAuth, jwt } from 'latchkey'
 * const auth = createAuth({
 *   issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '',
 *   authenticators: [jwt(), basic()],
 * })
 * ```
 */
export function basic<U extends User = User>(): Link<U> {
  return ({ login, transports, users }): Authenticator<U> => ({
    // By a cookie the link for tokens would answer, and nobody would have been asked which of the two is meant.
    isFirst: true,
    async authenticate(head: RequestHead, peer: Peer): Promise<AuthContext<U> | undefined> {
      const value = head.header('authorization')
      if (value === undefined || !/^basic(?:[ ,]|$)/i.test(value)) return undefined
      const other = transports.access(head)
      if (other) throw new AuthError('credential_ambiguous', { hint: `Basic and ${other.via}` })
      const { user } = await login(read(value), head, peer)
      return contextOfUser(user, 'basic', users)
    },
  })
}

function read(value: string): { login: string; password: string } {
  if (value.includes(',')) throw new AuthError('credential_ambiguous', { hint: 'more than one Authorization value' })
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(value.slice(0, MAX_LENGTH))?.[1]
  const text = encoded === undefined ? undefined : decodeUtf8(Buffer.from(encoded, 'base64'))
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 1)
    throw new AuthError('credential_malformed', { hint: 'Basic takes base64 of login:password' })
  return { login: text.slice(0, colon), password: text.slice(colon + 1) }
}
