/** Refused tokens: with which codes, and what genuinely signed ones said, kept beside the error so that no log prints it by accident. */
import { AuthError, type ErrorCode } from '../errors.js'
import type { Claims } from '../jwt/jws.js'

/** How an access token is refused, whoever brings it: it is good for nothing, here or anywhere. */
export const TOKEN_REFUSALS: readonly ErrorCode[] = [
  'token_invalid',
  'token_expired',
  'token_early',
  'token_audience',
  'token_revoked',
  'token_stale',
  'claims_invalid',
]

const said = new WeakMap<Error, Claims>()

/** Remembers the claims behind a refusal; answers the error, to be thrown. */
export function withClaims<E>(error: E, claims: Claims | undefined): E {
  if (claims && error instanceof AuthError) said.set(error, claims)
  return error
}

/** The claims of the token that was refused; `undefined` where nobody proved that an issuer made it. */
export const claimsBehind = (error: AuthError): Claims | undefined => said.get(error)
