/** An issuer: whose tokens are taken, and with which keys. */
import type { KeySource } from './keyring.js'

/** `(id, subject)` is an identity; a subject alone is none. */
export interface Issuer {
  /** `OWN_ROW` of the stores' port for ourselves. */
  readonly id: string
  /** `undefined`: its tokens have no `iss`. */
  readonly iss: string | undefined
  readonly keys: KeySource
}
