/** Groups in SQL. Whoever changes them is alone with the accounts: nobody joins a group, or is deleted, in the middle of it. */
import type { Transaction } from 'kysely'
import type { Group, GroupStore } from '../port.js'
import { MANY, staleEpochs } from '../stamps.js'
import type { Database } from './database.js'
import type { Raise } from './epochs.js'
import type { Schema } from './schema.js'
import { affected } from './statement.js'
import { selectAccounts, toAccount } from './users.js'

export function createGroups(database: Database, raise: Raise): GroupStore {
  const { read } = database
  return { create, find, list, change, remove, join, leave, members }

  function create({ name, permissions, createdAt }: Group): Promise<boolean> {
    return database.write(async (trx) => {
      const group = trx
        .insertInto('latchkey_groups')
        .values({ name, entry: entryOf(name, permissions), created_at: createdAt })
      return affected(await trx.executeQuery(group.onConflict((conflict) => conflict.doNothing()))) === 1
    })
  }

  async function find(name: string): Promise<Group | undefined> {
    const row = await read.selectFrom('latchkey_groups').selectAll().where('name', '=', name).executeTakeFirst()
    return row && toGroup(row)
  }

  async function list(after: string, limit: number): Promise<readonly Group[]> {
    const page = read.selectFrom('latchkey_groups').selectAll().where('name', '>', after).orderBy('name')
    return (await page.limit(limit).execute()).map(toGroup)
  }

  function change(name: string, permissions: readonly string[], expect: readonly string[], until: number) {
    return alone(async (trx, now) => {
      const entry = { entry: entryOf(name, permissions) }
      const update = trx.updateTable('latchkey_groups').set(entry).where('name', '=', name)
      const changed = await trx.executeQuery(update.where('entry', '=', entryOf(name, expect)))
      if (affected(changed) === 0) return false
      await stale(trx, now, await membersOf(trx, name), until)
      return true
    })
  }

  function remove(name: string, until: number): Promise<boolean> {
    return alone(async (trx, now) => {
      const removed = await trx.executeQuery(trx.deleteFrom('latchkey_groups').where('name', '=', name))
      if (affected(removed) === 0) return false
      await stale(trx, now, await membersOf(trx, name), until)
      await trx.deleteFrom('latchkey_members').where('group_name', '=', name).execute()
      return true
    })
  }

  function join(name: string, userId: string, until: number): Promise<boolean> {
    return alone(async (trx, now) => {
      const group = trx.selectFrom('latchkey_groups').select('name').where('name', '=', name)
      const user = trx.selectFrom('latchkey_users').select('id').where('id', '=', userId)
      if (!(await group.executeTakeFirst()) || !(await user.executeTakeFirst())) return false
      const member = trx.insertInto('latchkey_members').values({ group_name: name, user_id: userId })
      const joined = await trx.executeQuery(member.onConflict((conflict) => conflict.doNothing()))
      return affected(joined) === 1 && (await stale(trx, now, [userId], until))
    })
  }

  function leave(name: string, userId: string, until: number): Promise<boolean> {
    return alone(async (trx, now) => {
      const member = trx.deleteFrom('latchkey_members').where('group_name', '=', name).where('user_id', '=', userId)
      return affected(await trx.executeQuery(member)) === 1 && (await stale(trx, now, [userId], until))
    })
  }

  async function members(name: string, after: string, limit: number) {
    const ids = read.selectFrom('latchkey_members').select('user_id').where('group_name', '=', name)
    const page = selectAccounts(read).where('username', '>', after).where('id', 'in', ids)
    return (await page.orderBy('username').limit(limit).execute()).map(toAccount)
  }

  function alone<T>(work: (trx: Transaction<Schema>, now: number) => Promise<T>): Promise<T> {
    return database.write(async (trx, now) => {
      await database.serialise(trx, 'accounts')
      return work(trx, now)
    })
  }

  /** One more than many are as good as all. */
  async function membersOf(trx: Transaction<Schema>, name: string): Promise<readonly string[]> {
    const members = trx.selectFrom('latchkey_members').select('user_id').where('group_name', '=', name)
    return (await members.limit(MANY + 1).execute()).map(({ user_id }) => user_id)
  }

  async function stale(
    trx: Transaction<Schema>,
    now: number,
    userIds: readonly string[],
    until: number,
  ): Promise<true> {
    await raise(staleEpochs(userIds, until), { trx, now, because: 'permissions' })
    return true
  }
}

// With the name in it, the entries of somebody's groups can be strung together to one JSON text by any database.
const entryOf = (name: string, permissions: readonly string[]): string => JSON.stringify([name, permissions])

function toGroup({ entry, created_at }: Schema['latchkey_groups']): Group {
  const [name, permissions]: [string, readonly string[]] = JSON.parse(entry)
  return { name, permissions, createdAt: created_at }
}
