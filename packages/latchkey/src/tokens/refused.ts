/** What genuinely signed tokens said that were refused: kept beside the error, so that no log prints it by accident. */
import { AuthError } from '../errors.js'
import type { Claims } from '../jwt/jws.js'

const said = new WeakMap<Error, Claims>()

/** Remembers the claims behind a refusal; answers the error, to be thrown. */
export function withClaims<E>(error: E, claims: Claims | undefined): E {
  if (claims && error instanceof AuthError) said.set(error, claims)
  return error
}

/** The claims of the token that was refused; `undefined` where nobody proved that an issuer made it. */
export const claimsBehind = (error: AuthError): Claims | undefined => said.get(error)
