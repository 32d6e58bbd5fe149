/** How djwto says no: 403 and one sentence for nearly everything, 401 for a login, a page for a request that another site may have made. */
import { refusalHeaders } from '../../endpoints/respond.js'
import type { Rejection, Site } from '../../endpoints/surface.js'
import type { AuthError, ErrorCode, Problem } from '../../errors.js'
import { claimsBehind } from '../../tokens/refused.js'
import { NO_PERMS } from './guard.js'
import { pythonJson } from './json.js'
import type { ReadSettings } from './settings.js'
import { accessCookie } from './transports.js'

type Settings = Pick<ReadSettings, 'mode' | 'subject'>

/** The sentence for what was good once and was ended since. */
export const BLACKLISTED = 'Input jti token is already blacklisted.'
export const INACTIVE = 'User is inactive.'
const FAILED = 'Failed to validate token.'
const EXPIRED = 'Signature has expired'

/** The original sends none of these: tokens are for no cache, and bodies for no browser to guess at. */
export const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  vary: 'Cookie',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
}

export const CHALLENGE = 'Bearer realm=api'

const SENTENCES: Partial<Readonly<Record<ErrorCode, string>>> = {
  token_expired: EXPIRED,
  // Whoever refreshes has the new permissions.
  token_stale: EXPIRED,
  refresh_expired: EXPIRED,
  token_revoked: BLACKLISTED,
  session_revoked: BLACKLISTED,
  refresh_reused: BLACKLISTED,
  user_inactive: INACTIVE,
  permission_denied: 'Insufficient Permissions.',
}

export function rejectAsDjwto({ mode, subject }: Settings): (error: AuthError, site: Site) => Rejection {
  return reject

  function reject(error: AuthError, site: Site): Rejection {
    const { 'www-authenticate': _, ...rest } = refusalHeaders(error, site, CHALLENGE)
    const headers = { ...HEADERS, ...rest }
    switch (error.code) {
      case 'csrf_failed':
        return { status: 403, headers: { ...headers, 'content-type': 'text/html' }, body: PAGE }
      case 'method_not_allowed':
        return { status: 405, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' }, body: '' }
    }
    const faults = site.route?.path === LOGIN && loginFaults(error)
    if (faults) {
      const body = pythonJson({ error: pythonJson(faults) })
      return { status: 401, headers: { ...headers, 'www-authenticate': CHALLENGE }, body }
    }
    const status = error.status === 400 || error.status === 401 || error.status === 422 ? 403 : error.status
    return { status, headers, body: pythonJson({ error: sentence(error) }) }
  }

  function sentence(error: AuthError): string {
    switch (error.code) {
      case 'credential_missing':
        if (mode === 'JSON') return 'Token not found in "HTTP_AUTHORIZATION" header.'
        return `Cookie "${accessCookie(mode)}" cannot be empty.`
      case 'credential_malformed':
      // Two headers of one name reach the original as one.
      case 'credential_ambiguous':
        return mode === 'JSON' ? 'Value in HTTP_AUTHORIZATION header is not valid.' : FAILED
      case 'token_early':
        return `The token is not yet valid (${error.reason === 'iat' ? 'iat' : 'nbf'})`
      case 'claims_invalid':
        return error.problems?.includes(NO_PERMS) ? NO_PERMS.message : FAILED
      case 'token_audience':
      case 'token_invalid':
      case 'refresh_invalid':
        return ofToken(error)
      default:
        return SENTENCES[error.code] ?? (error.status >= 500 ? 'Failed to process request.' : error.message)
    }
  }

  /** Known only where the signature was good: whoever holds such a token may read what is wrong with it. */
  function ofToken(error: AuthError): string {
    const claims = claimsBehind(error)
    if (!claims) return error.reason === 'structure' ? 'Not enough segments' : 'Signature verification failed'
    const { reason = '' } = error
    const isOurs = ['iss', 'sub', 'aud', 'iat', 'jti', 'exp'].includes(reason)
    if (isOurs && claims[reason] === undefined && (reason !== 'sub' || subject !== undefined))
      return `Token is missing the "${reason}" claim`
    if (reason === 'aud') return 'Invalid audience'
    if (reason === 'iss') return 'Invalid issuer'
    if (reason === 'sub' && subject !== undefined && claims.sub !== subject) return 'Invalid subject'
    if (claims.type === 'access' && error.code === 'refresh_invalid' && mode === 'JSON')
      return 'Refresh token was not sent in authorization header.'
    return FAILED
  }
}

export const LOGIN = '/login/'

const WRONG = 'Please enter a correct username and password. Note that both fields may be case-sensitive.'

const RULES: Partial<Readonly<Record<Problem['rule'], string>>> = {
  required: 'This field is required.',
  blank: 'This field is required.',
  type: 'This field is required.',
  nul: 'Null characters are not allowed.',
}

/** What a login was refused for, as the errors of a form: they are answered as JSON in a string in JSON. */
export function loginFaults({ code, problems = [] }: AuthError): object | undefined {
  if (code === 'login_failed' || code === 'user_inactive') return { __all__: [WRONG] }
  return code === 'request_invalid' ? fieldsOf(problems) : undefined
}

const fieldsOf = (problems: readonly Problem[]): object =>
  Object.fromEntries(problems.map(({ path, rule, message }) => [path || '__all__', [RULES[rule] ?? message]]))

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>403 Forbidden</title></head>
<body>
<h1>Forbidden <span>(403)</span></h1>
<p>CSRF verification failed. Request aborted.</p>
</body>
</html>
`
