/** How django-graphql-jwt says no: one sentence in `errors`, without a code. */
import { AuthError, type ErrorCode } from '../../errors.js'
import { claimsBehind } from '../../tokens/refused.js'

/** A refusal in words that our codes alone do not tell. */
export class InWords extends Error {
  readonly code: ErrorCode

  constructor(words: string, code: ErrorCode) {
    super(words)
    this.code = code
  }
}

const EXPIRED = 'Signature has expired'
const UNDECODABLE = 'Error decoding signature'
const PAYLOAD = 'Invalid payload'
const DISABLED = 'User is disabled'
const FORBIDDEN = 'You do not have permission to perform this action'

const SENTENCES: Partial<Readonly<Record<ErrorCode, string>>> = {
  login_failed: 'Please enter valid credentials',
  // What was ended is over; clients refresh or log in when they read this, and know no other word for it.
  token_expired: EXPIRED,
  token_revoked: EXPIRED,
  token_stale: EXPIRED,
  token_early: 'Invalid token',
  token_audience: 'Invalid token',
  claims_invalid: PAYLOAD,
  credential_missing: FORBIDDEN,
  credential_malformed: FORBIDDEN,
  permission_denied: FORBIDDEN,
  scope_missing: FORBIDDEN,
  login_stale: FORBIDDEN,
}

/** A refusal at a field, in the original's words; `undefined` for what it does not know, such as the throttle. */
export function say(error: unknown): { message: string; code: ErrorCode } | undefined {
  if (error instanceof InWords) return error
  const message = error instanceof AuthError ? sentence(error) : undefined
  return message === undefined ? undefined : { message, code: (error as AuthError).code }
}

function sentence(error: AuthError): string | undefined {
  if (error.code === 'user_inactive') return error.reason === 'user_disabled' ? DISABLED : FORBIDDEN
  return error.code === 'token_invalid' ? invalidToken(error) : SENTENCES[error.code]
}

/** By the exceptions of PyJWT: what cannot be decoded, and what was decoded and is not right. */
function invalidToken(error: AuthError): string {
  const claims = claimsBehind(error)
  const { reason } = error
  if (!claims) return isAlgorithm(reason) ? 'Invalid token' : UNDECODABLE
  if (reason === 'sub') return PAYLOAD
  if ((reason === 'exp' || reason === 'nbf') && claims[reason] !== undefined) return UNDECODABLE
  return 'Invalid token'
}

/** There is one key: one that is not found is one for another algorithm. */
const isAlgorithm = (reason: AuthError['reason']): boolean =>
  reason === 'alg' || reason === 'alg_mismatch' || reason === 'key_unknown'

type Words = Partial<Readonly<Record<ErrorCode, string>>>

const OVER = 'Refresh has expired'
const INVALID = 'Invalid refresh token'

/** What is wrong with a token that is to be traded for the next one. */
const OF_SINGLE: Words = { refresh_invalid: OVER, refresh_expired: OVER, session_revoked: OVER, user_inactive: PAYLOAD }

/** What is wrong with a refresh token. */
const OF_LONG_RUNNING: Words = {
  refresh_invalid: INVALID,
  refresh_reused: INVALID,
  session_revoked: INVALID,
  refresh_expired: 'Refresh token is expired',
  user_inactive: INVALID,
}

/** The same refusal in the words for a token that was given to a mutation. */
export function inWords(error: unknown, longRunning: boolean): unknown {
  if (!(error instanceof AuthError)) return error
  const words = error.reason === 'user_disabled' ? DISABLED : (longRunning ? OF_LONG_RUNNING : OF_SINGLE)[error.code]
  return words === undefined ? error : new InWords(words, error.code)
}
