/** How sessions end: the log is written and this process knows, before anybody is answered. */
import type { Events } from '../events.js'
import type { Keyring } from '../keys/keyring.js'
import type { Feed } from '../revocation/feed.js'
import type { NewEpoch, Scope, Session } from '../stores/port.js'
import { OWN_ROW } from '../util/own-row.js'
import { type Clock, FOREVER } from '../util/time.js'

/** Why something ended; kept in the session's row and told in the event. */
type Because = 'logout' | 'reuse' | 'rewound' | 'password' | 'disabled' | 'deleted' | 'revoked'

/** A token that may live longer than those that are made here. */
export interface ExpiringToken {
  readonly jti: string
  /** Seconds. */
  readonly expiresAt: number
}

type Ending = Pick<Session, 'id' | 'userId' | 'expiresAt'>

export interface Endings {
  /** `generation`: of the refresh token that gave the reason, if one did. */
  session(session: Ending, because: Because, generation?: number): Promise<void>
  /** One that is over already: this process learns of it, before somebody is told that it is. */
  over(): Promise<void>
  /** All of these or none. */
  sessions(sessions: readonly Ending[], because: Because): Promise<void>
  /** Every session of a user, but for the one to spare. */
  user(userId: string, because: Because, spare?: string): Promise<void>
  /** Every session of everybody. */
  everybody(because: Because): Promise<void>
  /** One access token. */
  token(jti: string): Promise<void>
  /** Many tokens in one write, each remembered until it is over by itself, and as long as one of ours at least. */
  tokens(all: readonly ExpiringToken[]): Promise<void>
  /** A signing key and whatever it signed. Throws as `Keyring.revoke`. */
  key(kid: string): Promise<void>
  /** Sessions that the store itself ended when another began, because the user had too many. */
  surplus(userId: string, sessionIds: readonly string[]): Promise<void>
  /** Makes the access tokens of a user stale: what they say of permissions is outdated, a refresh helps. */
  stale(userId: string): Promise<void>
  /** Until when the log has to remember what makes access tokens stale now. */
  staleUntil(): number
}

export interface EndingParts {
  readonly feed: Pick<Feed, 'append' | 'pull'>
  readonly keys: Pick<Keyring, 'revoke'>
  readonly events: Events
  readonly clock: Clock
  /** The longest that any token or session of ours lives. */
  readonly longestSeconds: number
}

/**
 * What is ended by the clock of one process is remembered by the clocks of all, and a zone that is set wrong is most of a day. It also
 * covers tokens from before a lifetime was shortened, which live for an hour at most.
 */
const CLOCKS_APART_SECONDS = 86_400

export function createEndings({ feed, keys, events, clock, longestSeconds }: EndingParts): Endings {
  return { session, over, sessions, user, everybody, token, tokens, key, surplus, stale, staleUntil: () => lasting() }

  async function session(one: Ending, because: Because, generation = 0): Promise<void> {
    await feed.append([epoch('session', one.id, one.expiresAt)], because)
    const facts = { userId: one.userId, sessionId: one.id }
    if (because === 'reuse') events.emit('session.reused', { ...facts, generation })
    if (because === 'rewound') events.emit('store.rewound', facts)
    events.emit('session.revoked', { ...facts, because })
  }

  function over(): Promise<void> {
    return feed.pull()
  }

  async function sessions(all: readonly Ending[], because: Because): Promise<void> {
    if (all.length === 0) return
    await feed.append(
      all.map(({ id, expiresAt }) => epoch('session', id, expiresAt)),
      because,
    )
    for (const { id, userId } of all) events.emit('session.revoked', { userId, sessionId: id, because })
  }

  async function user(userId: string, because: Because, spare?: string): Promise<void> {
    await feed.append([epoch('user', userId)], because, spare)
    events.emit('session.revoked', { userId, because })
  }

  async function everybody(because: Because): Promise<void> {
    await feed.append([epoch('everybody', '')], because)
    events.emit('session.revoked', { because, everyone: true })
  }

  async function token(jti: string): Promise<void> {
    await feed.append([epoch('jti', jti)], 'revoked')
    events.emit('token.revoked', { jti })
  }

  async function tokens(all: readonly ExpiringToken[]): Promise<void> {
    if (all.length === 0) return
    await feed.append(
      all.map(({ jti, expiresAt }) => epoch('jti', jti, expiresAt + CLOCKS_APART_SECONDS)),
      'revoked',
    )
    for (const { jti } of all) events.emit('token.revoked', { jti })
  }

  async function key(kid: string): Promise<void> {
    await keys.revoke(kid)
    // It stands in the log already, written with the ring; once more through the feed, so that this process knows at once.
    await feed.append([epoch('key', kid, FOREVER)], 'revoked')
    events.emit('key.revoked', { kid })
  }

  async function surplus(userId: string, sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length === 0) return
    // Their epochs stand in the log already; this process learns of them before anybody is answered.
    await feed.pull()
    for (const sessionId of sessionIds) events.emit('session.revoked', { userId, sessionId, because: 'limit' })
  }

  async function stale(userId: string): Promise<void> {
    await feed.append([epoch('permissions', userId)], 'permissions')
  }

  function epoch(scope: Scope, key: string, until = 0): NewEpoch {
    return { scope, row: OWN_ROW, key, until: Math.max(until, lasting()) }
  }

  function lasting(): number {
    return clock() + longestSeconds + CLOCKS_APART_SECONDS
  }
}
