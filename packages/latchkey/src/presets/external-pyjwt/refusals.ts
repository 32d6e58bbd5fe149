/** How the original says no: always 403, because its first authenticator has no challenge. */
import type { AuthError } from '../../errors.js'
import { claimsBehind } from '../../tokens/refused.js'
import type { Said } from '../drf.js'
import { asDetail } from './python.js'
import { firstFault } from './wording.js'

const MALFORMED = 'Malformed token'

export function sayAsPyjwt(schema: object): (error: AuthError) => Said | undefined {
  return (error) => {
    const body = bodyOf(error)
    return body && { status: 403, body }
  }

  function bodyOf(error: AuthError): object | undefined {
    switch (error.code) {
      case 'credential_missing':
        return { detail: 'Authentication credentials were not provided.' }
      case 'login_failed':
        return { detail: 'Invalid username/password.' }
      case 'credential_malformed':
      case 'credential_ambiguous':
        return { detail: 'Invalid basic header. Credentials not correctly base64 encoded.' }
      case 'user_inactive':
        return { detail: 'User inactive or deleted.' }
      case 'token_invalid':
      case 'claims_invalid':
        return ofClaims(error)
      // The original crashed here: PyJWT's own words for what it raised.
      case 'token_expired':
        return { detail: 'Signature has expired' }
      case 'token_early':
        return { detail: 'The token is not yet valid' }
      case 'token_audience':
        return { detail: 'Invalid audience' }
      default:
        return error.status === 401 ? { detail: error.message } : undefined
    }
  }

  /** Whoever holds a token that the issuer signed may read what is wrong with it; everybody else gets one and the same answer. */
  function ofClaims(error: AuthError): object {
    const claims = claimsBehind(error)
    if (!claims) return { detail: MALFORMED }
    const fault = firstFault(claims, schema) ?? unspoken(error)
    if (!fault) return { detail: error.reason === 'lifetime' ? 'The token lives too long' : MALFORMED }
    return { detail: `Invalid JWT schema: ${fault.message}`, schema: asDetail(fault.schema) }
  }

  /** A rule that the original would put into other words. */
  function unspoken({ code, problems: [problem] = [] }: AuthError) {
    if (code !== 'claims_invalid' || !problem) return undefined
    return { message: `${problem.path} ${problem.message}`.trim(), schema }
  }
}
