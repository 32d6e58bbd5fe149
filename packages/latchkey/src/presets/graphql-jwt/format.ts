/** The tokens of django-graphql-jwt: a user name and two dates, with one claim more that ties them to a user and a session of ours. */
import type { Claims } from '../../jwt/jws.js'
import {
  type AccessFacts,
  type AccessToken,
  type ForeignRefresh,
  refused,
  type TokenFormat,
} from '../../tokens/format.js'
import { sessionClaim, sessionOf } from '../session-claim.js'
import type { ReadSettings } from './settings.js'

type Settings = Pick<
  ReadSettings,
  'audience' | 'issuer' | 'refreshes' | 'longRunning' | 'accessSeconds' | 'refreshSeconds'
>

// `<session>.<stamp>.<user>`: a name says who somebody is only until it is given to somebody else.
const SID = /^([\w-]{22}\.[0-9a-z]{1,11})\.(.+)$/s

export function graphqlJwtFormat(settings: Settings): TokenFormat {
  const { audience, issuer, refreshes, longRunning, accessSeconds, refreshSeconds } = settings
  const sessionSeconds = Math.max(accessSeconds, refreshSeconds)
  return {
    header: { typ: 'JWT' },
    kid: false,
    typ: undefined,
    required: ['exp'],
    subjectClaim: 'username',
    refresh: undefined,
    writeAccess,
    readAccess,
    foreign,
    // The verify mutation shows whatever is genuine and in time, of whomever it is.
    readAny: (claims) => (isName(claims.username) ? readAccess(claims) : undefined),
  }

  function writeAccess(facts: AccessFacts): Claims {
    const own = {
      username: nameOf(facts),
      exp: facts.expiresAt,
      // Of a refresh token's sessions each token tells when it was made itself; one that renews itself, when its session began.
      ...(refreshes && { origIat: longRunning ? facts.issuedAt : facts.sessionCreatedAt }),
      ...(audience !== undefined && { aud: audience }),
      ...(issuer !== undefined && { iss: issuer }),
    }
    return { ...own, ...facts.extra, ...own, sid: `${sessionClaim(facts)}.${facts.subject}` }
  }

  /** All tokens that came of one login have its date: they are one session. */
  function foreign({ sid, username, origIat }: Claims, subject?: string): ForeignRefresh | undefined {
    if (sid !== undefined || subject === undefined || typeof origIat !== 'number') return undefined
    const issuedAt = Math.floor(origIat)
    return { subject, jti: `${username} ${issuedAt}`, issuedAt, expiresAt: issuedAt + sessionSeconds }
  }
}

/** A token that the original signed names its user, who is looked for with every request; its subject is `''`. */
function readAccess(claims: Claims): AccessToken {
  if (!isName(claims.username)) throw refused('sub')
  const [, session, subject = ''] = SID.exec(String(claims.sid)) ?? []
  // One of the original's tells no date of its own, only when its user logged in: no later than that it is made for revocations.
  return { subject, ...sessionOf({ iat: claims.origIat, sid: session }), jti: undefined, scope: undefined }
}

const isName = (name: unknown): name is string => typeof name === 'string' && name !== ''

function nameOf({ userPart: { username }, subject }: AccessFacts): string {
  return isName(username) ? username : subject
}

/** What the original shows of a token: all but the claim that it does not know. */
export function payloadOf({ sid: _, ...payload }: Claims): Claims {
  return payload
}
