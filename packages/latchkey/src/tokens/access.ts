/** Access tokens of our own: signed with the ring, verified from limits to revocation without a look at the store. */
import { AuthError } from '../errors.js'
import { checkClaims, type Expectations } from '../jwt/claims.js'
import { type Claims, parseJws, signJws, verifyJws } from '../jwt/jws.js'
import type { Key } from '../jwt/key.js'
import type { Issuer } from '../keys/issuers.js'
import type { Keyring } from '../keys/keyring.js'
import type { Epochs } from '../revocation/epochs.js'
import type { Freshness } from '../revocation/freshness.js'
import type { Clock } from '../util/time.js'
import type { AccessFacts, AccessToken, TokenFormat } from './format.js'
import { withClaims } from './refused.js'
import type { Verified, VerifiedCache } from './verified.js'

export interface AccessTokens {
  sign(facts: AccessFacts): Promise<string>
  /** Throws `token_invalid`, `token_expired`, `token_early`, `token_audience`, `token_revoked`, `token_stale`, `claims_invalid`, and `store_failed` where nobody can tell. A promise only when something has to be loaded. */
  verify(token: string): Verified | Promise<Verified>
  /** Judges a verified token once more, by a read of the store that begins now. Throws `token_revoked`, `token_stale`, `store_failed`, `overloaded`. */
  checkNow(token: Verified): Promise<void>
  /** The claims of a token of any kind that one of our keys signed, and what is against them; nobody has looked at revocations. Throws `token_invalid`. */
  read(token: string): Promise<{ readonly claims: Claims; readonly failure: AuthError | undefined }>
  /** What the verify endpoint tells: as `verify`, for every kind of token that the format shows there. */
  inspect(token: string): Promise<Claims>
}

export interface AccessParts {
  readonly row: Issuer & { readonly keys: Keyring }
  readonly format: TokenFormat
  readonly expect: Expectations
  readonly epochs: Epochs
  readonly freshness: Pick<Freshness, 'overdue' | 'ask'>
  readonly clock: Clock
  readonly cache: VerifiedCache | undefined
  /** The application's own demands on the claims, compiled at the first token. */
  readonly schema: (() => Promise<(claims: Claims) => void>) | undefined
}

const NO_SCOPES = fixedSet([])

export function createAccessTokens(parts: AccessParts): AccessTokens {
  const { row, format, expect, epochs, freshness, clock, cache, schema } = parts
  let checkSchema: ((claims: Claims) => void) | undefined
  return { sign, verify, checkNow, read, inspect }

  async function sign(facts: AccessFacts): Promise<string> {
    const claims = format.writeAccess(facts)
    if (schema) checkSchema ??= await schema()
    checkSchema?.(claims)
    return signAs(await row.keys.signer(), claims, format)
  }

  /** A token that is bad by what is known needs nobody to be asked. */
  function verify(token: string): Verified | Promise<Verified> {
    const now = clock()
    const verified = verifyBy(now, token)
    if (verified instanceof Promise) return verifyLater(verified, token)
    const read = freshness.overdue(now)
    return read ? read.then(() => verifyBy(clock(), token)) : verified
  }

  async function verifyLater(verified: Promise<Verified>, token: string): Promise<Verified> {
    const found = await verified
    const read = freshness.overdue(clock())
    return read ? read.then(() => verifyBy(clock(), token)) : found
  }

  async function checkNow(token: Verified): Promise<void> {
    await freshness.ask()
    judge(token)
  }

  /** Verifies by what this process knows, however old that is. */
  function verifyBy(now: number, token: string): Verified | Promise<Verified> {
    const hit = cache?.find(token, row, epochs, now)
    if (hit) return hit
    const jws = parseJws(token)
    // Taken before the key is looked up: a ring that changes meanwhile makes the entry stale, never the other way round.
    const { generation } = row.keys
    const key = row.keys.find(jws.header.kid, jws.header.alg)
    if (key instanceof Promise || (schema && !checkSchema)) return later()
    return finish(key)

    async function later(): Promise<Verified> {
      if (schema) checkSchema ??= await schema()
      return finish(await key)
    }

    function finish(key: Key | undefined): Verified {
      if (!key) throw unknownKey()
      const claims = verifyJws(jws, key)
      try {
        checkClaims(claims, jws.header, expect, now)
        const verified = freeze(format.readAccess(claims), claims, key)
        checkSchema?.(claims)
        const epochsVersion = epochs.version
        judge(verified)
        cache?.keep(token, verified, { generation, epochsVersion }, now)
        return verified
      } catch (error) {
        throw withClaims(error, claims)
      }
    }
  }

  async function read(token: string): ReturnType<AccessTokens['read']> {
    const jws = parseJws(token)
    const key = await row.keys.find(jws.header.kid, jws.header.alg)
    if (!key) throw unknownKey()
    const claims = verifyJws(jws, key)
    try {
      checkClaims(claims, jws.header, expect, clock())
      return { claims, failure: undefined }
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      return { claims, failure: withClaims(error, claims) }
    }
  }

  async function inspect(token: string): Promise<Claims> {
    if (!format.readAny) return (await verify(token)).claims
    const { claims, failure } = await read(token)
    if (failure) throw failure
    try {
      const said = format.readAny(claims)
      if (!said) return claims
      judge(said)
      await freshness.overdue(clock())
      judge(said)
      return claims
    } catch (error) {
      throw withClaims(error, claims)
    }
  }

  // Member by member: an object made by spreading is copied by the slow road, and so is whatever is read from it later.
  function freeze({ subject, sessionId, jti, stamp, scope }: AccessToken, claims: Claims, key: Key): Verified {
    const scopes = scope === undefined ? NO_SCOPES : fixedSet(scope.split(' '))
    const issuer = row.iss
    const expiresAt = claims.exp as number
    const { kid } = key
    return Object.freeze({ subject, sessionId, jti, stamp, scope, issuer, claims, scopes, expiresAt, kid })
  }

  function judge({
    subject,
    sessionId,
    jti,
    kid,
    stamp: rev,
  }: AccessToken & { readonly kid?: string | undefined }): void {
    const verdict = epochs.verdict(row.id, { subject, sessionId, jti, kid, rev })
    if (verdict === 'dead') throw new AuthError('token_revoked', { reason: 'revoked' })
    if (verdict === 'stale') throw new AuthError('token_stale', { reason: 'revoked' })
  }
}

/** Freezing alone does not keep a Set from growing, and a handler that adds a scope must not add it to the cached token. */
function fixedSet(values: readonly string[]): ReadonlySet<string> {
  return Object.freeze(Object.assign(new Set(values), { add: refuse, delete: refuse, clear: refuse }))
}

function refuse(): never {
  throw new TypeError('The scopes of a token cannot be changed')
}

const unknownKey = (): AuthError =>
  new AuthError('token_invalid', { reason: 'key_unknown', hint: 'no key of this ring has that kid and algorithm' })

/** Signs claims with the header that the format demands; refresh tokens in JWT form are signed the same way. */
export const signAs = (key: Key, claims: Claims, format: TokenFormat): string =>
  signJws({ ...format.header, ...(!format.kid && { kid: undefined }) }, claims, key)
