/** That an active administrator is left, as the WHERE of every statement that could take the last one. */
import type { Expression, ExpressionBuilder, Kysely, SelectQueryBuilder, SqlBool } from 'kysely'
import type { Schema } from './schema.js'

type Users = ExpressionBuilder<Schema, 'latchkey_users'>
type Named = Schema & { other: Schema['latchkey_users'] }

/** The accounts but this one, under the name `other`. */
export const othersThan = (db: Kysely<Schema>, id: string): SelectQueryBuilder<Named, 'other', { id: string }> =>
  db.selectFrom('latchkey_users as other').select('other.id').where('other.id', '<>', id)

/** True for whoever leads nothing, or not alone. */
export function leadsNotAlone(db: Kysely<Schema>, id: string): (eb: Users) => Expression<SqlBool> {
  const leader = othersThan(db, id).where('other.active', '=', 1).where('other.admin', '=', 1)
  return (eb) => eb.or([eb('active', '=', 0), eb('admin', '=', 0), eb.exists(leader)])
}
