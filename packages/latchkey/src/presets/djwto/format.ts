/** The tokens of djwto: two of one key and one `jti`, told apart by `type`, with one claim more that ties them to a session. */
import { AuthError } from '../../errors.js'
import { isIdentifier, type RequiredClaim } from '../../jwt/claims.js'
import type { Claims } from '../../jwt/jws.js'
import {
  type AccessFacts,
  type AccessToken,
  isStamp,
  type RefreshFacts,
  type RefreshParts,
  refused,
  type TokenFormat,
} from '../../tokens/format.js'
import { decodeBase64url, encodeBase64url } from '../../util/bytes.js'
import { sessionClaim, sessionOf } from '../session-claim.js'
import { asNumber } from '../user-id.js'
import { uuidOf } from '../uuid.js'
import type { ReadSettings } from './settings.js'

// `sid` is `<session>.<stamp>` in an access token and `<session>.<stamp>.<generation>.<mac>` in a refresh token. The mac cannot stand in
// `jti`, as in other presets: both tokens have the same, and the access token may lie open in a cookie.
const REFRESH_SID = /^([\w-]{22})\.(0|[1-9a-z][0-9a-z]{0,10})\.(0|[1-9]\d{0,8})\.([\w-]{22})$/

type Settings = Pick<ReadSettings, 'issuer' | 'subject' | 'audience' | 'dated' | 'numbered' | 'startSeconds'>
type Facts = Pick<
  AccessFacts,
  'subject' | 'sessionId' | 'issuedAt' | 'expiresAt' | 'sessionCreatedAt' | 'extra' | 'userPart'
>

export function djwtoFormat(settings: Settings): TokenFormat {
  const { issuer, subject: sub, audience, dated, numbered, startSeconds } = settings
  const required: readonly RequiredClaim[] = [
    ...(issuer === undefined ? [] : (['iss'] as const)),
    ...(sub === undefined ? [] : (['sub'] as const)),
    ...(dated ? (['iat'] as const) : []),
    ...(numbered ? (['jti'] as const) : []),
    'exp',
  ]
  return {
    header: { typ: 'JWT' },
    kid: false,
    typ: undefined,
    required,
    subjectClaim: 'sub',
    refresh: { macBytes: 16, write: writeRefresh, read: (claims) => readRefresh(claims).parts },
    writeAccess: (facts) => ({
      ...claimsOf('access', facts),
      ...(dated && { refresh_iat: facts.refreshIssuedAt }),
      sid: sessionClaim(facts),
    }),
    readAccess,
    readAny: (claims) => (claims.type === 'refresh' ? readRefresh(claims).token : readAccess(claims)),
  }

  function writeRefresh(facts: RefreshFacts): Claims {
    const { sessionId, stamp, generation, mac } = facts
    const sid = `${sessionId}.${stamp.toString(36)}.${generation}.${encodeBase64url(mac)}`
    return { ...claimsOf('refresh', facts), sid }
  }

  /** In the order of the original; what the application adds changes none of them. */
  function claimsOf(type: 'access' | 'refresh', facts: Facts): Claims {
    const own = {
      ...(issuer !== undefined && { iss: issuer }),
      ...(sub !== undefined && { sub }),
      ...(audience !== undefined && { aud: audience }),
      ...(dated && { iat: facts.issuedAt }),
      exp: facts.expiresAt,
      ...(startSeconds > 0 && { nbf: facts.sessionCreatedAt + startSeconds }),
      ...(numbered && { jti: uuidOf(facts.sessionId) }),
      type,
      user: userOf(facts),
    }
    return { ...own, ...facts.extra, ...own }
  }

  function readAccess(claims: Claims): AccessToken {
    requireKind(claims, 'access')
    const subject = subjectOf(claims)
    const { jti } = claims
    return {
      subject,
      ...sessionOf(claims),
      jti: typeof jti === 'string' ? jti : undefined,
      scope: undefined,
    }
  }

  function readRefresh(claims: Claims): { readonly parts: RefreshParts; readonly token: AccessToken } {
    requireKind(claims, 'refresh')
    const subject = subjectOf(claims)
    const [, sessionId, text = '', generation, written = ''] = REFRESH_SID.exec(String(claims.sid)) ?? []
    const stamp = Number.parseInt(text, 36)
    const mac = decodeBase64url(written)
    // One of the original's own has no session here to go on with.
    if (sessionId === undefined || mac === undefined || !isStamp(stamp)) throw refused('sid')
    const { jti } = claims
    return {
      parts: { sessionId, generation: Number(generation), mac },
      token: { subject, sessionId, jti: typeof jti === 'string' ? jti : undefined, stamp, scope: undefined },
    }
  }

  /** The original demands an audience that it has, and refuses one that it has not; of `sub` it demands nothing. */
  function requireKind(claims: Claims, type: 'access' | 'refresh'): void {
    if (audience === undefined && claims.aud !== undefined) throw new AuthError('token_audience', { reason: 'aud' })
    if (sub !== undefined && claims.sub !== sub) throw refused('sub')
    if (claims.type !== type) throw refused('typ')
  }
}

/** As the application has it; the name and the id are there in any case, and the id is nobody else's. */
function userOf({ userPart, subject }: Facts): Claims {
  const { username } = userPart
  return { ...userPart, username: isIdentifier(username) ? username : subject, id: asNumber(subject) }
}

function subjectOf({ user }: Claims): string {
  if (typeof user !== 'object' || user === null) throw refused('sub')
  const { id, username } = user as Claims
  if (!(isIdentifier(id) || Number.isSafeInteger(id)) || !isIdentifier(username)) throw refused('sub')
  return String(id)
}
