/** The tokens of simplejwt: access and refresh tokens of one key, told apart by a claim, with one claim more that ties them to a session. */
import type { Claims } from '../../jwt/jws.js'
import { type AccessToken, type RefreshParts, refused, type TokenFormat } from '../../tokens/format.js'
import { sessionClaim, sessionOf } from '../session-claim.js'
import { asNumber } from '../user-id.js'
import type { ReadSettings } from './settings.js'

// In a refresh token `sid` is `<session>.<generation>`.
const REFRESH_SID = /^([\w-]{22})\.(0|[1-9]\d{0,8})$/
const MAC = /^[0-9a-f]{32}$/

type Settings = Pick<ReadSettings, 'claims' | 'textIds'>

export function simplejwtFormat({ claims: names, textIds }: Settings): TokenFormat {
  return {
    header: { typ: 'JWT' },
    kid: false,
    typ: undefined,
    required: ['exp'],
    subjectClaim: names.user,
    refresh: { macBytes: 16, write: writeRefresh, read: readRefresh },
    writeAccess: (facts) => ({
      ...claimsOf('access', facts, Buffer.from(facts.jti, 'base64url').toString('hex')),
      sid: sessionClaim(facts),
      ...destination(facts),
    }),
    readAccess,
    readAny: (claims) => {
      requireIds(claims)
      // Of refresh tokens the original's verify endpoint tells that they are genuine and in time, and no more.
      return claims[names.type] === 'access' && claims[names.user] !== undefined ? readAccess(claims) : undefined
    },
  }

  function writeRefresh(facts: Parameters<NonNullable<TokenFormat['refresh']>['write']>[0]): Claims {
    return {
      ...claimsOf('refresh', { ...facts, extra: {} }, Buffer.from(facts.mac).toString('hex')),
      sid: `${facts.sessionId}.${facts.generation}`,
      ...destination(facts),
    }
  }

  /** In the order of the original; what the application adds changes none of them. */
  function claimsOf(
    type: 'access' | 'refresh',
    facts: { subject: string; issuedAt: number; expiresAt: number; extra: Claims },
    jti: string,
  ): Claims {
    const own = {
      [names.type]: type,
      exp: facts.expiresAt,
      iat: facts.issuedAt,
      [names.jti]: jti,
      [names.user]: userId(facts.subject),
    }
    return { ...own, ...facts.extra, ...own }
  }

  /** A number where the user's id is one, as Django's are; `sub` is text, as RFC 7519 section 4.1.2 has it. */
  function userId(id: string): string | number {
    return textIds || names.user === 'sub' ? id : asNumber(id)
  }

  function readAccess(claims: Claims): AccessToken {
    requireType(claims, 'access')
    const { [names.user]: user, [names.jti]: jti } = claims
    if (user === undefined) throw refused('sub')
    return {
      subject: String(user),
      ...sessionOf(claims),
      jti: typeof jti === 'string' ? jti : undefined,
      scope: undefined,
    }
  }

  function readRefresh(claims: Claims): RefreshParts {
    requireType(claims, 'refresh')
    const [, sessionId, generation] = REFRESH_SID.exec(String(claims.sid)) ?? []
    const mac = String(claims[names.jti])
    if (sessionId === undefined || !MAC.test(mac)) throw refused('sid')
    return { sessionId, generation: Number(generation), mac: Buffer.from(mac, 'hex') }
  }

  function requireType(claims: Claims, type: 'access' | 'refresh'): void {
    requireIds(claims)
    if (claims[names.type] !== type) throw refused('typ')
  }

  function requireIds(claims: Claims): void {
    if (claims.exp === undefined) throw refused('exp')
    if (claims[names.jti] === undefined) throw refused('jti')
  }
}

function destination({ audience, issuer }: { audience: readonly string[]; issuer: string }): Claims {
  return {
    ...(audience.length > 0 && { aud: audience.length === 1 ? audience[0] : audience }),
    ...(issuer !== '' && { iss: issuer }),
  }
}
