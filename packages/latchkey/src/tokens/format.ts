/** Tokens on the wire: what they say (facts), and how a format writes those facts into claims and reads them back. */
import { AuthError } from '../errors.js'
import type { Algorithm } from '../jwt/algorithms.js'
import type { RequiredClaim } from '../jwt/claims.js'
import type { Claims } from '../jwt/jws.js'
import type { Stamp } from '../stores/port.js'
import { decodeBase64url, encodeBase64url } from '../util/bytes.js'
import type { Mapped } from './mapping.js'

/** What an access token says, whatever its claims are called. */
export interface AccessFacts {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly clientId: string
  readonly subject: string
  readonly sessionId: string
  /** The store's stamp, read before anything that the token rests on. */
  readonly stamp: Stamp
  readonly jti: string
  readonly issuedAt: number
  readonly expiresAt: number
  /** When the session ends at the latest; the limit of a token that renews itself. */
  readonly sessionExpiresAt: number
  readonly sessionCreatedAt: number
  /** When the user last proved who they are. */
  readonly authenticatedAt: number
  /** When the refresh token of this pair was made. */
  readonly refreshIssuedAt: number
  readonly scope: string | undefined
  /** What the `claims` hook added. */
  readonly extra: Claims
  /** What the `userPart` hook made of the user, for formats that carry it. */
  readonly userPart: Readonly<Record<string, unknown>>
}

/** What a verified access token tells the guard. */
export interface AccessToken {
  readonly subject: string
  readonly sessionId: string | undefined
  readonly jti: string | undefined
  readonly stamp: Stamp
  readonly scope: string | undefined
  /** What the claims of another issuer mean here; absent for tokens of our own. */
  readonly mapped?: Mapped | undefined
}

/** The three parts of a refresh token. */
export interface RefreshParts {
  readonly sessionId: string
  readonly generation: number
  /** HMAC of the other two and the session's seed: 32 bytes, or the first 16 where a preset's `jti` has room for no more. */
  readonly mac: Uint8Array
}

/** What a refresh token in JWT form says besides its parts: from the session's row, so that a retry gets the same token. */
export interface RefreshFacts extends RefreshParts {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly subject: string
  /** The session's stamp: what ended since is dead. */
  readonly stamp: Stamp
  readonly sessionCreatedAt: number
  readonly issuedAt: number
  readonly expiresAt: number
  readonly extra: Claims
  readonly userPart: Readonly<Record<string, unknown>>
}

/** A refresh token that is a JWT: signed with the key of the access tokens, its MAC as `jti`. */
export interface RefreshJwt {
  /** How many bytes of the MAC its `jti` has room for. */
  readonly macBytes: 16 | 22 | 32
  /** The claims of a new refresh token. */
  write(facts: RefreshFacts): Claims
  /** Throws `token_invalid` with the reason when these are not the claims of a refresh token. */
  read(claims: Claims): RefreshParts
  /** What a refresh token says that another system signed with our key, where such tokens go on; `undefined` for any other. Throws as `read`. */
  foreign?(claims: Claims): ForeignRefresh | undefined
}

/** A refresh token of another system, which becomes a session at its first use. */
export interface ForeignRefresh {
  readonly subject: string
  /** What it is told apart by from every other. */
  readonly jti: string
  /** Whole seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Another form of access token beside the usual one, with a life of its own. Times in seconds. */
export interface AccessForm {
  readonly accessSeconds: number
  /** How long a session lives that begins with a token of this form. It has no refresh token: the token renews itself. */
  readonly sessionSeconds: number
  /** The claims of a new token of this form. */
  write(facts: AccessFacts): Claims
  /** What a token of this form says that another system signed with our key, where such tokens go on renewing themselves; its `expiresAt` is the end of that. */
  foreign?(claims: Claims, subject?: string): ForeignRefresh | undefined
}

/** A refresh token as it was presented. */
export interface PresentedParts extends RefreshParts {
  /** Whether it says itself that it is over: then it buys nothing, but may still be found to be one that was used before. */
  readonly expired: boolean
  /** What it says where another system signed it: then its signature has proved it, and there is no MAC. */
  readonly foreign?: ForeignRefresh | undefined
}

/** How tokens are written and read. The native one is below; presets bring theirs as data. */
export interface TokenFormat {
  /** The members of the header, in their order; `alg` may be left out, and stands first then. */
  readonly header: Readonly<{ typ?: string; alg?: Algorithm }>
  /** Whether the header names the key. */
  readonly kid: boolean
  /** The values of `typ` that an access token may have; `undefined` where the claims tell the kinds apart. */
  readonly typ: readonly string[] | undefined
  /** Claims without which a token is refused. */
  readonly required: readonly RequiredClaim[]
  /** Which claim names the user. */
  readonly subjectClaim: string
  /** Whether that may be a whole number also where it is `sub`, as systems of the past wrote it. */
  readonly numericSubject?: boolean
  /** `undefined`: opaque, `sid.generation.mac`. */
  readonly refresh: RefreshJwt | undefined
  /** The claims of a new access token. */
  writeAccess(facts: AccessFacts): Claims
  /**
   * Where access tokens renew themselves: what one says that another system signed with our key, its `expiresAt` the end of that;
   * `undefined` for any other. `subject`: whose it is, where its claims do not tell that by an id.
   */
  foreign?(claims: Claims, subject?: string): ForeignRefresh | undefined
  /** Other forms of access token, by name: presets of systems that knew more than one have them. */
  readonly forms?: Readonly<Record<string, AccessForm>>
  /** Throws `token_invalid` with the reason when these are not the claims of an access token, of whatever form. */
  readAccess(claims: Claims): AccessToken
  /**
   * How the verify endpoint reads a token, where it shows others than access tokens too; `undefined` for one whose revocation it does
   * not tell. Throws as `readAccess`, which reads where this is absent.
   */
  readAny?(claims: Claims): AccessToken | undefined
}

/** Our own format: access tokens by RFC 9068, opaque refresh tokens. */
export const native: TokenFormat = {
  header: { typ: 'at+jwt' },
  kid: true,
  typ: ['at+jwt'],
  required: ['iss', 'sub', 'exp', 'iat', 'jti', 'sid'],
  subjectClaim: 'sub',
  refresh: undefined,

  writeAccess: (facts) => ({
    ...facts.extra,
    iss: facts.issuer,
    aud: facts.audience.length === 1 ? facts.audience[0] : facts.audience,
    sub: facts.subject,
    client_id: facts.clientId,
    exp: facts.expiresAt,
    iat: facts.issuedAt,
    jti: facts.jti,
    sid: facts.sessionId,
    rev: facts.stamp,
    auth_time: facts.authenticatedAt,
    ...(facts.scope !== undefined && { scope: facts.scope }),
  }),

  readAccess(claims) {
    const { sub, sid, jti, rev, iat, scope } = claims
    if (claims.cnf !== undefined) throw refused('typ')
    if (rev !== undefined && !isStamp(rev)) throw refused('iat')
    return {
      subject: sub as string,
      sessionId: sid as string,
      jti: jti as string,
      stamp: rev === undefined ? (iat as number) * 1000 : rev,
      scope: typeof scope === 'string' ? scope : undefined,
    }
  },
}

/** The refusal of a signed token whose claims do not fit its format. */
export const refused = (reason: 'typ' | 'sub' | 'jti' | 'sid' | 'iat' | 'exp'): AuthError =>
  new AuthError('token_invalid', { reason, hint: `the claim behind "${reason}" is not as the format has it` })

export const isStamp = (value: unknown): value is Stamp => Number.isSafeInteger(value) && (value as number) >= 0

const OPAQUE = /^([\w-]{22})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/

/** Reads `sid.generation.mac` strictly; `undefined` for anything else, without touching a store. */
export function parseOpaque(token: unknown): RefreshParts | undefined {
  if (typeof token !== 'string' || token.length > 80) return undefined
  const [, sessionId, generation, mac] = OPAQUE.exec(token) ?? []
  const bytes = mac === undefined ? undefined : decodeBase64url(mac)
  if (sessionId === undefined || generation === undefined || bytes === undefined) return undefined
  return { sessionId, generation: Number(generation), mac: bytes }
}

export const writeOpaque = ({ sessionId, generation, mac }: RefreshParts): string =>
  `${sessionId}.${generation}.${encodeBase64url(mac)}`
