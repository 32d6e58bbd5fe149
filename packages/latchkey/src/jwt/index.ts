/** The door `latchkey/jwt`: signing and verifying alone, without a store or a session. */
export { AuthError } from '../errors.js'
export { type Algorithm, algorithms } from './algorithms.js'
export { checkClaims, type Expectations, type ExpectationsInput, expectations } from './claims.js'
export type { RequiredClaim } from './expectations.js'
export {
  type Claims,
  createSigner,
  type Jws,
  type JwsHeader,
  type JwsLimits,
  parseJws,
  type SignerOptions,
  signJws,
  verifyJws,
} from './jws.js'
export { generateKey, type ImportOptions, importKey, type Key, type KeyInput, publicJwk, thumbprint } from './key.js'
export { type ClaimsCheck, type ClaimsSchema, compileClaims } from './schema.js'
export type { StandardIssue, StandardResult, StandardSchema } from './schema-standard.js'
