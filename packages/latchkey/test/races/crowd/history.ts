/** What the actors of the race asked and were told, as the judge reads it; times are milliseconds of one clock. */

/** A question and its answer. `at`: which replica was asked. */
export interface Asked {
  readonly start: number
  readonly end: number
  readonly at: number
  /** `ok`, `refused` (401), `conflict` (409), `unavailable` (503: it may have happened), or the status of anything else. */
  readonly outcome: string
  readonly code?: string | undefined
}

/** An access token, and the answer that brought it. */
export interface Access {
  readonly token: string
  readonly session: string
  readonly user: string
  readonly jti: string
  readonly permissions: readonly string[]
  readonly issue: Asked
}

/** `version`: of the password; each user begins with 0. */
export interface Login extends Asked {
  readonly user: string
  readonly version: number
  readonly session: string | undefined
}

/** A refresh token that was presented. */
interface Renewal extends Asked {
  readonly session: string
  readonly token: string
  readonly successor: string | undefined
}

/** An access token that was presented; `asks`: its verdict rests on a read that began after the question. */
interface Use extends Asked {
  readonly access: Access
  readonly asks: boolean
}

/** What ends a session, a user's sessions, everybody's, or one access token. */
export interface Ending extends Asked {
  readonly kind: 'session' | 'user' | 'everyone' | 'jti'
  readonly session?: string | undefined
  readonly user?: string | undefined
  readonly jti?: string | undefined
  /** The session that a changed password leaves alive, but for its access tokens of before. */
  readonly spare?: string | undefined
  /** The version of the password that this made. */
  readonly version?: number | undefined
  readonly disables?: boolean
}

/** A permission given or taken. None is given twice. */
export interface Change extends Asked {
  readonly user: string
  readonly permission: string
  readonly given: boolean
}

interface Enabling extends Asked {
  readonly user: string
}

export interface History {
  readonly logins: Login[]
  readonly issued: Access[]
  readonly renewals: Renewal[]
  readonly uses: Use[]
  readonly endings: Ending[]
  readonly changes: Change[]
  readonly enablings: Enabling[]
}

export const newHistory = (): History => ({
  logins: [],
  issued: [],
  renewals: [],
  uses: [],
  endings: [],
  changes: [],
  enablings: [],
})
