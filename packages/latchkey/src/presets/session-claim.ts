/** The one claim that a preset adds to access tokens, `sid`: the session, and the stamp that revocations are compared with. */
import type { Claims } from '../jwt/jws.js'
import { type AccessFacts, type AccessToken, isStamp } from '../tokens/format.js'

// By `iat` alone, which some of the originals do not even have, a login in the second of a revocation would be dead at once.
const SID = /^([\w-]{22})\.(0|[1-9a-z][0-9a-z]{0,10})$/

/** The claim of a new access token. */
export const sessionClaim = ({ sessionId, stamp }: Pick<AccessFacts, 'sessionId' | 'stamp'>): string =>
  `${sessionId}.${stamp.toString(36)}`

/** What the claims of an access token say of its session; an original's own token has none, and is as old as its second. */
export function sessionOf({ sid, iat }: Claims): Pick<AccessToken, 'sessionId' | 'stamp'> {
  const [, sessionId, text = ''] = SID.exec(String(sid)) ?? []
  const stamp = Number.parseInt(text, 36)
  if (sessionId !== undefined && isStamp(stamp)) return { sessionId, stamp }
  // Without a date, any revocation is later.
  return { sessionId: undefined, stamp: typeof iat === 'number' ? Math.floor(iat) * 1000 : 0 }
}
