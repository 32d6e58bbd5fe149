/** Which sessions live, as the WHERE of every statement that reads or changes one. */
import { type AliasableExpression, type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { OWN_ROW } from '../port.js'
import type { Schema } from './schema.js'

type Sessions = ExpressionBuilder<Schema, 'latchkey_sessions'>

/** True if an epoch of the session, its user or everybody is above the session's stamp. */
export function dead(eb: Sessions): AliasableExpression<SqlBool> {
  return eb.or([
    eb.exists(above(eb, 'session', eb.ref('latchkey_sessions.id'))),
    eb.exists(above(eb, 'user', eb.ref('latchkey_sessions.user_id'))),
    eb.exists(above(eb, 'everybody', sql.lit(''))),
  ])
}

function above(eb: Sessions, scope: 'session' | 'user' | 'everybody', key: Expression<string>): Expression<unknown> {
  return eb
    .selectFrom('latchkey_epochs as epoch')
    .select(sql.lit(1).as('one'))
    .where('epoch.scope', '=', sql.lit(scope))
    .where('epoch.row', '=', sql.lit(OWN_ROW))
    .where('epoch.key', '=', key)
    .whereRef('epoch.stamp', '>', 'latchkey_sessions.stamp')
}

/** Neither ended, nor dead, nor expired (absolute and idle). */
export function living(now: Expression<number>): (eb: Sessions) => Expression<SqlBool> {
  return (eb) =>
    eb.and([
      eb('latchkey_sessions.ended_at', 'is', null),
      eb('latchkey_sessions.expires_at', '>', now),
      eb(eb('latchkey_sessions.last_seen_at', '+', eb.ref('latchkey_sessions.idle_seconds')), '>', now),
      eb.not(dead(eb)),
    ])
}
