/** The first start in SQL: one nonce for all processes, and the first account for whoever uses it. */
import type { Transaction } from 'kysely'
import type { AccountStore, NewAccount } from '../port.js'
import type { Database } from './database.js'
import { ONLY, type Schema } from './schema.js'
import { affected } from './statement.js'

type Bootstrap = Pick<AccountStore, 'offerBootstrap' | 'claimBootstrap'>
type Insert = (trx: Transaction<Schema>, account: NewAccount) => Promise<boolean>

export function createBootstrap(database: Database, insert: Insert): Bootstrap {
  return { offerBootstrap, claimBootstrap }

  function offerBootstrap(nonce: string): Promise<{ readonly nonce: string; readonly used: boolean }> {
    return database.write(async (trx) => {
      const offer = trx.insertInto('latchkey_bootstrap').values({ id: ONLY, nonce, used: 0 })
      await offer.onConflict((conflict) => conflict.doNothing()).execute()
      const standing = await trx.selectFrom('latchkey_bootstrap').selectAll().executeTakeFirstOrThrow()
      return { nonce: standing.nonce, used: standing.used === 1 }
    })
  }

  function claimBootstrap(nonce: string, account: NewAccount): Promise<boolean | 'taken'> {
    return database.write(async (trx) => {
      if (!(await setUsed(trx, nonce, 1))) return false
      if (await insert(trx, account)) return true
      await setUsed(trx, nonce, 0)
      return 'taken'
    })
  }

  async function setUsed(trx: Transaction<Schema>, nonce: string, used: 0 | 1): Promise<boolean> {
    const claim = trx.updateTable('latchkey_bootstrap').set({ used }).where('nonce', '=', nonce)
    return affected(await trx.executeQuery(claim.where('used', '<>', used))) === 1
  }
}
