/** Identities in SQL. */
import type { Kysely, Transaction } from 'kysely'
import { AuthError } from '../../errors.js'
import { once } from '../../util/once.js'
import type { Identity, IdentityStore, NewAccount, Provisioned } from '../port.js'
import { createArrivals } from './arrivals.js'
import type { Database } from './database.js'
import type { IdentityTable, Schema } from './schema.js'
import { affected, parameter, type Statement, statement } from './statement.js'

type Made = Provisioned | 'taken'
type Insert = (trx: Transaction<Schema>, account: NewAccount) => Promise<boolean>

/** An identity that stood when it was inserted, and was unlinked before it was read. */
const TIMES = 3

export function createIdentities(database: Database, insert: Insert): IdentityStore {
  const statements = identityStatements(database.read)
  const shared = once<string, Made>()
  return { find, provision, provisionAll: createArrivals(database), link, unlink, list }

  async function find(row: string, subject: string): Promise<Identity | undefined> {
    const [found] = await database.run(statements.find, { row, subject })
    return found && toIdentity(found)
  }

  // Fifty first requests of one user are one transaction, not fifty connections that wait for each other.
  async function provision(row: string, subject: string, account: NewAccount): Promise<Made> {
    for (;;) {
      let own = false
      const mine = (): Promise<Made> => {
        own = true
        return attempt(row, subject, account)
      }
      try {
        const made = await shared(JSON.stringify([row, subject]), mine)
        if (own) return made
        if (made !== 'taken') return { identity: made.identity, created: false }
      } catch (error) {
        if (own) throw error
        // What went wrong may have been of that call alone.
        return attempt(row, subject, account)
      }
    }
  }

  async function attempt(row: string, subject: string, account: NewAccount): Promise<Made> {
    for (let time = 0; time < TIMES; time++) {
      const provisioned = await database.write((trx) => make(trx, { row, subject }, account))
      if (provisioned) return provisioned
    }
    throw new AuthError('store_failed', { hint: 'the identity comes and goes' })
  }

  // The identity first: whoever is second waits for it here, and makes no account.
  async function make(
    trx: Transaction<Schema>,
    name: Pick<Identity, 'row' | 'subject'>,
    account: NewAccount,
  ): Promise<Made | undefined> {
    const identity = { ...name, userId: account.id, createdAt: account.createdAt }
    if (affected(await statements.insert(trx, identity)) === 0) {
      const [standing] = (await statements.find(trx, name)).rows
      return standing && { identity: toIdentity(standing), created: false }
    }
    if (await insert(trx, account)) return { identity, created: true }
    await statements.remove(trx, identity)
    return 'taken'
  }

  function link(row: string, subject: string, userId: string, createdAt: number): Promise<boolean> {
    return database.write(async (trx) => {
      // Nobody deletes the account between the look and the identity, which would be left pointing at nobody.
      await database.serialise(trx, 'accounts')
      const { rows } = await statements.user(trx, { userId })
      return rows.length === 1 && affected(await statements.insert(trx, { row, subject, userId, createdAt })) === 1
    })
  }

  function unlink(row: string, subject: string, userId: string): Promise<boolean> {
    return database.write(async (trx) => affected(await statements.remove(trx, { row, subject, userId })) === 1)
  }

  async function list(userId: string): Promise<readonly Identity[]> {
    return (await database.run(statements.list, { userId })).map(toIdentity)
  }
}

interface IdentityStatements {
  readonly find: Statement<IdentityTable>
  readonly list: Statement<IdentityTable>
  readonly user: Statement
  readonly insert: Statement
  readonly remove: Statement
}

function identityStatements(read: Kysely<Schema>): IdentityStatements {
  const identities = read.selectFrom('latchkey_identities').selectAll()
  const find = identities.where('row', '=', parameter('row')).where('subject', '=', parameter('subject'))
  const list = identities.where('user_id', '=', parameter('userId')).orderBy('row').orderBy('subject')
  const user = read.selectFrom('latchkey_users').select('id').where('id', '=', parameter('userId'))
  const insert = read
    .insertInto('latchkey_identities')
    .values({
      row: parameter<string>('row'),
      subject: parameter<string>('subject'),
      user_id: parameter<string>('userId'),
      created_at: parameter<number>('createdAt'),
    })
    .onConflict((conflict) => conflict.doNothing())
  const remove = read
    .deleteFrom('latchkey_identities')
    .where('row', '=', parameter('row'))
    .where('subject', '=', parameter('subject'))
    .where('user_id', '=', parameter('userId'))
  return {
    find: statement(find),
    list: statement(list),
    user: statement(user),
    insert: statement(insert),
    remove: statement(remove),
  }
}

const toIdentity = ({ row, subject, user_id, created_at }: IdentityTable): Identity => ({
  row,
  subject,
  userId: user_id,
  createdAt: created_at,
})
