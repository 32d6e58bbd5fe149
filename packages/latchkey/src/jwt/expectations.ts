/** What an issuer's tokens must say, normalised once, so that no odd option can turn a check off. */
import { AuthError } from '../errors.js'

/** A claim that may be demanded. */
export type RequiredClaim = 'sub' | 'exp' | 'nbf' | 'iat' | 'jti' | 'sid' | 'iss'

/** What the registered claims of a token have to be. */
export interface Expectations {
  /** The exact issuer; unset: tokens of this issuer carry none, and one that does is refused. */
  readonly iss?: string
  /** Ours: the token must name one of them. Unset: a token that names any audience is refused (RFC 7519 section 4.1.3). `'any'`: not looked at. */
  readonly audience?: readonly string[] | 'any'
  /** Accepted `typ` headers, in any case, with or without `application/`. Unset: any. */
  readonly typ?: readonly string[]
  /** Whether tokens without a `typ` pass where `typ` is set; false unless set. */
  readonly untyped: boolean
  /** Seconds after `exp` in which a token still counts; 0 unless set. */
  readonly expLeeway: number
  /** Seconds by which `nbf` and `iat` may be ahead; 5 unless set. */
  readonly leeway: number
  /** The longest life in seconds, from `iat` to `exp`. */
  readonly maxLifetime?: number
  /** Claims that must be present; `exp` and `sub` unless set. `sub` stands for the subject claim. */
  readonly required: readonly RequiredClaim[]
  /** Where the subject is; `sub` unless set. */
  readonly subjectClaim: string
  /** Whether it may be a whole number, as SimpleJWT's `user_id` is; unless set, only where it is not `sub` (RFC 7519 section 4.1.2). */
  readonly numericSubject: boolean
}

/** Expectations as one writes them down; what is missing has its default. */
export type ExpectationsInput = { readonly [Name in keyof Expectations]?: Expectations[Name] | undefined }

/** No leeway goes above this. */
const maxLeeway = 120

const requirable: readonly string[] = ['sub', 'exp', 'nbf', 'iat', 'jti', 'sid', 'iss'] satisfies RequiredClaim[]

/** Copies, checks and freezes. Throws `options_invalid`, naming the expectation, for whatever would weaken a check. */
export function expectations(input: ExpectationsInput): Expectations {
  // Each member is read once: a getter must not answer the check one way and the copy another.
  const {
    iss,
    audience,
    typ,
    untyped = false,
    expLeeway = 0,
    leeway = 5,
    maxLifetime,
    required = ['exp', 'sub'],
    subjectClaim = 'sub',
    numericSubject = subjectClaim !== 'sub',
  } = input
  const names = copyOf(required, 'required', 0)
  if (names.some((name) => !requirable.includes(name))) throw invalid('required')
  return Object.freeze({
    ...(iss === undefined ? {} : { iss: textOf(iss, 'iss') }),
    ...(audience === undefined ? {} : { audience: audience === 'any' ? audience : copyOf(audience, 'audience', 1) }),
    ...(typ === undefined ? {} : { typ: spellings(copyOf(typ, 'typ', 1)) }),
    ...(maxLifetime === undefined
      ? {}
      : { maxLifetime: secondsOf(maxLifetime, 'maxLifetime', 1, Number.MAX_SAFE_INTEGER) }),
    untyped: untyped === true,
    expLeeway: secondsOf(expLeeway, 'expLeeway', 0, maxLeeway),
    leeway: secondsOf(leeway, 'leeway', 0, maxLeeway),
    required: names as readonly RequiredClaim[],
    subjectClaim: textOf(subjectClaim, 'subjectClaim'),
    numericSubject: numericSubject === true,
  })
}

/** 1 to 255 characters, none of them a control character or half of a surrogate pair: fit to be a key or part of a log line. */
export function isIdentifier(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 255) return false
  return isPrintableAscii(value) || /^[^\p{Cc}\p{Cs}]+$/u.test(value)
}

/** A loop, because a regular expression takes three times as long, three times per token. */
function isPrintableAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

/** As they are compared, and before that as they were given: most tokens spell them so, which saves the conversion. */
const spellings = (types: readonly string[]): readonly string[] =>
  Object.freeze([...new Set([...types, ...types.map(mediaType)])])

/** A media type as it is compared: in lower case, without the prefix that RFC 7515 section 4.1.9 lets a token leave out. */
export function mediaType(typ: string): string {
  const lower = typ.toLowerCase()
  const rest = lower.startsWith('application/') ? lower.slice(12) : lower
  return rest.includes('/') ? lower : rest
}

function textOf(value: unknown, name: string): string {
  if (!isIdentifier(value)) throw invalid(name)
  return value
}

function copyOf(value: unknown, name: string, least: number): readonly string[] {
  if (!Array.isArray(value) || value.length < least) throw invalid(name)
  return Object.freeze(value.map((entry) => textOf(entry, name)))
}

function secondsOf(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) throw invalid(name)
  return value
}

const invalid = (name: string): AuthError =>
  new AuthError('options_invalid', {
    hint: `${name}: empty, out of range or of the wrong type; the check would not hold`,
  })
