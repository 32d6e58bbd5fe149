/** The sealed keyring and the known server secrets in SQL. */
import type { KeyStore } from '../port.js'
import type { Database, Work } from './database.js'
import type { Raise } from './epochs.js'
import { ONLY } from './schema.js'
import { affected } from './statement.js'

type Ring = Awaited<ReturnType<KeyStore['load']>>
type Known = ReadonlyMap<string, number>

export function createKeys(database: Database, raise: Raise): KeyStore {
  return { load, save, announce }

  async function load(): Promise<Ring> {
    const row = await database.read.selectFrom('latchkey_keyring').select(['version', 'sealed']).executeTakeFirst()
    return row && { version: row.version, sealed: row.sealed }
  }

  function save(version: number, sealed: string, revoke: Parameters<Raise>[0]): Promise<boolean> {
    return database.write(async (trx, now) => {
      const replaced = version === 0 ? await first(trx, sealed) : await next(trx, version, sealed)
      if (replaced && revoke.length > 0) await raise(revoke, { trx, now, because: 'revoked' })
      return replaced
    })
  }

  async function first(trx: Parameters<Work<boolean>>[0], sealed: string): Promise<boolean> {
    const insert = trx.insertInto('latchkey_keyring').values({ id: ONLY, version: 1, sealed })
    return affected(await trx.executeQuery(insert.onConflict((conflict) => conflict.doNothing()))) === 1
  }

  async function next(trx: Parameters<Work<boolean>>[0], version: number, sealed: string): Promise<boolean> {
    const update = trx.updateTable('latchkey_keyring').set({ version: version + 1, sealed })
    return affected(await trx.executeQuery(update.where('version', '=', version))) === 1
  }

  async function announce(secretIds: readonly string[]): Promise<Known> {
    const known = await knownSecrets(database.read)
    // Every start announces, and almost always nothing is new: then no writer is needed.
    const all = secretIds.every((id) => known.has(id)) ? known : await introduce(secretIds)
    return new Map(secretIds.map((id) => [id, all.get(id) ?? 0]))
  }

  function introduce(secretIds: readonly string[]): Promise<Known> {
    return database.write(async (trx, now) => {
      await database.serialise(trx, 'secrets')
      const known = new Map(await knownSecrets(trx))
      for (const id of secretIds) {
        if (known.has(id)) continue
        const since = known.size === 0 ? 0 : now
        await trx.insertInto('latchkey_secrets').values({ id, known_since: since }).execute()
        known.set(id, since)
      }
      return known
    })
  }
}

async function knownSecrets(db: Database['read']): Promise<Known> {
  const rows = await db.selectFrom('latchkey_secrets').selectAll().execute()
  return new Map(rows.map((row) => [row.id, row.known_since]))
}
