/** An issuer: whose tokens are taken, with which keys, and what they have to say of themselves. */
import type { Expectations } from '../jwt/claims.js'
import type { KeySource } from './keyring.js'

/** `(id, subject)` is an identity; a subject alone is none. */
export interface Issuer {
  /** `OWN_ROW` of the stores' port for ourselves. */
  readonly id: string
  /** `undefined`: its tokens have no `iss`. */
  readonly iss: string | undefined
  readonly keys: KeySource
  readonly expect: Expectations
}
