/** Sessions in memory. */
import { AuthError } from '../../errors.js'
import type { Clock } from '../../util/time.js'
import { compareBytes } from '../order.js'
import { type NewEpoch, OWN_ROW, type Session, type SessionStore, type Stamp } from '../port.js'
import type { Accounts } from './accounts.js'
import type { Log } from './log.js'

/** What the log needs of the sessions besides their port. */
export interface Sessions extends SessionStore {
  /** Ends the rows that these epochs cover; answers the living session that was spared. */
  endCovered(what: readonly NewEpoch[], because: string, spare: string | undefined): string | undefined
  /** Raises the stamp of a spared session. */
  restamp(id: string, stamp: Stamp): void
}

interface SessionParts {
  readonly clock: Clock
  readonly log: Log
  readonly seen: Accounts['seen']
}

export function createSessions({ clock, log, seen }: SessionParts): Sessions {
  const rows = new Map<string, Session>()
  return { create, find, rotate, touch, list, prune, endCovered, restamp }

  async function create(session: Session, limit: number): Promise<readonly string[]> {
    if (rows.has(session.id)) throw new AuthError('conflict', { hint: 'a session of this id exists' })
    const surplus = newestFirst(session.userId).slice(Math.max(0, limit - 1))
    rows.set(session.id, { ...session })
    seen(session.userId, session.createdAt)
    for (const one of surplus) end(one, 'limit')
    log.raise(surplus.map(({ id, expiresAt }) => ({ scope: 'session', row: OWN_ROW, key: id, until: expiresAt })))
    return surplus.map(({ id }) => id)
  }

  async function find(id: string): ReturnType<SessionStore['find']> {
    const session = rows.get(id)
    return session && { session: { ...session }, stamp: log.head(), dead: log.kills(session), now: clock() }
  }

  async function rotate(id: string, generation: number, secretId: string): Promise<boolean> {
    const session = rows.get(id)
    if (session?.generation !== generation || !lives(session)) return false
    const now = clock()
    const secrets = { secretId, previousSecretId: session.secretId }
    rows.set(id, { ...session, ...secrets, generation: generation + 1, rotatedAt: now, lastSeenAt: now })
    return true
  }

  async function touch(id: string, notAfter: number): Promise<void> {
    const session = rows.get(id)
    if (session && session.lastSeenAt < notAfter && lives(session)) rows.set(id, { ...session, lastSeenAt: clock() })
  }

  async function list(userId: string): Promise<readonly Session[]> {
    return newestFirst(userId).map((session) => ({ ...session }))
  }

  async function prune(before: number, limit: number): Promise<number> {
    const over = [...rows.values()].filter(
      ({ endedAt, expiresAt }) => Math.min(endedAt ?? expiresAt, expiresAt) < before,
    )
    for (const { id } of over.slice(0, limit)) rows.delete(id)
    return Math.min(over.length, limit)
  }

  function endCovered(what: readonly NewEpoch[], because: string, spare: string | undefined): string | undefined {
    const spared = spare === undefined ? undefined : rows.get(spare)
    const own = what.filter(({ row }) => row === OWN_ROW)
    const covers = (session: Session) => own.filter((epoch) => covered(epoch, session))
    const stays =
      spared && lives(spared) && covers(spared).length > 0 && covers(spared).every(({ scope }) => scope === 'user')
    for (const session of [...rows.values()]) {
      if (session.endedAt !== null || covers(session).length === 0 || (stays && session.id === spare)) continue
      end(session, because)
    }
    return stays ? spare : undefined
  }

  function restamp(id: string, stamp: Stamp): void {
    const session = rows.get(id)
    if (session) rows.set(id, { ...session, stamp })
  }

  function end(session: Session, because: string): void {
    rows.set(session.id, { ...session, endedAt: clock(), endedBy: because })
  }

  function newestFirst(userId: string): readonly Session[] {
    return [...rows.values()].filter((session) => session.userId === userId && lives(session)).sort(byAge)
  }

  function lives(session: Session): boolean {
    const now = clock()
    const over = session.endedAt !== null || session.expiresAt <= now || session.lastSeenAt + session.idleSeconds <= now
    return !over && !log.kills(session)
  }
}

// Equal seconds are settled by the id, so that every store gives the same order.
const byAge = (a: Session, b: Session): number => b.createdAt - a.createdAt || compareBytes(b.id, a.id)

function covered({ scope, key }: NewEpoch, session: Session): boolean {
  if (scope === 'session') return key === session.id
  if (scope === 'user') return key === session.userId
  return scope === 'everybody'
}
