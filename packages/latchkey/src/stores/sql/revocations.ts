/** The log of revocations in SQL. */
import type { Epoch, LogRead, RevocationLog, Stamp } from '../port.js'
import type { Database } from './database.js'
import type { Raise } from './epochs.js'
import { affected, parameter, type Statement, statement } from './statement.js'

/** The counter, the keyring's version and the time with each epoch; without epochs there is one row of nulls. */
type LogRow = { readonly [name in keyof Epoch]: Epoch[name] | null } & Omit<LogRead, 'epochs'>

export function createRevocations(database: Database, raise: Raise): RevocationLog {
  const statements = revocationStatements(database)
  return {
    async stamp() {
      const [counter] = await database.run(statements.stamp, {})
      return counter?.stamp ?? 0
    },
    append: (what, because, spare) =>
      database.write(async (trx, now) => ({ stamp: await raise(what, { trx, now, because, spare }), at: now })),
    async since(after, limit) {
      const rows = await database.run(statements.since, { after, limit })
      const { head = 0, ring = 0, now = 0 } = rows[0] ?? {}
      return { epochs: rows.flatMap(toEpoch), head, ring, now }
    },
    prune: (before, limit) => database.write(async (trx) => affected(await statements.prune(trx, { before, limit }))),
  }
}

function toEpoch({ scope, row, key, stamp, until }: LogRow): readonly Epoch[] {
  if (scope === null || row === null || key === null || stamp === null || until === null) return []
  return [{ scope, row, key, stamp, until }]
}

interface RevocationStatements {
  readonly stamp: Statement<{ stamp: Stamp }>
  readonly since: Statement<LogRow>
  readonly prune: Statement
}

function revocationStatements({ read, now, unlocked }: Database): RevocationStatements {
  const news = read
    .selectFrom('latchkey_epochs')
    .selectAll()
    .where('stamp', '>', parameter('after'))
    .orderBy('stamp')
    .limit(parameter<number>('limit'))
  const since = read
    .selectFrom('latchkey_counter as counter')
    .leftJoin('latchkey_keyring as ring', (join) => join.onTrue())
    .leftJoin(news.as('epoch'), (join) => join.onTrue())
    .select(['epoch.scope', 'epoch.row', 'epoch.key', 'epoch.stamp', 'epoch.until', 'counter.stamp as head'])
    .select((eb) => [eb.fn.coalesce('ring.version', eb.lit(0)).as('ring'), now.as('now')])
    .orderBy('epoch.stamp')
  const over = read
    .selectFrom('latchkey_epochs')
    .select('stamp')
    .where('until', '<', parameter('before'))
    .limit(parameter<number>('limit'))
  const prune = read.deleteFrom('latchkey_epochs').where('stamp', 'in', unlocked(over))
  return {
    stamp: statement(read.selectFrom('latchkey_counter').select('stamp')),
    since: statement(since),
    prune: statement(prune),
  }
}
