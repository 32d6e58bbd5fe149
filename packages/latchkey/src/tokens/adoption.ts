/** Refresh tokens that another system signed with our key: each becomes one session, however often it comes and however many bring it at once. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { ServerSecrets } from '../keys/seal.js'
import type { FoundSession, Session, Stamp, Stores } from '../stores/port.js'
import { encodeBase64url, sha256 } from '../util/bytes.js'
import { OWN_ROW } from '../util/own-row.js'
import type { Clock } from '../util/time.js'
import type { AccessTokens } from './access.js'
import type { Endings } from './endings.js'
import type { ForeignRefresh, PresentedParts } from './format.js'
import { newSession, type TokenSettings } from './new-session.js'

export interface Adoption {
  /** The token as a presented one: the first of its session. */
  present(foreign: ForeignRefresh): PresentedParts
  /** Throws `session_revoked` where the token or its session was ended by its id, `store_failed` where nobody can tell. */
  judge(foreign: ForeignRefresh): Promise<void>
  /** Makes its session, unless somebody did a moment ago; answers the row that there is now. `rotates`: its successor may live longer. */
  begin(foreign: ForeignRefresh, rotates: boolean): Promise<FoundSession | undefined>
}

export interface AdoptionParts {
  readonly stores: Pick<Stores, 'sessions' | 'revocations'>
  readonly access: Pick<AccessTokens, 'judgeFresh'>
  readonly endings: Pick<Endings, 'surplus'>
  readonly secrets: Pick<ServerSecrets, 'current'>
  readonly events: Events
  readonly clock: Clock
  readonly settings: TokenSettings
}

/** A session of this process and of every other: what the store refuses to make twice is made once. */
const sessionIdOf = ({ jti }: ForeignRefresh): string =>
  encodeBase64url(sha256(`the session of ${jti}`).subarray(0, 16))

/** Proves nothing: that of a foreign token is the signature, which was verified when it was read. */
const NO_MAC = new Uint8Array(0)

export function createAdoption({ stores, access, endings, secrets, events, clock, settings }: AdoptionParts): Adoption {
  const { sessions, revocations } = stores
  return { present, judge, begin }

  function present(foreign: ForeignRefresh): PresentedParts {
    return { sessionId: sessionIdOf(foreign), generation: 0, mac: NO_MAC, expired: false, foreign }
  }

  async function judge(foreign: ForeignRefresh): Promise<void> {
    // By the ids alone: what the end of a user means for the session, its row knows better, which may have been spared.
    const said = { subject: '', sessionId: sessionIdOf(foreign), jti: foreign.jti, stamp: Number.POSITIVE_INFINITY }
    try {
      await access.judgeFresh(OWN_ROW, { ...said, scope: undefined })
    } catch (error) {
      throw error instanceof AuthError && error.code === 'token_revoked' ? new AuthError('session_revoked') : error
    }
  }

  async function begin(foreign: ForeignRefresh, rotates: boolean): Promise<FoundSession | undefined> {
    // The clock of whoever issued it may be ahead of the store's; what ends here from now on is later than this session.
    const stamp = Math.min(foreign.issuedAt * 1000, await revocations.stamp())
    const session = sessionOf(foreign, stamp, rotates)
    try {
      const surplus = await sessions.create(session, settings.sessionLimit)
      events.emit('session.adopted', { userId: session.userId, sessionId: session.id })
      await endings.surplus(session.userId, surplus)
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'conflict') throw error
    }
    return sessions.find(session.id)
  }

  /** As old as its token, and not over before it: a row that is gone would begin again. */
  function sessionOf(foreign: ForeignRefresh, stamp: Stamp, rotates: boolean): Session {
    const { subject, issuedAt, expiresAt } = foreign
    const now = clock()
    const ownEnd = rotates ? issuedAt + settings.refreshSeconds : 0
    return {
      ...newSession(subject, stamp, {}, { settings, secretId: secrets.current().id, now }),
      id: sessionIdOf(foreign),
      createdAt: issuedAt,
      authenticatedAt: issuedAt,
      expiresAt: Math.max(expiresAt, ownEnd),
      idleSeconds: Math.max(settings.idleSeconds, expiresAt - now),
    }
  }
}
