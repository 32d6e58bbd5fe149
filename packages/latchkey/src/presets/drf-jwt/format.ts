/** The tokens of djangorestframework-jwt and drf-jwt: one that renews itself until a limit, with one claim more that ties it to a session. */
import { AuthError } from '../../errors.js'
import { isIdentifier } from '../../jwt/claims.js'
import type { Claims } from '../../jwt/jws.js'
import {
  type AccessFacts,
  type AccessToken,
  type ForeignRefresh,
  refused,
  type TokenFormat,
} from '../../tokens/format.js'
import { sessionClaim, sessionOf } from '../session-claim.js'
import { asNumber } from '../user-id.js'
import { uuidOf } from '../uuid.js'
import type { ReadSettings } from './settings.js'

type Settings = Pick<
  ReadSettings,
  | 'old'
  | 'refreshSeconds'
  | 'algorithm'
  | 'audience'
  | 'issuer'
  | 'refreshes'
  | 'namesKey'
  | 'tokenId'
  | 'usernameOf'
  | 'userIdOf'
>

export function drfJwtFormat(settings: Settings): TokenFormat {
  const { old, algorithm, audience, issuer, refreshes, namesKey, tokenId } = settings
  return {
    // In the order of the original's library, whose `alg` comes second.
    header: { typ: 'JWT', alg: algorithm },
    kid: namesKey,
    typ: undefined,
    required: tokenId === 'require' ? ['exp', 'jti'] : ['exp'],
    subjectClaim: 'user_id',
    refresh: undefined,
    writeAccess: (facts) => {
      const own = { ...(old ? before(facts) : since(facts)), ...destination() }
      return { ...own, ...facts.extra, ...own, sid: sessionClaim(facts) }
    },
    readAccess,
    foreign: readOriginal,
  }

  function before(facts: AccessFacts): Claims {
    const { email } = facts.userPart
    return {
      user_id: asNumber(facts.subject),
      username: nameOf(facts),
      exp: facts.expiresAt,
      ...(email !== undefined && { email: email ?? '' }),
      ...(refreshes && { orig_iat: facts.sessionCreatedAt }),
    }
  }

  function since(facts: AccessFacts): Claims {
    // The first token of a session has an id that those after it can name, and that nobody has to keep.
    const isFirst = facts.issuedAt === facts.sessionCreatedAt
    const first = uuidOf(facts.sessionId)
    return {
      username: nameOf(facts),
      iat: facts.issuedAt,
      exp: facts.expiresAt,
      ...(tokenId !== 'off' && { jti: isFirst ? first : uuidOf(facts.jti) }),
      user_id: asNumber(facts.subject),
      ...(refreshes && { orig_iat: facts.sessionCreatedAt }),
      ...(tokenId !== 'off' && !isFirst && { orig_jti: first }),
    }
  }

  function destination(): Claims {
    return { ...(audience !== undefined && { aud: audience }), ...(issuer !== undefined && { iss: issuer }) }
  }

  /** A login at the original: all tokens that came of it are one session here, as old as the first of them. */
  function readOriginal(claims: Claims): ForeignRefresh | undefined {
    const { orig_iat: origin, orig_jti: first, jti, sid } = claims
    if (!refreshes || sid !== undefined || typeof origin !== 'number') return undefined
    const subject = String(settings.userIdOf(claims))
    // The older package has no ids: whoever logs in twice in one second has one session.
    const id = [first, jti, `${subject} at ${origin}`].find((one) => typeof one === 'string' && one !== '') as string
    const issuedAt = Math.floor(origin)
    return { subject, jti: id, issuedAt, expiresAt: issuedAt + settings.refreshSeconds }
  }

  function readAccess(claims: Claims): AccessToken {
    // The original demands an audience that it has, and refuses one that it has not.
    if (audience === undefined && claims.aud !== undefined) throw new AuthError('token_audience', { reason: 'aud' })
    const [username, id, { jti }] = [settings.usernameOf(claims), settings.userIdOf(claims), claims]
    if (typeof username !== 'string' || username === '' || !(isIdentifier(id) || Number.isSafeInteger(id)))
      throw refused('sub')
    return {
      subject: String(id),
      ...sessionOf(claims),
      jti: typeof jti === 'string' ? jti : undefined,
      scope: undefined,
    }
  }
}

function nameOf({ userPart: { username }, subject }: AccessFacts): string {
  return typeof username === 'string' && username !== '' ? username : subject
}
