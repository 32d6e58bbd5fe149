/** Deleting an account in SQL: nothing of it that could let somebody in is left, and its identities stay out. */
import type { Transaction } from 'kysely'
import { API_TOKEN_ROW, type NewEpoch } from '../port.js'
import { goneAfter } from '../stamps.js'
import type { Database } from './database.js'
import type { Raise } from './epochs.js'
import { leadsNotAlone } from './leaders.js'
import type { Schema } from './schema.js'
import { affected } from './statement.js'

export function createRemoval(database: Database, raise: Raise): (id: string) => Promise<boolean> {
  return (id) =>
    database.write(async (trx, now) => {
      await database.serialise(trx, 'accounts')
      if (!(await deleteUnlessLast(trx, id))) return false
      await trx.updateTable('latchkey_identities').set({ user_id: null }).where('user_id', '=', id).execute()
      await trx.deleteFrom('latchkey_members').where('user_id', '=', id).execute()
      const revoked = await revokeTokens(trx, id, now)
      if (revoked.length > 0) await raise(revoked, { trx, now, because: 'deleted' })
      return true
    })
}

async function deleteUnlessLast(trx: Transaction<Schema>, id: string): Promise<boolean> {
  const query = trx.deleteFrom('latchkey_users').where('id', '=', id).where(leadsNotAlone(trx, id))
  return affected(await trx.executeQuery(query)) === 1
}

async function revokeTokens(trx: Transaction<Schema>, userId: string, now: number): Promise<readonly NewEpoch[]> {
  const living = trx.updateTable('latchkey_api_tokens').set({ revoked_at: now }).where('user_id', '=', userId)
  const revoked = await living.where('revoked_at', 'is', null).returning('id').execute()
  return revoked.map(({ id }) => ({ scope: 'jti', row: API_TOKEN_ROW, key: id, until: goneAfter(now) }))
}
