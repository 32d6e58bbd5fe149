/** The registered claims (RFC 7519 section 4.1), as a list of named steps. All of them run after the signature was proved. */
import { AuthError, type ErrorCode, type Reason } from '../errors.js'
import { type Expectations, mediaType } from './expectations.js'
import type { JwsHeader } from './header.js'
import type { Claims } from './jws.js'

export { type Expectations, type ExpectationsInput, expectations, type RequiredClaim } from './expectations.js'

interface Facts {
  readonly claims: Claims
  readonly header: JwsHeader
  readonly expect: Expectations
  readonly now: number
}

const steps: readonly ((facts: Facts) => void)[] = [
  present,
  typ,
  issuer,
  audience,
  expiry,
  start,
  issued,
  lifetime,
  subject,
  identifiers,
  confirmation,
]

/**
 * Throws for the first claim that is not as expected: `token_expired`, `token_early` and `token_audience` for tokens that are
 * good elsewhere or at another time, `token_invalid` with the reason for all others.
 */
export function checkClaims(claims: Claims, header: JwsHeader, expect: Expectations, now: number): void {
  const facts = { claims, header, expect, now }
  for (const step of steps) step(facts)
}

/** 1 to 255 characters, none of them a control character or half of a surrogate pair: fit to be a key or part of a log line. */
export const isIdentifier = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 255 && (/^[ -~]+$/.test(value) || /^[^\p{Cc}\p{Cs}]+$/u.test(value))

function present({ claims, expect }: Facts): void {
  for (const name of expect.required) {
    if (own(claims, name === 'sub' ? expect.subjectClaim : name) === undefined) throw refused(name)
  }
}

function typ({ header, expect }: Facts): void {
  if (expect.typ === undefined) return
  if (header.typ === undefined || !expect.typ.includes(mediaType(header.typ))) throw refused('typ')
}

function issuer({ claims, expect }: Facts): void {
  if (own(claims, 'iss') !== expect.iss) throw refused('iss')
}

function audience({ claims, expect }: Facts): void {
  if (expect.audience === 'any') return
  const aud = own(claims, 'aud')
  if (aud === undefined && expect.audience === undefined) return
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (named.length > 16) throw refused('aud')
  if (aud !== undefined && !named.every((entry) => typeof entry === 'string')) throw refused('aud')
  if (!expect.audience?.some((ours) => named.includes(ours))) throw refused('aud', 'token_audience')
}

function expiry({ claims, expect, now }: Facts): void {
  const exp = date(claims, 'exp')
  // Written so that a comparison with NaN refuses. From the second of `exp` on the token is dead (RFC 7519 section 4.1.4).
  if (exp !== undefined && !(exp + expect.expLeeway > now))
    throw refused('exp', 'token_expired', `expired ${now - exp}s ago`)
}

function start({ claims, expect, now }: Facts): void {
  const nbf = date(claims, 'nbf')
  if (nbf !== undefined && !(nbf - expect.leeway <= now)) throw refused('nbf', 'token_early', `valid in ${nbf - now}s`)
}

function issued({ claims, expect, now }: Facts): void {
  const iat = date(claims, 'iat')
  if (iat !== undefined && !(iat - expect.leeway <= now))
    throw refused('iat', 'token_early', `issued ${iat - now}s ahead`)
}

function lifetime({ claims, expect, now }: Facts): void {
  if (expect.maxLifetime === undefined) return
  const exp = date(claims, 'exp')
  if (exp === undefined || !(exp - (date(claims, 'iat') ?? now) <= expect.maxLifetime)) throw refused('lifetime')
}

function subject({ claims, expect }: Facts): void {
  const value = own(claims, expect.subjectClaim)
  if (value === undefined || isIdentifier(value)) return
  if (expect.subjectClaim !== 'sub' && Number.isSafeInteger(value)) return
  throw refused('sub')
}

function identifiers({ claims }: Facts): void {
  for (const name of ['jti', 'sid', 'iss'] as const) {
    const value = own(claims, name)
    if (value !== undefined && !isIdentifier(value)) throw refused(name)
  }
}

/** A token bound to its sender's key is nothing without a proof of that key, which nobody here asks for (RFC 9449 section 7.1). */
function confirmation({ claims }: Facts): void {
  if (own(claims, 'cnf') !== undefined) throw refused('typ')
}

function date(claims: Claims, name: 'exp' | 'nbf' | 'iat'): number | undefined {
  const value = own(claims, name)
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused(name)
  return value
}

/** Claims are what the token says, never what `Object.prototype` was made to say. */
const own = (claims: Claims, name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined)

const refused = (reason: Reason, code: ErrorCode = 'token_invalid', hint?: string): AuthError =>
  new AuthError(code, { reason, ...(hint === undefined ? {} : { hint }) })
