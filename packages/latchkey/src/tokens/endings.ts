/** How sessions end: the log is written and this process knows, before anybody is answered. */
import type { Events } from '../events.js'
import type { Feed } from '../revocation/feed.js'
import type { NewEpoch, Session } from '../stores/port.js'
import { OWN_ROW } from '../util/own-row.js'
import type { Clock } from '../util/time.js'

/** Why something ended; kept in the session's row and told in the event. */
export type Because = 'logout' | 'reuse' | 'rewound' | 'password' | 'disabled' | 'revoked'

type Ending = Pick<Session, 'id' | 'userId' | 'expiresAt'>

export interface Endings {
  /** `generation`: of the refresh token that gave the reason, if one did. */
  session(session: Ending, because: Because, generation?: number): Promise<void>
  /** Every session of a user, but for the one to spare. */
  user(userId: string, because: Because, spare?: string): Promise<void>
  /** Sessions that the store itself ended when another began, because the user had too many. */
  surplus(userId: string, sessionIds: readonly string[]): Promise<void>
  /** Makes the access tokens of a user stale: what they say of permissions is outdated, a refresh helps. */
  stale(userId: string): Promise<void>
}

export interface EndingParts {
  readonly feed: Pick<Feed, 'append' | 'pull'>
  readonly events: Events
  readonly clock: Clock
  /** The longest that any token or session of ours lives. */
  readonly longestSeconds: number
}

export function createEndings({ feed, events, clock, longestSeconds }: EndingParts): Endings {
  return { session, user, surplus, stale }

  async function session(one: Ending, because: Because, generation = 0): Promise<void> {
    await feed.append([epoch('session', one.id, one.expiresAt)], because)
    const facts = { userId: one.userId, sessionId: one.id }
    if (because === 'reuse') events.emit('session.reused', { ...facts, generation })
    if (because === 'rewound') events.emit('store.rewound', facts)
    events.emit('session.revoked', { ...facts, because })
  }

  async function user(userId: string, because: Because, spare?: string): Promise<void> {
    await feed.append([epoch('user', userId, clock() + longestSeconds)], because, spare)
    events.emit('session.revoked', { userId, because })
  }

  async function surplus(userId: string, sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length === 0) return
    // Their epochs stand in the log already; this process learns of them before anybody is answered.
    await feed.pull()
    for (const sessionId of sessionIds) events.emit('session.revoked', { userId, sessionId, because: 'limit' })
  }

  async function stale(userId: string): Promise<void> {
    await feed.append([epoch('permissions', userId, clock() + longestSeconds)], 'permissions')
  }

  function epoch(scope: 'session' | 'user' | 'permissions', key: string, until: number): NewEpoch {
    return { scope, row: OWN_ROW, key, until: Math.max(until, clock() + longestSeconds) }
  }
}
