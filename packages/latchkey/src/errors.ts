/** The one error class and the one table of codes: status, OAuth error and the sentence a caller reads. */

export interface ErrorRow {
  readonly status: number
  /** The `error` of a `WWW-Authenticate` challenge (RFC 6750 section 3.1) or of a token endpoint (RFC 6749 section 5.2). */
  readonly oauth?: string
  readonly message: string
}

/** Every way in which Latchkey says no; stable, for machines. */
export type ErrorCode =
  | 'credential_missing'
  | 'credential_malformed'
  | 'credential_ambiguous'
  | 'login_failed'
  | 'login_throttled'
  | 'token_invalid'
  | 'token_expired'
  | 'token_early'
  | 'token_audience'
  | 'token_revoked'
  | 'token_stale'
  | 'claims_invalid'
  | 'issuer_unreachable'
  | 'user_inactive'
  | 'login_stale'
  | 'refresh_invalid'
  | 'refresh_expired'
  | 'refresh_reused'
  | 'session_revoked'
  | 'csrf_failed'
  | 'permission_denied'
  | 'scope_missing'
  | 'request_invalid'
  | 'request_too_large'
  | 'media_type_unsupported'
  | 'method_not_allowed'
  | 'not_found'
  | 'conflict'
  | 'store_failed'
  | 'overloaded'
  | 'options_invalid'

const table: Readonly<Record<ErrorCode, ErrorRow>> = {
  credential_missing: { status: 401, message: 'This needs a token, and the request has none.' },
  credential_malformed: {
    status: 400,
    oauth: 'invalid_request',
    message: 'The credential of this request cannot be read.',
  },
  credential_ambiguous: {
    status: 400,
    oauth: 'invalid_request',
    message: 'This request carries more than one credential.',
  },
  login_failed: { status: 401, message: 'The login or the password is wrong.' },
  login_throttled: { status: 429, message: 'Too many attempts. Wait, then try again.' },
  token_invalid: { status: 401, oauth: 'invalid_token', message: 'The token is not valid.' },
  token_expired: { status: 401, oauth: 'invalid_token', message: 'The token has expired.' },
  token_early: { status: 401, oauth: 'invalid_token', message: 'The token is not valid yet.' },
  token_audience: { status: 401, oauth: 'invalid_token', message: 'The token was made for another audience.' },
  token_revoked: { status: 401, oauth: 'invalid_token', message: 'The token was revoked.' },
  token_stale: {
    status: 401,
    oauth: 'invalid_token',
    message: 'The permissions of this user changed. Refresh the token.',
  },
  claims_invalid: {
    status: 401,
    oauth: 'invalid_token',
    message: 'The claims of the token are not as this service demands.',
  },
  issuer_unreachable: { status: 503, message: 'The issuer of this token cannot be asked now.' },
  user_inactive: { status: 401, oauth: 'invalid_token', message: 'This user is not active.' },
  login_stale: { status: 401, oauth: 'insufficient_user_authentication', message: 'This needs a more recent login.' },
  refresh_invalid: { status: 401, oauth: 'invalid_grant', message: 'The refresh token is not valid.' },
  refresh_expired: { status: 401, oauth: 'invalid_grant', message: 'The session has expired. Log in again.' },
  refresh_reused: {
    status: 401,
    oauth: 'invalid_grant',
    message: 'This refresh token was used before. The session was ended.',
  },
  session_revoked: { status: 401, oauth: 'invalid_grant', message: 'The session was ended. Log in again.' },
  csrf_failed: { status: 403, message: 'This request may come from another site.' },
  permission_denied: { status: 403, message: 'You may not do this.' },
  scope_missing: {
    status: 403,
    oauth: 'insufficient_scope',
    message: 'The token was not granted the scope that this needs.',
  },
  request_invalid: { status: 422, oauth: 'invalid_request', message: 'The request is not as it should be.' },
  request_too_large: { status: 413, oauth: 'invalid_request', message: 'The request is too large.' },
  media_type_unsupported: {
    status: 415,
    oauth: 'invalid_request',
    message: 'The content type of this request is not supported here.',
  },
  method_not_allowed: { status: 405, message: 'This method is not allowed here.' },
  not_found: { status: 404, message: 'There is nothing here.' },
  conflict: { status: 409, message: 'This is taken already, or was changed by somebody else.' },
  store_failed: { status: 503, message: 'The store does not answer. Try again.' },
  overloaded: { status: 503, message: 'Too much work is waiting. Try again.' },
  options_invalid: { status: 500, message: 'The options do not allow a safe start.' },
}

/** Why, for logs and operators; finer than the code and never shown to a caller who proved nothing. */
export type Reason =
  | 'malformed'
  | 'structure'
  | 'b64'
  | 'header_json'
  | 'payload_json'
  | 'dup_member'
  | 'too_large'
  | 'unsupported_header'
  | 'alg'
  | 'alg_mismatch'
  | 'kid'
  | 'key_unknown'
  | 'api_token'
  | 'key_policy'
  | 'signature'
  | 'typ'
  | 'exp'
  | 'nbf'
  | 'iat'
  | 'lifetime'
  | 'iss'
  | 'aud'
  | 'sub'
  | 'jti'
  | 'sid'
  | 'schema'
  | 'revoked'
  | 'session_ended'
  | 'user_disabled'
  | 'user_gone'
  | 'issuer_unavailable'

/** One thing that is wrong with a request body or an option, named by its path; the value is never echoed. */
export interface Problem {
  readonly path: string
  readonly rule:
    | 'required'
    | 'blank'
    | 'null'
    | 'type'
    | 'nul'
    | 'short'
    | 'long'
    | 'unknown'
    | 'format'
    | 'common'
    | 'json'
    | 'duplicate'
  readonly message: string
  /** What kind of value stands where another belongs, if that alone is wrong. */
  readonly given?: 'list' | 'string' | 'number' | 'boolean' | 'null'
}

/** Which check of `csrf_failed` it was: what the browser says of the site, of the origin, or the token that only our own page can repeat. */
export type CsrfLayer = 'fetch-metadata' | 'origin' | 'token'

/** What an error carries beside its code. */
export interface AuthErrorDetails {
  /** For operators only. Holds no token, password or key. */
  readonly hint?: string
  readonly reason?: Reason
  readonly problems?: readonly Problem[]
  /** Seconds after which a retry makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number
  /** What a 403 or a challenge says was missing: scopes, permissions. */
  readonly missing?: readonly string[]
  /** Seconds that a login may be old; `max_age` of the challenge (RFC 9470 section 3). */
  readonly maxAge?: number
  readonly layer?: CsrfLayer
  readonly cause?: unknown
}

/**
 * The only error Latchkey throws on purpose. Those of status 400 and 401 carry no stack: they are made as often as any stranger likes.
 * Their `reason` and `hint` tell what was wrong.
 *
 * @example
 * ```ts
 * import { AuthError } from 'latchkey'
 * const error = new AuthError('token_expired', { hint: 'expired 3s ago' })
 * console.log(error.code, error.status) // token_expired 401
 * ```
 */
export class AuthError extends Error {
  override readonly name: 'AuthError'
  readonly code: ErrorCode
  readonly status: number
  readonly oauth: string | undefined
  readonly hint: string | undefined
  readonly reason: Reason | undefined
  readonly problems: readonly Problem[] | undefined
  readonly retryAfter: number | undefined
  readonly missing: readonly string[] | undefined
  readonly maxAge: number | undefined
  readonly layer: CsrfLayer | undefined

  constructor(code: ErrorCode, details: AuthErrorDetails = {}) {
    const row = table[code]
    const { stackTraceLimit } = Error
    // To write down where it was thrown would cost more than all that led to a refusal, and nobody reads it.
    if (row.status <= 401) limitStack(0)
    try {
      super(row.message, details.cause === undefined ? undefined : { cause: details.cause })
    } finally {
      limitStack(stackTraceLimit)
    }
    this.name = 'AuthError'
    this.code = code
    this.status = row.status
    this.oauth = row.oauth
    this.hint = details.hint
    this.reason = details.reason
    this.problems = details.problems
    this.retryAfter = details.retryAfter
    this.missing = details.missing
    this.maxAge = details.maxAge
    this.layer = details.layer
  }

  /** True for an AuthError of either build, ESM or CommonJS, so that an application may load both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return (
      value instanceof Error &&
      value.name === 'AuthError' &&
      'code' in value &&
      Object.hasOwn(table, String(value.code))
    )
  }
}

function limitStack(frames: number): void {
  try {
    Error.stackTraceLimit = frames
  } catch {
    // Somebody froze `Error`: then every error has a stack.
  }
}

/** Every code, in the order of the catalogue. */
export const errorCodes: readonly ErrorCode[] = Object.keys(table) as ErrorCode[]

/** The row of a code: status, OAuth error, message. */
export const errorRow = (code: ErrorCode): ErrorRow => table[code]
