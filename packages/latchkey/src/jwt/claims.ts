/** The registered claims (RFC 7519 section 4.1), as a list of named steps. All of them run after the signature was proved. */
import { AuthError, type ErrorCode, type Reason } from '../errors.js'
import { type Expectations, isIdentifier, mediaType } from './expectations.js'
import type { JwsHeader } from './header.js'
import type { Claims } from './jws.js'

export {
  type Expectations,
  type ExpectationsInput,
  expectations,
  isIdentifier,
  type RequiredClaim,
} from './expectations.js'

interface Facts {
  readonly claims: Registered
  readonly subject: unknown
  readonly header: JwsHeader
  readonly expect: Expectations
  readonly now: number
}

interface Registered {
  readonly iss?: unknown
  readonly aud?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly iat?: unknown
  readonly sub?: unknown
  readonly jti?: unknown
  readonly sid?: unknown
  readonly cnf?: unknown
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
  identity,
  identifiers,
  confirmation,
]

/**
 * Throws for the first claim that is not as expected: `token_expired`, `token_early` and `token_audience` for tokens that are
 * good elsewhere or at another time, `token_invalid` with the reason for all others.
 */
export function checkClaims(claims: Claims, header: JwsHeader, expect: Expectations, now: number): void {
  const subject = Object.hasOwn(claims, expect.subjectClaim) ? claims[expect.subjectClaim] : undefined
  const facts = { claims: isPolluted() ? withoutPrototype(claims) : claims, subject, header, expect, now }
  for (const step of steps) step(facts)
}

function present({ claims, subject, expect }: Facts): void {
  for (const name of expect.required) {
    if ((name === 'sub' ? subject : claims[name]) === undefined) throw refused(name)
  }
}

function typ({ header, expect }: Facts): void {
  if (expect.typ === undefined) return
  const given = header.typ
  if (given === undefined || !(expect.typ.includes(given) || expect.typ.includes(mediaType(given))))
    throw refused('typ')
}

function issuer({ claims, expect }: Facts): void {
  if (claims.iss !== expect.iss) throw refused('iss')
}

function audience({ claims, expect }: Facts): void {
  const { aud } = claims
  if (expect.audience === 'any' || (aud === undefined && expect.audience === undefined)) return
  if (typeof aud === 'string' && expect.audience?.includes(aud)) return
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (named.length > 16) throw refused('aud')
  if (aud !== undefined && !named.every((entry) => typeof entry === 'string')) throw refused('aud')
  if (!expect.audience?.some((ours) => named.includes(ours))) throw refused('aud', 'token_audience')
}

function expiry({ claims, expect, now }: Facts): void {
  const exp = date(claims.exp, 'exp')
  // From the second of `exp` on the token is dead (RFC 7519 section 4.1.4). All four are written so that NaN would refuse.
  if (exp !== undefined && !(exp + expect.expLeeway > now))
    throw refused('exp', 'token_expired', `expired ${now - exp}s ago`)
}

function start({ claims, expect, now }: Facts): void {
  const nbf = date(claims.nbf, 'nbf')
  if (nbf !== undefined && !(nbf - expect.leeway <= now)) throw refused('nbf', 'token_early', `valid in ${nbf - now}s`)
}

function issued({ claims, expect, now }: Facts): void {
  const iat = date(claims.iat, 'iat')
  if (iat !== undefined && !(iat - expect.leeway <= now))
    throw refused('iat', 'token_early', `issued ${iat - now}s ahead`)
}

function lifetime({ claims, expect, now }: Facts): void {
  if (expect.maxLifetime === undefined) return
  const exp = date(claims.exp, 'exp')
  const iat = date(claims.iat, 'iat') ?? now
  if (exp === undefined || !(exp - iat <= expect.maxLifetime)) throw refused('lifetime')
}

function identity({ subject, expect }: Facts): void {
  if (subject === undefined || isIdentifier(subject)) return
  if (expect.subjectClaim !== 'sub' && Number.isSafeInteger(subject)) return
  throw refused('sub')
}

function identifiers({ claims }: Facts): void {
  if (claims.jti !== undefined && !isIdentifier(claims.jti)) throw refused('jti')
  if (claims.sid !== undefined && !isIdentifier(claims.sid)) throw refused('sid')
}

/** A token bound to its sender's key is nothing without a proof of that key, which nobody here asks for (RFC 9449 section 7.1). */
function confirmation({ claims }: Facts): void {
  if (claims.cnf !== undefined) throw refused('typ')
}

function date(value: unknown, name: 'exp' | 'nbf' | 'iat'): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw refused(name)
}

/**
 * Claims are what the token says, never what somebody made `Object.prototype` say. Asking the prototype once is cheaper than
 * asking every claim whether it is the token's own.
 */
function isPolluted(): boolean {
  const { iss, aud, exp, nbf, iat, sub, jti, sid, cnf } = Object.prototype as Registered
  return (iss ?? aud ?? exp ?? nbf ?? iat ?? sub ?? jti ?? sid ?? cnf) !== undefined
}

const withoutPrototype = (claims: Claims): Registered => Object.assign(Object.create(null), claims)

const refused = (reason: Reason, code: ErrorCode = 'token_invalid', hint?: string): AuthError =>
  new AuthError(code, { reason, ...(hint === undefined ? {} : { hint }) })
