/** Sessions in SQL. */
import { AuthError } from '../../errors.js'
import { type FoundSession, OWN_ROW, type Session, type SessionStore } from '../port.js'
import type { Database, Keyed, Work } from './database.js'
import type { Raise } from './epochs.js'
import { lastLogin } from './last-login.js'
import { dead, living } from './living.js'
import { type Schema, sessionColumns, toSession } from './schema.js'
import { affected, parameter, type Statement, statement } from './statement.js'

type FoundRow = Session & Keyed & { readonly head: number | null; readonly dead: unknown; readonly now: number }

export function createSessions(database: Database, raise: Raise, rotate: SessionStore['rotate']): SessionStore {
  const statements = { ...reads(database), ...writes(database), seen: lastLogin(database.read) }
  const findRow = finder(database)
  return { create, find, rotate, touch, list, prune }

  async function create(session: Session, limit: number): Promise<readonly string[]> {
    return database.write(async (trx, now) => {
      await database.serialise(trx, `sessions of ${session.userId}`)
      const { rows } = await statements.list(trx, { userId: session.userId, now })
      const inserted = await statements.insert(trx, { ...session })
      if (affected(inserted) === 0) throw new AuthError('conflict', { hint: 'a session of this id exists' })
      // Before the epochs: whoever deletes an account takes its row and then the counter, too.
      await statements.seen(trx, { userId: session.userId, at: session.createdAt })
      const surplus = rows.slice(Math.max(0, limit - 1))
      if (surplus.length > 0) await raise(surplus.map(ending), { trx, now, because: 'limit' })
      return surplus.map(({ id }) => id)
    })
  }

  async function find(id: string): Promise<FoundSession | undefined> {
    const row = await findRow(id)
    return row && { session: toSession(row), stamp: row.head ?? 0, dead: Boolean(row.dead), now: row.now }
  }

  async function touch(id: string, notAfter: number): Promise<void> {
    const late = await database.run(statements.late, { id, notAfter })
    // Mostly there is nothing to do, and finding that out needs no writer.
    if (late.length > 0) await database.write((trx, now) => statements.touch(trx, { id, notAfter, now }))
  }

  async function list(userId: string): Promise<readonly Session[]> {
    return (await database.run(statements.list, { userId })).map(toSession)
  }

  async function prune(before: number, limit: number): Promise<number> {
    const work: Work<number> = async (trx) => affected(await statements.prune(trx, { before, limit }))
    return database.write(work)
  }
}

const ending = ({ id, expiresAt }: Session) => ({ scope: 'session', row: OWN_ROW, key: id, until: expiresAt }) as const

function finder({ read, now, finder }: Database): (id: string) => Promise<FoundRow | undefined> {
  return finder((asked) =>
    read
      .selectFrom('latchkey_sessions')
      .select(sessionColumns)
      .select((eb) => [eb.ref('latchkey_sessions.id').as('key'), dead(eb).as('dead'), now.as('now')])
      .select((eb) => eb.selectFrom('latchkey_counter').select('stamp').as('head'))
      .where((eb) => asked(eb.ref('latchkey_sessions.id'))),
  )
}

interface Reads {
  readonly list: Statement<Session>
  readonly late: Statement
}

function reads({ read, now }: Database): Reads {
  const sessions = read.selectFrom('latchkey_sessions')
  const list = sessions
    .select(sessionColumns)
    .where('user_id', '=', parameter('userId'))
    .where(living(now))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
  const late = sessions.select('id').where('id', '=', parameter('id')).where('last_seen_at', '<', parameter('notAfter'))
  return { list: statement(list), late: statement(late) }
}

function writes({ read, unlocked }: Database): { insert: Statement; touch: Statement; prune: Statement } {
  const insert = read
    .insertInto('latchkey_sessions')
    .values(places())
    .onConflict((conflict) => conflict.doNothing())
  const now = parameter<number>('now')
  const touch = read
    .updateTable('latchkey_sessions')
    .set({ last_seen_at: now })
    .where('id', '=', parameter('id'))
    .where('last_seen_at', '<', parameter('notAfter'))
    .where(living(now))
  const before = parameter<number>('before')
  const over = read
    .selectFrom('latchkey_sessions')
    .select('id')
    .where((where) => where.or([where('ended_at', '<', before), where('expires_at', '<', before)]))
    .limit(parameter<number>('limit'))
  // Whoever holds one of them may wait for another: a broom waits for nobody.
  const prune = read.deleteFrom('latchkey_sessions').where('id', 'in', unlocked(over))
  return { insert: statement(insert), touch: statement(touch), prune: statement(prune) }
}

/** The columns of a new row, each with its parameter. */
function places() {
  return {
    id: parameter<string>('id'),
    user_id: parameter<string>('userId'),
    stamp: parameter<number>('stamp'),
    seed: parameter<string>('seed'),
    generation: parameter<number>('generation'),
    secret_id: parameter<string>('secretId'),
    previous_secret_id: parameter<string | null>('previousSecretId'),
    rotated_at: parameter<number>('rotatedAt'),
    created_at: parameter<number>('createdAt'),
    authenticated_at: parameter<number>('authenticatedAt'),
    last_seen_at: parameter<number>('lastSeenAt'),
    expires_at: parameter<number>('expiresAt'),
    idle_seconds: parameter<number>('idleSeconds'),
    ended_at: parameter<number | null>('endedAt'),
    ended_by: parameter<string | null>('endedBy'),
    device: parameter<string | null>('device'),
    address: parameter<string | null>('address'),
    scope: parameter<string | null>('scope'),
  } satisfies Record<keyof Schema['latchkey_sessions'], unknown>
}
