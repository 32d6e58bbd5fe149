/** Access tokens of our own: signed with the ring, read back with everything that the verify endpoints of presets show. */
import { AuthError } from '../errors.js'
import { checkClaims } from '../jwt/claims.js'
import { type Claims, parseJws, signJws, verifyJws } from '../jwt/jws.js'
import type { Key } from '../jwt/key.js'
import { asSigned } from '../jwt/schema.js'
import type { Keyring } from '../keys/keyring.js'
import type { Clock } from '../util/time.js'
import type { AccessFacts, AccessForm, TokenFormat } from './format.js'
import { claimsBehind, withClaims } from './refused.js'
import type { Row } from './rows.js'
import { unknownKey, type Verification } from './verification.js'
import type { Verified } from './verified.js'

export interface AccessTokens extends Pick<Verification, 'verify' | 'checkNow' | 'judgeFresh'> {
  /** `form`: how it is written, where that is not the usual way. */
  sign(facts: AccessFacts, form?: AccessForm): Promise<string>
  /** The claims of a token of any kind that one of our keys signed, and what is against them; nobody has looked at revocations. Throws `token_invalid`. */
  read(token: string): Promise<{ readonly claims: Claims; readonly failure: AuthError | undefined }>
  /** As `verify`, for a token that is to be traded for the next one: permissions that changed are a reason for that, and none against it. */
  renewable(token: string): Promise<Pick<Verified, 'subject' | 'sessionId' | 'claims'>>
  /** What the verify endpoint tells: as `verify`, for every kind of token that the format shows there. */
  inspect(token: string): Promise<Claims>
}

export interface AccessParts {
  readonly row: Row & { readonly keys: Keyring }
  readonly format: TokenFormat
  readonly verification: Verification
  readonly clock: Clock
}

export function createAccessTokens({ row, format, verification, clock }: AccessParts): AccessTokens {
  const { verify, checkNow, judgeFresh } = verification
  return { sign, verify, checkNow, judgeFresh, read, renewable, inspect }

  async function sign(facts: AccessFacts, form?: AccessForm): Promise<string> {
    await row.schema?.compile()
    const claims = checked(form ? form.write(facts) : format.writeAccess(facts))
    return signAs(await row.keys.signer(claims), claims, format)
  }

  /** A token that would be refused when it comes back is not made. */
  function checked(claims: Claims): Claims {
    if (!row.schema) return claims
    const said = asSigned(claims)
    row.schema.check?.(said)
    return said
  }

  /** Refresh tokens are shown too, and what access tokens must say is not asked of them. */
  function isAccess(claims: Claims): boolean {
    try {
      return format.readAccess(claims) !== undefined
    } catch {
      return false
    }
  }

  async function read(token: string): ReturnType<AccessTokens['read']> {
    const jws = parseJws(token)
    const key = await row.keys.find(jws.header.kid, jws.header.alg, jws)
    if (!key) throw unknownKey()
    const claims = verifyJws(jws, key)
    try {
      checkClaims(claims, jws.header, row.expect, clock())
      return { claims, failure: undefined }
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      return { claims, failure: withClaims(error, claims) }
    }
  }

  async function renewable(token: string): ReturnType<AccessTokens['renewable']> {
    try {
      return await verify(token)
    } catch (error) {
      const claims = error instanceof AuthError && error.code === 'token_stale' ? claimsBehind(error) : undefined
      if (!claims) throw error
      return { ...format.readAccess(claims), claims }
    }
  }

  async function inspect(token: string): Promise<Claims> {
    if (!format.readAny) return (await verify(token)).claims
    const { claims, failure } = await read(token)
    if (failure) throw failure
    try {
      const said = format.readAny(claims)
      if (row.schema && isAccess(claims)) (await row.schema.compile())(claims)
      if (said) await verification.judgeFresh(row.id, said)
      return claims
    } catch (error) {
      throw withClaims(error, claims)
    }
  }
}

/** Signs claims with the header that the format demands; refresh tokens in JWT form are signed the same way. */
export const signAs = (key: Key, claims: Claims, format: TokenFormat): string =>
  signJws({ ...format.header, ...(!format.kid && { kid: undefined }) }, claims, key)
