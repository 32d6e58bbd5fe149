/** The port of API tokens. */

/** An API token as it is kept: the secret only as a hash. */
export interface ApiToken {
  readonly id: string
  readonly userId: string
  /** What its owner calls it. */
  readonly name: string
  readonly hash: string
  /** `null`: all that the user may. */
  readonly permissions: readonly string[] | null
  readonly createdAt: number
  /** `null`: never. */
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

/** The API tokens. */
export interface ApiTokenStore {
  /** Throws `conflict` for an id that exists. */
  create(token: ApiToken): Promise<void>
  /** Also a revoked or expired one; `undefined` if there is none. */
  find(id: string): Promise<ApiToken | undefined>
  /** By id, ascending, after the given one; revoked and expired ones too. */
  list(filter: { readonly userId?: string | undefined }, after: string, limit: number): Promise<readonly ApiToken[]>
  /** One transaction: marks it revoked and raises its epoch (`jti`, API_TOKEN_ROW, its id), so that every process learns of it. `false` if there is none or it was revoked before. */
  revoke(id: string, at: number, until: number): Promise<boolean>
  /** Sets last used to `at`, only if it is older than `notAfter`. */
  touch(id: string, at: number, notAfter: number): Promise<void>
  /** Deletes at most `limit` tokens that expired, or were revoked, before `before`; answers how many. */
  prune(before: number, limit: number): Promise<number>
}
