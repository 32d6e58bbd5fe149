/** What a login or a refresh hands out. Dates in seconds. */
export interface Tokens {
  readonly access: string
  readonly accessExpiresAt: number
  /** Absent in the mode `single`, where the access token renews itself. */
  readonly refresh: string | undefined
  readonly refreshExpiresAt: number
  readonly sessionId: string
  /** False for a session that is to end with the browser. */
  readonly remember: boolean
  readonly issuedAt: number
  readonly scope: string | undefined
}
