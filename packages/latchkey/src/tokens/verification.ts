/** The one road of an access token, whoever issued it: row, key, signature, claims, revocation; without a look at the store. */
import { AuthError } from '../errors.js'
import { checkClaims } from '../jwt/claims.js'
import { type Claims, type Jws, parseJws, unprovenClaims, verifyJws } from '../jwt/jws.js'
import type { Key } from '../jwt/key.js'
import type { Epochs } from '../revocation/epochs.js'
import type { Freshness } from '../revocation/freshness.js'
import type { Clock } from '../util/time.js'
import type { AccessToken } from './format.js'
import { withClaims } from './refused.js'
import type { Row, Rows } from './rows.js'
import type { Verified, VerifiedCache } from './verified.js'

export interface Verification {
  /** Throws `token_invalid`, `token_expired`, `token_early`, `token_audience`, `token_revoked`, `token_stale`, `claims_invalid`, and `store_failed` or `issuer_unreachable` where nobody can tell. A promise only when something has to be loaded. */
  verify(token: string): Verified | Promise<Verified>
  /** Judges a verified token once more, by the clock and by a read of the store that begins now. Throws `token_expired`, `token_revoked`, `token_stale`, `store_failed`, `overloaded`. */
  checkNow(token: Verified): Promise<void>
  /** Judges what a token of a row said, by what is known once that is recent enough. Throws as `checkNow`. */
  judgeFresh(row: string, said: AccessToken): Promise<void>
}

export interface VerificationParts {
  readonly rows: Rows
  readonly epochs: Epochs
  readonly freshness: Pick<Freshness, 'overdue' | 'ask'>
  readonly clock: Clock
  readonly cache: VerifiedCache | undefined
}

const NO_SCOPES = fixedSet([])

export function createVerification({ rows, epochs, freshness, clock, cache }: VerificationParts): Verification {
  return { verify, checkNow, judgeFresh }

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
    // Contexts of streams outlive the second in which their token was verified.
    if (token.expiresAt <= clock()) throw new AuthError('token_expired', { reason: 'exp' })
    judge(token.row, token)
  }

  async function judgeFresh(row: string, said: AccessToken): Promise<void> {
    judge(row, said)
    await freshness.overdue(clock())
    judge(row, said)
  }

  /** Verifies by what this process knows, however old that is. */
  function verifyBy(now: number, token: string): Verified | Promise<Verified> {
    const hit = cache?.find(token, epochs, now)
    if (hit) return hit
    const jws = parseJws(token)
    const row = rows.of(jws)
    return row instanceof Promise ? row.then((known) => ofRow(known, jws, now)) : ofRow(row, jws, now)
  }

  function ofRow(row: Row | undefined, jws: Jws, now: number): Verified | Promise<Verified> {
    if (!row) throw new AuthError('token_invalid', { reason: 'iss' })
    if (row.prove) return asked(row, jws, row.prove(jws))
    // Taken before the key is looked up: a ring that changes meanwhile makes the entry stale, never the other way round.
    const { generation } = row.keys
    const key = row.keys.find(jws.header.kid, jws.header.alg, jws)
    if (key instanceof Promise || (row.schema && !row.schema.check)) return later(row, jws, now, generation, key)
    return finish(row, jws, now, generation, key)
  }

  async function later(
    row: Row,
    jws: Jws,
    now: number,
    generation: number,
    key: Key | undefined | Promise<Key | undefined>,
  ): Promise<Verified> {
    await row.schema?.compile()
    return finish(row, jws, now, generation, await key)
  }

  function finish(row: Row, jws: Jws, now: number, generation: number, key: Key | undefined): Verified {
    if (!key) throw unknownKey()
    return accept(row, jws, verifyJws(jws, key), now, generation, key.kid)
  }

  /** What the issuer vouches for is what stands in the token. */
  function asked(row: Row, jws: Jws, answer: void | Promise<void>): Verified | Promise<Verified> {
    if (!answer && !(row.schema && !row.schema.check)) return proven(row, jws)
    return Promise.all([answer, row.schema?.compile()]).then(() => proven(row, jws))
  }

  function proven(row: Row, jws: Jws): Verified {
    return accept(row, jws, unprovenClaims(jws), clock(), row.keys.generation, jws.header.kid)
  }

  function accept(
    row: Row,
    jws: Jws,
    claims: Claims,
    now: number,
    generation: number,
    kid: string | undefined,
  ): Verified {
    try {
      checkClaims(claims, jws.header, row.expect, now)
      const verified = freeze(row, row.read(claims), claims, kid)
      row.schema?.check?.(claims)
      if (row.admit?.(claims) === false) throw new AuthError('permission_denied', { hint: 'issuers.admit() said no' })
      const epochsVersion = epochs.version
      judge(row.id, verified)
      if (row.cached) cache?.keep(jws.token, verified, { issuer: row, generation, epochsVersion }, now)
      return verified
    } catch (error) {
      throw withClaims(error, claims)
    }
  }

  function judge(
    row: string,
    { subject, sessionId, jti, kid, stamp: rev }: AccessToken & { readonly kid?: string | undefined },
  ): void {
    const verdict = epochs.verdict(row, { subject, sessionId, jti, kid, rev })
    if (verdict === 'dead') throw new AuthError('token_revoked', { reason: 'revoked' })
    if (verdict === 'stale') throw new AuthError('token_stale', { reason: 'revoked' })
  }
}

// Member by member: an object made by spreading is copied by the slow road, and so is whatever is read from it later.
function freeze(
  row: Row,
  { subject, sessionId, jti, stamp, scope, mapped }: AccessToken,
  claims: Claims,
  kid: string | undefined,
): Verified {
  const scopes = scope === undefined ? NO_SCOPES : fixedSet(scope.split(' '))
  const { id, iss: issuer, expect } = row
  const expiresAt = (claims.exp as number) + expect.expLeeway
  return Object.freeze({
    row: id,
    subject,
    sessionId,
    jti,
    stamp,
    scope,
    mapped,
    issuer,
    claims,
    scopes,
    expiresAt,
    kid,
  })
}

/** Freezing alone does not keep a Set from growing, and a handler that adds a scope must not add it to the cached token. */
function fixedSet(values: readonly string[]): ReadonlySet<string> {
  return Object.freeze(Object.assign(new Set(values), { add: refuse, delete: refuse, clear: refuse }))
}

function refuse(): never {
  throw new TypeError('The scopes of a token cannot be changed')
}

export const unknownKey = (): AuthError =>
  new AuthError('token_invalid', { reason: 'key_unknown', hint: 'no key of this issuer has that kid and algorithm' })
