/** The table of issuers: whose tokens are taken, with which keys and expectations. Our own issuer is its first row. */
import type { Algorithm } from '../jwt/algorithms.js'
import type { KeySource } from './keyring.js'

/** One row. `(id, subject)` is an identity; a subject alone is none. */
export interface Issuer {
  /** `OWN_ROW` of the stores' port for ourselves. */
  readonly id: string
  /** `undefined`: its tokens have no `iss`. */
  readonly iss: string | undefined
  readonly keys: KeySource
  readonly algorithms: readonly Algorithm[]
  readonly audience?: string | readonly string[]
  readonly typ?: readonly string[]
}

/** The row that an unverified `iss` selects, and it can do no more than that: compared exactly, the first row wins. */
export const selectIssuer = (rows: readonly Issuer[], iss: unknown): Issuer | undefined =>
  rows.find((row) => row.iss === iss)
