/** From a refusal to an answer: problem details (RFC 9457) and the challenges of RFC 6750 section 3. */
import { type AuthError, type ErrorCode, errorRow } from '../errors.js'
import { checksOf } from './checks.js'
import type { Rejection, Site } from './surface.js'
import type { ProblemAnswer } from './wire.js'

/** Makes the refusals of a surface; `common` are the headers of all its answers. */
export function problemDetails(
  common: Readonly<Record<string, string>>,
  development: boolean,
): (error: AuthError, site: Site) => Rejection {
  // Whatever says no more than its code reads the same each time, and strangers can make us say it as often as they like.
  const plain = new Map<ErrorCode, Rejection>()
  return (error, site) => {
    const said = isPlain(error) ? (plain.get(error.code) ?? kept(error, site)) : render(error, site)
    return development ? explained(said, { hint: error.hint, checks: checksOf(error) }) : said
  }

  function kept(error: AuthError, site: Site): Rejection {
    const made = render(error, site)
    Object.freeze(made.headers)
    plain.set(error.code, Object.freeze(made))
    return made
  }

  function render(error: AuthError, site: Site): Rejection {
    const body: ProblemAnswer = {
      type: `urn:latchkey:error:${error.code}`,
      title: error.message,
      status: error.status,
      code: error.code,
      ...(error.problems && { problems: error.problems }),
      ...(error.missing && { missing: error.missing }),
      ...(error.layer && { layer: error.layer }),
    }
    const type = { 'content-type': 'application/problem+json; charset=utf-8' }
    const headers = { ...common, ...type, ...refusalHeaders(error, site, challenge(error)) }
    return { status: error.status, headers, body: JSON.stringify(body) }
  }
}

/** An application may have given an error words of its own. */
function isPlain({ code, message, status, oauth, problems, missing, layer, retryAfter }: AuthError): boolean {
  if (code === 'method_not_allowed' || (problems ?? missing ?? layer ?? retryAfter) !== undefined) return false
  const row = errorRow(code)
  return message === row.message && status === row.status && oauth === row.oauth
}

/** The body is an object in JSON, and gets members more: what developers want to know. */
function explained(said: Rejection, more: { readonly [M in 'hint' | 'checks']: unknown }): Rejection {
  const text = JSON.stringify(more)
  return text === '{}' ? said : { ...said, body: `${said.body.slice(0, -1)},${text.slice(1)}` }
}

/** The headers that a refusal brings along, whatever renders its body. */
export function refusalHeaders(error: AuthError, { allow }: Site, wwwAuthenticate: string): Record<string, string> {
  const headers: Record<string, string> = {}
  if (wwwAuthenticated(error)) headers['www-authenticate'] = wwwAuthenticate
  if (error.retryAfter !== undefined || error.status === 503)
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfter ?? 1)))
  if (error.code === 'method_not_allowed' && allow) headers.allow = allow.join(', ')
  return headers
}

/** Every 401 has a challenge (RFC 9110 section 11.6.1), and so has a 403 for want of scope (RFC 6750 section 3.1). */
const wwwAuthenticated = (error: AuthError): boolean => error.status === 401 || error.code === 'scope_missing'

/** `Bearer`, with the error where the request had a credential: a caller without one is told nothing (RFC 6750 section 3.1). */
function challenge(error: AuthError): string {
  const parameters = ['realm="api"']
  const named = error.oauth !== undefined && error.oauth !== 'invalid_grant'
  if (named) parameters.push(`error="${error.oauth}"`, `error_description="${error.message}"`)
  if (error.code === 'scope_missing' && error.missing) parameters.push(`scope="${error.missing.join(' ')}"`)
  if (error.maxAge !== undefined) parameters.push(`max_age="${error.maxAge}"`)
  return `Bearer ${parameters.join(', ')}`
}
