/** Many accounts from elsewhere in SQL: one transaction of few statements, however many they are. */
import type { Transaction } from 'kysely'
import type { Arrival, Identity, IdentityStore, Provisioned } from '../port.js'
import type { Database } from './database.js'
import type { Schema } from './schema.js'
import { rowOf } from './users.js'

/** Rows of one statement: databases take so many values at a time. */
const AT_ONCE = 500

interface Batch {
  readonly trx: Transaction<Schema>
  readonly row: string
  readonly arrivals: readonly Arrival[]
}

export function createArrivals(database: Database): IdentityStore['provisionAll'] {
  return (row, arrivals) =>
    database.write(async (trx) => {
      // Nobody deletes a group between the look and the membership.
      await database.serialise(trx, 'accounts')
      const all: (Provisioned | 'taken')[] = []
      for (let from = 0; from < arrivals.length; from += AT_ONCE) {
        all.push(...(await provision({ trx, row, arrivals: arrivals.slice(from, from + AT_ONCE) })))
      }
      return all
    })
}

// The identities first: whoever brings the same ones waits for them here, and makes no account.
async function provision(batch: Batch): Promise<readonly (Provisioned | 'taken')[]> {
  const fresh = await insertIdentities(batch)
  const made = await insertAccounts(batch.trx, fresh)
  await removeIdentities(
    batch,
    fresh.filter((one) => !made.has(one)),
  )
  await join(batch.trx, [...made])
  const standing = await findIdentities(batch)
  const isFresh = new Set(fresh)
  return batch.arrivals.map((one) => {
    if (isFresh.has(one) && !made.has(one)) return 'taken'
    const identity = standing.get(one.subject)
    // Taken by one of the same subject before it, or unlinked a moment ago.
    if (!identity) return 'taken'
    return { identity, created: made.has(one) }
  })
}

/** Answers those that had none. */
async function insertIdentities({ trx, row, arrivals }: Batch): Promise<readonly Arrival[]> {
  const values = arrivals.map(({ subject, account }) => ({
    row,
    subject,
    user_id: account.id,
    created_at: account.createdAt,
  }))
  const query = trx.insertInto('latchkey_identities').values(values).returning('subject')
  const rows = await query.onConflict((conflict) => conflict.doNothing()).execute()
  return firstOfEach(arrivals, new Set(rows.map(({ subject }) => subject)), ({ subject }) => subject)
}

/** Answers those that nobody kept out. */
async function insertAccounts(trx: Transaction<Schema>, arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
  if (arrivals.length === 0) return new Set()
  const query = trx.insertInto('latchkey_users').values(arrivals.map(({ account }) => rowOf(account)))
  const rows = await query
    .returning('id')
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return new Set(firstOfEach(arrivals, new Set(rows.map(({ id }) => id)), ({ account }) => account.id))
}

async function removeIdentities({ trx, row }: Batch, arrivals: readonly Arrival[]): Promise<void> {
  if (arrivals.length === 0) return
  const subjects = arrivals.map(({ subject }) => subject)
  await trx.deleteFrom('latchkey_identities').where('row', '=', row).where('subject', 'in', subjects).execute()
}

async function join(trx: Transaction<Schema>, arrivals: readonly Arrival[]): Promise<void> {
  const wanted = [...new Set(arrivals.flatMap(({ groups }) => groups))]
  if (wanted.length === 0) return
  const found = await trx.selectFrom('latchkey_groups').select('name').where('name', 'in', wanted).execute()
  const names = new Set(found.map(({ name }) => name))
  const members = arrivals.flatMap(({ account, groups }) =>
    [...new Set(groups)].filter((name) => names.has(name)).map((name) => ({ group_name: name, user_id: account.id })),
  )
  for (let from = 0; from < members.length; from += AT_ONCE) {
    const query = trx.insertInto('latchkey_members').values(members.slice(from, from + AT_ONCE))
    await query.onConflict((conflict) => conflict.doNothing()).execute()
  }
}

async function findIdentities({ trx, row, arrivals }: Batch): Promise<ReadonlyMap<string, Identity>> {
  const subjects = arrivals.map(({ subject }) => subject)
  const query = trx
    .selectFrom('latchkey_identities')
    .selectAll()
    .where('row', '=', row)
    .where('subject', 'in', subjects)
  const rows = await query.execute()
  return new Map(
    rows.map(({ subject, user_id, created_at }) => [subject, { row, subject, userId: user_id, createdAt: created_at }]),
  )
}

/** Of several that share a key the first one is meant. */
function firstOfEach(
  arrivals: readonly Arrival[],
  keys: Set<string>,
  keyOf: (one: Arrival) => string,
): readonly Arrival[] {
  return arrivals.filter((one) => keys.delete(keyOf(one)))
}
