/** The tokens that a mutation of django-graphql-jwt works with: given as an argument, or in their cookies; and what it gives back. */
import type { Mutated, MutationCall } from '../../endpoints/graphql-surface.js'
import type { RouteTools } from '../../endpoints/surface.js'
import type { Claims } from '../../jwt/jws.js'
import { parseOpaque } from '../../tokens/format.js'
import type { Credential, Tokens } from '../../transport/transport.js'
import { onlyCookie } from '../../util/cookie.js'
import { payloadOf } from './format.js'
import { InWords } from './refusals.js'
import type { CookieSettings } from './settings.js'

/** The arguments of a mutation, and what it does with them. */
export type Arguments = Readonly<Record<string, unknown>>
export type Do = (args: Arguments, call: MutationCall) => Promise<Mutated>

export const REFRESH_REQUIRED = 'Refresh token is required'

/** The token that is given, or else the one in the cookie. Throws in words where there is none. */
export function accessToken(
  given: unknown,
  { head }: MutationCall,
  cookies: CookieSettings | undefined,
  required = 'Token is required',
): Credential {
  if (typeof given === 'string') return { token: given, via: 'bearer' }
  const token = cookies && onlyCookie(head.header('cookie'), cookies.access)
  if (token === undefined) throw new InWords(required, 'credential_missing')
  return { token, via: 'cookie' }
}

/** The same of refresh tokens. Throws `csrf_failed` for a cookie that another site made a browser send. */
export function refreshToken(
  given: unknown,
  { head }: MutationCall,
  { transports }: Pick<RouteTools, 'transports'>,
): string {
  const credential = transports.refresh(head, typeof given === 'string' ? given : undefined)
  if (!credential) throw new InWords(REFRESH_REQUIRED, 'credential_missing')
  const { token, via } = credential
  if (via === 'cookie') transports.csrf?.check(head, parseOpaque(token)?.sessionId)
  return token
}

/** What a login and a refresh give; `refreshExpiresIn` is a moment, whatever its name says. */
export function signedIn(tokens: Tokens, refreshExpiresIn: number, cookies: readonly string[]): Mutated {
  const { access: token, refresh } = tokens
  const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as Claims
  return { data: { payload: payloadOf(claims), token, refreshToken: refresh, refreshExpiresIn }, cookies }
}
