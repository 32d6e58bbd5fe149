/** How simplejwt says no. */
import type { Site } from '../../endpoints/surface.js'
import type { AuthError, ErrorCode } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import { claimsBehind, TOKEN_REFUSALS } from '../../tokens/refused.js'
import type { Said } from '../drf.js'
import { TYPES } from './format.js'
import { isPasswordChanged } from './password.js'
import type { ReadSettings } from './settings.js'

/** Refusals of a token, at a guard or where one is given in the body. */
const OF_TOKENS: readonly ErrorCode[] = [
  ...TOKEN_REFUSALS,
  'refresh_invalid',
  'refresh_expired',
  'refresh_reused',
  'session_revoked',
]

/** What was good once and was ended since. */
const ENDED: readonly ErrorCode[] = ['token_revoked', 'token_stale', 'refresh_reused', 'session_revoked']

const MALFORMED = 'Authorization header must contain two space-delimited values'

const PASSWORD = "The user's password has been changed."

type Settings = Pick<ReadSettings, 'claims' | 'classes' | 'tellsExpired'>

export function sayAsSimplejwt({
  claims: names,
  classes,
  tellsExpired,
}: Settings): (error: AuthError, site: Site) => Said | undefined {
  return say

  function say(error: AuthError, { route }: Site): Said | undefined {
    switch (error.code) {
      case 'login_failed':
        return refusal('No active account found with the given credentials')
      case 'credential_malformed':
      // Two headers of one name reach the original as one, joined by a comma.
      case 'credential_ambiguous':
        return refusal(MALFORMED, 'bad_authorization_header')
      case 'user_inactive':
        if (route) return refusal('No active account found for the given token.')
        return error.reason === 'user_gone'
          ? refusal('User not found', 'user_not_found')
          : refusal('User is inactive', 'user_inactive')
      default:
        if (!OF_TOKENS.includes(error.code)) return undefined
        if (isPasswordChanged(error)) return refusal(PASSWORD, route ? undefined : 'password_changed')
        return route ? refusal(wordsFor(error), 'token_not_valid') : atGuard(error)
    }
  }

  function atGuard(error: AuthError): Said {
    if (error.reason === 'sub') return refusal('Token contained no recognizable user identification', 'token_not_valid')
    const messages = classes.map((token_class) => {
      const token_type = TYPES[token_class]
      return { token_class, token_type, message: wordsFor(error, token_type) }
    })
    return refusal('Given token not valid for any token type', 'token_not_valid', { messages })
  }

  /** `type`: what the token would have to be. */
  function wordsFor(error: AuthError, type?: string): string {
    const claims = claimsBehind(error)
    if (ENDED.includes(error.code)) {
      const isOther = type !== undefined && claims !== undefined && claims[names.type] !== type
      return isOther ? 'Token has wrong type' : 'Token is blacklisted'
    }
    if (error.code === 'refresh_expired' && claims && isSliding(claims))
      return `Token '${names.refreshExp}' claim has expired`
    const invalid = tellsExpired ? 'Token is invalid' : 'Token is invalid or expired'
    if (error.code === 'token_expired' || error.code === 'refresh_expired')
      return tellsExpired ? 'Token is expired' : invalid
    // Known only where the signature was good: whoever holds such a token may read what is wrong with it.
    if (!claims) return invalid
    if (error.reason === 'exp' && claims.exp === undefined) return "Token has no 'exp' claim"
    if (error.reason === 'exp' && isSliding(claims)) return `Token has no '${names.refreshExp}' claim`
    if (error.reason === 'jti' && claims[names.jti] === undefined) return 'Token has no id'
    if (error.reason === 'typ') return claims[names.type] === undefined ? 'Token has no type' : 'Token has wrong type'
    return invalid
  }

  function isSliding(claims: Claims): boolean {
    return claims[names.type] === TYPES.SlidingToken && claims.exp !== undefined
  }
}

const refusal = (detail: string, code?: string, more?: object): Said => ({
  status: 401,
  body: { detail, ...(code !== undefined && { code }), ...more },
})
