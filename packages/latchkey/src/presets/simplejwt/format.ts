/** The tokens of simplejwt: access and refresh tokens of one key, told apart by a claim, with one claim more that ties them to a session. */
import { AuthError } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import {
  type AccessFacts,
  type AccessToken,
  type RefreshParts,
  refused,
  type TokenFormat,
} from '../../tokens/format.js'
import { sessionClaim, sessionOf } from '../session-claim.js'
import { asNumber } from '../user-id.js'
import { readOriginal, readOriginalSliding } from './original.js'
import type { ReadSettings, SimpleJwtTokenClass } from './settings.js'

// In a refresh token `sid` is `<session>.<generation>`.
const REFRESH_SID = /^([\w-]{22})\.(0|[1-9]\d{0,8})$/
const MAC = /^[0-9a-f]{32}$/

type Settings = Pick<
  ReadSettings,
  'claims' | 'classes' | 'paths' | 'textIds' | 'originalBefore' | 'slidingSeconds' | 'slidingRefreshSeconds'
>

/** The types of tokens that the original has, besides that of a refresh token. */
export const TYPES: Readonly<Record<SimpleJwtTokenClass, string>> = { AccessToken: 'access', SlidingToken: 'sliding' }

/** The name of the form of a sliding token. */
export const SLIDING = 'sliding'

export function simplejwtFormat(settings: Settings): TokenFormat {
  const { claims: names, classes, textIds, slidingSeconds, slidingRefreshSeconds } = settings
  const opening = classes.map((one) => TYPES[one])
  return {
    header: { typ: 'JWT' },
    kid: settings.paths.jwks !== null,
    typ: undefined,
    required: ['exp'],
    subjectClaim: names.user,
    numericSubject: true,
    refresh: {
      macBytes: 16,
      write: writeRefresh,
      read: readRefresh,
      foreign: (claims) => readOriginal(claims, settings),
    },
    writeAccess: (facts) => ({
      ...claimsOf('access', facts, Buffer.from(facts.jti, 'base64url').toString('hex')),
      sid: sessionClaim(facts),
      ...destination(facts),
    }),
    forms: {
      [SLIDING]: {
        accessSeconds: slidingSeconds,
        sessionSeconds: slidingRefreshSeconds,
        write: writeSliding,
        foreign: (claims) => readOriginalSliding(claims, settings),
      },
    },
    readAccess,
    readAny: (claims) => {
      requireIds(claims)
      // Of refresh tokens the original's verify endpoint tells that they are genuine and in time, and no more.
      const isTold = Object.values(TYPES).includes(claims[names.type] as string) && claims[names.user] !== undefined
      return isTold ? said(claims) : undefined
    },
  }

  function writeRefresh(facts: Parameters<NonNullable<TokenFormat['refresh']>['write']>[0]): Claims {
    return {
      ...claimsOf('refresh', facts, Buffer.from(facts.mac).toString('hex')),
      sid: `${facts.sessionId}.${facts.generation}`,
      ...destination(facts),
    }
  }

  /** The same id as long as it renews itself: that of its session. */
  function writeSliding(facts: AccessFacts): Claims {
    const jti = Buffer.from(facts.sessionId, 'base64url').toString('hex')
    const more = { [names.refreshExp]: facts.sessionExpiresAt }
    return { ...claimsOf('sliding', facts, jti, more), sid: sessionClaim(facts), ...destination(facts) }
  }

  /** In the order of the original; what the application adds changes none of them. */
  function claimsOf(
    type: 'access' | 'refresh' | 'sliding',
    facts: { subject: string; issuedAt: number; expiresAt: number; extra: Claims },
    jti: string,
    more: Claims = {},
  ): Claims {
    const own = {
      [names.type]: type,
      exp: facts.expiresAt,
      iat: facts.issuedAt,
      [names.jti]: jti,
      ...more,
      [names.user]: userId(facts.subject),
    }
    return { ...own, ...facts.extra, ...own }
  }

  /** A number where the user's id is one, as Django's are; `sub` is text, as RFC 7519 section 4.1.2 has it. */
  function userId(id: string): string | number {
    return textIds || names.user === 'sub' ? id : asNumber(id)
  }

  function readAccess(claims: Claims): AccessToken {
    requireType(claims, opening)
    return said(claims)
  }

  function said(claims: Claims): AccessToken {
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
    requireType(claims, ['refresh'])
    const [, sessionId, generation] = REFRESH_SID.exec(String(claims.sid)) ?? []
    const mac = String(claims[names.jti])
    if (sessionId === undefined || !MAC.test(mac)) throw refused('sid')
    return { sessionId, generation: Number(generation), mac: Buffer.from(mac, 'hex') }
  }

  function requireType(claims: Claims, types: readonly string[]): void {
    requireIds(claims)
    if (!types.includes(claims[names.type] as string)) throw refused('typ')
  }

  function requireIds(claims: Claims): void {
    if (claims.exp === undefined) throw refused('exp')
    if (claims[names.jti] === undefined) throw refused('jti')
    // The library below the newer version has read RFC 7519 section 4.1.2.
    if (textIds && claims.sub !== undefined && typeof claims.sub !== 'string')
      throw new AuthError('token_invalid', { reason: 'schema', hint: 'sub is not text' })
  }
}

function destination({ audience, issuer }: { audience: readonly string[]; issuer: string }): Claims {
  return {
    ...(audience.length > 0 && { aud: audience.length === 1 ? audience[0] : audience }),
    ...(issuer !== '' && { iss: issuer }),
  }
}
