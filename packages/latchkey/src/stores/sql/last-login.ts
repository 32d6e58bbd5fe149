/** When an account was last seen to log in: later than before, or not at all. */
import type { Kysely } from 'kysely'
import type { Schema } from './schema.js'
import { parameter, type Statement, statement } from './statement.js'

/** Takes `userId` and `at`; changes nothing where the users table is the application's own. */
export function lastLogin(read: Kysely<Schema>): Statement {
  const at = parameter<number>('at')
  const update = read
    .updateTable('latchkey_users')
    .set({ last_login_at: at })
    .where('id', '=', parameter('userId'))
    .where((eb) => eb.or([eb('last_login_at', 'is', null), eb('last_login_at', '<', at)]))
  return statement(update)
}
