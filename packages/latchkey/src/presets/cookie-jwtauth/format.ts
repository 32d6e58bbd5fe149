/** The tokens of jwtauth: two of one key, the refresh token with a random text, and one claim more that ties both to a session. */
import type { Claims } from '../../jwt/jws.js'
import { type AccessToken, type RefreshParts, refused, type TokenFormat } from '../../tokens/format.js'
import { sessionClaim, sessionOf } from '../session-claim.js'
import { asNumber } from '../user-id.js'
import { base62, fromBase62 } from './base62.js'

// In a refresh token `sid` is `<session>.<generation>`.
const REFRESH_SID = /^([\w-]{22})\.(0|[1-9]\d{0,8})$/

/** What 30 letters and digits have room for. */
const MAC_BYTES = 22

export const jwtauthFormat: TokenFormat = {
  header: { typ: 'JWT' },
  kid: false,
  typ: undefined,
  required: ['iat', 'exp', 'sub'],
  subjectClaim: 'user_id',
  refresh: {
    macBytes: MAC_BYTES,
    write: ({ mac, sessionId, generation, ...facts }) => ({
      token_string: base62(mac),
      ...claimsOf({ ...facts, extra: {} }),
      sid: `${sessionId}.${generation}`,
    }),
    read: readRefresh,
  },
  writeAccess: (facts) => ({ ...claimsOf(facts), sid: sessionClaim(facts) }),
  readAccess,
}

/** In the order of the original; what the application adds changes none of them. */
function claimsOf({
  subject,
  issuedAt,
  expiresAt,
  extra,
}: {
  subject: string
  issuedAt: number
  expiresAt: number
  extra: Claims
}): Claims {
  const own = { user_id: asNumber(subject), iat: issuedAt, exp: expiresAt }
  const { token_string: _, ...more } = extra
  return { ...own, ...more, ...own }
}

function readAccess(claims: Claims): AccessToken {
  // The original takes either token for the other: nothing else tells them apart.
  if (claims.token_string !== undefined) throw refused('typ')
  const { user_id: user } = claims
  return {
    subject: String(user),
    ...sessionOf(claims),
    jti: undefined,
    scope: undefined,
  }
}

function readRefresh(claims: Claims): RefreshParts {
  const [, sessionId, generation] = REFRESH_SID.exec(String(claims.sid)) ?? []
  const mac = fromBase62(String(claims.token_string), MAC_BYTES)
  // One of the original's own has no session here to go on with.
  if (sessionId === undefined || mac === undefined) throw refused(claims.token_string === undefined ? 'typ' : 'sid')
  return { sessionId, generation: Number(generation), mac }
}
