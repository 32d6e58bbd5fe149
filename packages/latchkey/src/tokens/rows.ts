/** The table of issuers: which row a token belongs to. What a token says of itself selects a row and proves nothing. */
import { isIdentifier } from '../jwt/claims.js'
import { type Claims, claimedIssuer, type Jws } from '../jwt/jws.js'
import type { ClaimsCheck } from '../jwt/schema.js'
import type { Issuer } from '../keys/issuers.js'
import type { AccessToken } from './format.js'

/** An issuer whose tokens are access tokens here. */
export interface Row extends Issuer {
  /**
   * Where there are no keys: asks the issuer about the token. Throws its refusal, `issuer_unreachable`, `overloaded`. A promise only where
   * that is not known yet.
   */
  readonly prove?: ((jws: Jws) => void | Promise<void>) | undefined
  /** Throws `token_invalid` when these are not the claims of an access token. */
  readonly read: (claims: Claims) => AccessToken
  /** The demands on the claims that are not registered ones, compiled at the first token. */
  readonly schema: LateSchema | undefined
  /** The application's last word about good claims, asked once for a token that is remembered. */
  readonly admit?: ((claims: Claims) => boolean) | undefined
  /** Whether verified tokens are remembered: where checking a signature costs more than looking it up. */
  readonly cached: boolean
}

/** A schema that is compiled once. */
export interface LateSchema {
  /** `undefined` until `compile` is done. */
  readonly check: ClaimsCheck | undefined
  compile(): Promise<ClaimsCheck>
}

export interface Rows {
  /** The row that a token claims to belong to; `undefined` if there is none. A promise only where it has to be asked for. */
  of(jws: Jws): Row | undefined | Promise<Row | undefined>
}

/** The table of a process that takes its own tokens only: there is nothing to choose. */
export const onlyRow = (row: Row): Rows => ({ of: () => row })

/** The table of several; `resolve` is asked for issuers that are not in it. */
export function createRows(
  rows: readonly Row[],
  resolve?: (iss: string) => Row | undefined | Promise<Row | undefined>,
): Rows {
  const byIss = new Map(rows.map((row) => [row.iss, row]))
  return {
    of(jws) {
      const iss = claimedIssuer(jws)
      if (iss !== undefined && typeof iss !== 'string') return undefined
      const known = byIss.get(iss)
      // What nobody can be called is not asked for, and not remembered either: some such names are very long.
      return known || !isIdentifier(iss) ? known : resolve?.(iss)
    },
  }
}

/** Compiles at the first call; a failure is tried again by the next. */
export function lateSchema(compile: () => Promise<ClaimsCheck>): LateSchema {
  let check: ClaimsCheck | undefined
  let compiling: Promise<ClaimsCheck> | undefined
  return {
    get check() {
      return check
    },
    compile: () =>
      (compiling ??= compile().then(
        (made) => (check = made),
        (error: unknown) => {
          compiling = undefined
          throw error
        },
      )),
  }
}
