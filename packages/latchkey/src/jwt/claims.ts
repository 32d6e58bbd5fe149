/** The registered claims (RFC 7519 section 4.1), as a list of named steps. All of them run after the signature was proved. */
import { AuthError, type ErrorCode, type Reason } from '../errors.js'
import { type Expectations, isIdentifier, mediaType, type RequiredClaim } from './expectations.js'
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

/**
 * Throws for the first claim that is not as expected: `token_expired`, `token_early` and `token_audience` for tokens that are
 * good elsewhere or at another time, `token_invalid` with the reason for all others.
 */
export function checkClaims(claims: Claims, header: JwsHeader, expect: Expectations, now: number): void {
  const registered: Registered = isPolluted() ? withoutPrototype(claims) : claims
  const subject = expect.subjectClaim === 'sub' ? registered.sub : own(claims, expect.subjectClaim)
  const facts: Facts = { claims: registered, subject, header, expect, now }
  typ(facts)
  issuer(facts)
  audience(facts)
  expiry(facts)
  start(facts)
  issued(facts)
  lifetime(facts)
  identity(facts)
  identifiers(facts)
  confirmation(facts)
}

function typ({ header, expect }: Facts): void {
  if (expect.typ === undefined) return
  const given = header.typ
  if (given === undefined && expect.untyped) return
  if (given === undefined || !(expect.typ.includes(given) || expect.typ.includes(mediaType(given))))
    throw refused('typ', 'token_invalid', other('typ', given, expect.typ))
}

function issuer({ claims, expect }: Facts): void {
  if (claims.iss === undefined) missing('iss', expect)
  if (claims.iss !== expect.iss) throw refused('iss', 'token_invalid', other('iss', claims.iss, [expect.iss ?? 'none']))
}

function audience({ claims, expect }: Facts): void {
  const { aud } = claims
  if (expect.audience === 'any' || (aud === undefined && expect.audience === undefined)) return
  if (typeof aud === 'string' && expect.audience?.includes(aud)) return
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (named.length > 16) throw refused('aud')
  if (aud !== undefined && !named.every((entry) => typeof entry === 'string')) throw refused('aud')
  if (!expect.audience?.some((ours) => named.includes(ours)))
    throw refused('aud', 'token_audience', other('aud', aud, expect.audience ?? ['none']))
}

function expiry({ claims, expect, now }: Facts): void {
  const exp = date(claims.exp, 'exp', expect)
  // From the second of `exp` on the token is dead (RFC 7519 section 4.1.4). All four are written so that NaN would refuse.
  if (exp !== undefined && !(exp + expect.expLeeway > now))
    throw refused('exp', 'token_expired', `expired ${now - exp}s ago`)
}

function start({ claims, expect, now }: Facts): void {
  const nbf = date(claims.nbf, 'nbf', expect)
  if (nbf !== undefined && !(nbf - expect.leeway <= now)) throw refused('nbf', 'token_early', `valid in ${nbf - now}s`)
}

function issued({ claims, expect, now }: Facts): void {
  const iat = date(claims.iat, 'iat', expect)
  if (iat !== undefined && !(iat - expect.leeway <= now))
    throw refused('iat', 'token_early', `issued ${iat - now}s ahead`)
}

function lifetime({ claims, expect, now }: Facts): void {
  if (expect.maxLifetime === undefined) return
  const exp = date(claims.exp, 'exp', expect)
  const iat = date(claims.iat, 'iat', expect) ?? now
  if (exp === undefined || !(exp - iat <= expect.maxLifetime)) throw refused('lifetime')
}

function identity({ subject, expect }: Facts): void {
  const isNumber = expect.numericSubject && Number.isSafeInteger(subject)
  if (subject === undefined) missing('sub', expect)
  else if (!isIdentifier(subject) && !isNumber) throw refused('sub')
}

function identifiers({ claims, expect }: Facts): void {
  identifier(claims.jti, 'jti', expect)
  identifier(claims.sid, 'sid', expect)
}

/** A token bound to its sender's key is nothing without a proof of that key, which nobody here asks for (RFC 9449 section 7.1). */
function confirmation({ claims }: Facts): void {
  if (claims.cnf !== undefined) throw refused('typ')
}

function date(value: unknown, name: 'exp' | 'nbf' | 'iat', expect: Expectations): number | undefined {
  if (value === undefined) return missing(name, expect)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw refused(name)
}

function identifier(value: unknown, name: 'jti' | 'sid', expect: Expectations): void {
  if (value === undefined) missing(name, expect)
  else if (!isIdentifier(value)) throw refused(name)
}

/** Asked only where a claim is absent, so that the usual token does not pay for the list. */
function missing(name: RequiredClaim, expect: Expectations): undefined {
  if (expect.required.includes(name)) throw refused(name)
}

/**
 * Claims are what the token says, never what somebody made `Object.prototype` say. Asking the prototype once is cheaper than
 * asking every claim whether it is the token's own.
 */
function isPolluted(): boolean {
  const { iss, aud, exp, nbf, iat, sub, jti, sid, cnf } = Object.prototype as Registered
  return (iss ?? aud ?? exp ?? nbf ?? iat ?? sub ?? jti ?? sid ?? cnf) !== undefined
}

const own = (claims: Claims, name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined)

const withoutPrototype = (claims: Claims): Registered => Object.assign(Object.create(null), claims)

/** What stands there and what should, for operators; whoever wrote it proved who they are. */
function other(name: string, given: unknown, wanted: readonly string[]): string {
  const text = JSON.stringify(given) ?? 'missing'
  return `${name} is ${text.slice(0, 200)}, wanted ${wanted.join(' or ').slice(0, 200)}`
}

const refused = (reason: Reason, code: ErrorCode = 'token_invalid', hint?: string): AuthError =>
  new AuthError(code, { reason, ...(hint === undefined ? {} : { hint }) })
