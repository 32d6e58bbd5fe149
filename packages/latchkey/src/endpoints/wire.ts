/** The bodies of the native endpoints, as they stand on the wire; clients import these types and nothing else. */

/** What a login, a registration, a refresh and a password change answer (RFC 6749 section 5.1). */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds that the access token lives. */
  readonly expires_in: number
  /** Absent in the mode `single`, where the access token renews itself. */
  readonly refresh_token?: string
  /** Seconds until the session ends if nothing refreshes it. */
  readonly refresh_expires_in: number
  readonly scope?: string
  readonly user: UserPart
}

/** What they answer to a browser that keeps its tokens in cookies: the same, without a token that a script could read. */
export interface CookieAnswer {
  readonly expires_in: number
  readonly refresh_expires_in: number
  /** To be repeated in the header `X-CSRF-Token`; absent where the cookies come without one. */
  readonly csrf_token?: string
  readonly scope?: string
  readonly user: UserPart
}

/** What `GET /auth/csrf` answers: the token in the CSRF cookie, for pages on another origin, which cannot read it there. */
export interface CsrfAnswer {
  readonly csrf_token: string | null
}

/** The user as the `user` hook shapes it; by default id, user name, e-mail address and permissions. */
export type UserPart = Readonly<Record<string, unknown>>

/** What `POST /auth/verify` answers for a good access token; a bad one is a 401 with its code. */
export interface VerifyAnswer {
  readonly active: true
  readonly claims: Readonly<Record<string, unknown>>
}

/** One session in `GET /auth/sessions`. Dates in seconds. */
export interface SessionAnswer {
  readonly id: string
  readonly created_at: number
  /** Never finer than five minutes. */
  readonly last_seen_at: number
  readonly expires_at: number
  readonly device: string | null
  readonly address: string | null
  /** Whether this request was made with it. */
  readonly current: boolean
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionAnswer[]
}

/** One revocation in `GET /auth/revocations`: what it names ends for every access token whose `rev` is below its stamp. */
interface RevocationAnswer {
  readonly scope: 'session' | 'user' | 'jti' | 'key' | 'everybody' | 'permissions'
  /** `self`: our own tokens. */
  readonly row: string
  readonly key: string
  readonly stamp: number
  /** Seconds: when the last token that it concerns is over. */
  readonly until: number
}

/** What `GET /auth/revocations?after=` answers, in the order of the stamps. */
export interface RevocationsAnswer {
  readonly epochs: readonly RevocationAnswer[]
  /** Up to here everything is told, where there is no `next`. */
  readonly head: number
  readonly now: number
  /** The `after` of the next page; absent on the last. */
  readonly next?: number
}

/** Every refusal: problem details (RFC 9457) with the code of the catalogue. */
export interface ProblemAnswer {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly problems?: readonly { readonly path: string; readonly rule: string; readonly message: string }[]
  readonly missing?: readonly string[]
  /** Which layer a `csrf_failed` comes from. */
  readonly layer?: 'fetch-metadata' | 'origin' | 'token'
  /** In development only. */
  readonly hint?: string
  /** In development only: what was looked at in an access token that was refused. */
  readonly checks?: readonly CheckAnswer[]
}

/** One check of an access token; `null`: not looked at, because one before it failed. */
export interface CheckAnswer {
  readonly name: string
  readonly ok: boolean | null
  readonly detail?: string
}
