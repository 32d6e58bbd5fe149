/** Raises epochs inside a transaction: the sessions they cover end, and the counter gives each a stamp. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { type NewEpoch, OWN_ROW, type Scope, type Stamp } from '../port.js'
import { epochKey, stampFloor } from '../stamps.js'
import type { Database } from './database.js'
import { living } from './living.js'
import { ONLY, type Schema } from './schema.js'
import { parameter, type Statement, statement } from './statement.js'

interface Raising {
  readonly trx: Transaction<Schema>
  readonly now: number
  readonly because: string
  /** A living session that a `user` epoch leaves alive. */
  readonly spare?: string | undefined
}

/** Answers the last stamp given; without epochs the counter stays. */
export type Raise = (what: readonly NewEpoch[], raising: Raising) => Promise<Stamp>

export function createRaise(database: Database): Raise {
  const statements = { ...endings(database.read), ...stamping(database) }

  return async function raise(what, { trx, now, because, spare }) {
    // One after the other before any row is touched: two who end overlapping sessions in two orders would wait for each other.
    await database.serialise(trx, 'revocations')
    const spared = spare === undefined ? undefined : await sparedBy(trx, now, spare, what)
    for (const { scope, row, key } of what) {
      if (row !== OWN_ROW) continue
      const end = scope === 'user' && spared !== undefined ? statements.endOthers : statements.ends[scope]
      await end?.(trx, { key, now, because, spared })
    }
    const last = await advance(trx, now, what.length)
    for (const [index, epoch] of what.entries()) {
      const key = epochKey(epoch.scope, epoch.key)
      await statements.put(trx, { ...epoch, key, stamp: last - what.length + 1 + index })
    }
    if (spared !== undefined) await statements.restamp(trx, { id: spared, stamp: last })
    return last
  }

  async function advance(trx: Transaction<Schema>, now: number, count: number): Promise<Stamp> {
    const { rows } = await statements.advance(trx, { count, floor: count === 0 ? 0 : stampFloor(now) })
    return rows[0]?.stamp ?? 0
  }

  /** The spare, if it lives, a `user` epoch covers it, and no other does. */
  async function sparedBy(
    trx: Transaction<Schema>,
    now: number,
    spare: string,
    what: readonly NewEpoch[],
  ): Promise<string | undefined> {
    const { rows } = await statements.living(trx, { id: spare, now })
    const own = what.filter(({ row }) => row === OWN_ROW)
    const byUser = own.some(({ scope, key }) => scope === 'user' && key === rows[0]?.user_id)
    const byOther = own.some(({ scope, key }) => scope === 'everybody' || (scope === 'session' && key === spare))
    return byUser && !byOther ? spare : undefined
  }
}

interface Endings {
  /** How a scope ends sessions; the other scopes end none. */
  readonly ends: Partial<Record<Scope, Statement>>
  /** All of a user but the spared one. */
  readonly endOthers: Statement
  readonly living: Statement<{ user_id: string }>
}

function endings(db: Kysely<Schema>): Endings {
  const end = db
    .updateTable('latchkey_sessions')
    .set({ ended_at: parameter<number>('now'), ended_by: parameter<string>('because') })
    .where('ended_at', 'is', null)
  const ofUser = end.where('user_id', '=', parameter('key'))
  const ends = {
    session: statement(end.where('id', '=', parameter('key'))),
    user: statement(ofUser),
    everybody: statement(end),
  }
  const endOthers = statement(ofUser.where('id', '<>', parameter('spared')))
  const one = db.selectFrom('latchkey_sessions').select('user_id').where('id', '=', parameter('id'))
  return { ends, endOthers, living: statement(one.where(living(parameter('now')))) }
}

interface Stamping {
  readonly advance: Statement<{ stamp: Stamp }>
  readonly put: Statement
  readonly restamp: Statement
}

function stamping({ read: db, news }: Database): Stamping {
  const next = sql<number>`stamp + ${parameter('count')}`
  const floor = parameter<number>('floor')
  const advance = db
    .updateTable('latchkey_counter')
    .set({ stamp: sql`case when ${next} > ${floor} then ${next} else ${floor} end` })
    .where('id', '=', sql.lit(ONLY))
    .returning(['stamp', news.as('news')])
  const put = db
    .insertInto('latchkey_epochs')
    .values({
      scope: parameter('scope'),
      row: parameter('row'),
      key: parameter('key'),
      stamp: parameter('stamp'),
      until: parameter('until'),
    })
    .onConflict((conflict) =>
      conflict.columns(['scope', 'row', 'key']).doUpdateSet((eb) => ({
        stamp: eb.ref('excluded.stamp'),
        until: sql`case when excluded.until > latchkey_epochs.until then excluded.until else latchkey_epochs.until end`,
      })),
    )
  const restamp = db
    .updateTable('latchkey_sessions')
    .set({ stamp: parameter('stamp') })
    .where('id', '=', parameter('id'))
  return { advance: statement(advance), put: statement(put), restamp: statement(restamp) }
}
