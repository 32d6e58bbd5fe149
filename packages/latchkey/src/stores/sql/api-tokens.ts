/** API tokens in SQL. */
import { AuthError } from '../../errors.js'
import { API_TOKEN_ROW, type ApiToken, type ApiTokenStore } from '../port.js'
import type { Database } from './database.js'
import type { Raise } from './epochs.js'
import type { ApiTokenTable } from './schema.js'
import { affected, parameter, type Statement, statement } from './statement.js'

export function createApiTokens(database: Database, raise: Raise): ApiTokenStore {
  const statements = tokenStatements(database)
  return { create, find, list, revoke, touch, prune }

  function create(token: ApiToken): Promise<void> {
    return database.write(async (trx) => {
      const insert = trx.insertInto('latchkey_api_tokens').values(rowOf(token))
      const inserted = await trx.executeQuery(insert.onConflict((conflict) => conflict.doNothing()))
      if (affected(inserted) === 0) throw new AuthError('conflict', { hint: 'an API token of this id exists' })
    })
  }

  async function find(id: string): Promise<ApiToken | undefined> {
    const [row] = await database.run(statements.find, { id })
    return row && toToken(row)
  }

  async function list({ userId }: Parameters<ApiTokenStore['list']>[0], after: string, limit: number) {
    const page = database.read.selectFrom('latchkey_api_tokens').selectAll().where('id', '>', after).orderBy('id')
    const asked = userId === undefined ? page : page.where('user_id', '=', userId)
    return (await asked.limit(limit).execute()).map(toToken)
  }

  function revoke(id: string, at: number, until: number): Promise<boolean> {
    return database.write(async (trx, now) => {
      if (affected(await statements.revoke(trx, { id, at })) === 0) return false
      await raise([{ scope: 'jti', row: API_TOKEN_ROW, key: id, until }], { trx, now, because: 'revoked' })
      return true
    })
  }

  async function touch(id: string, at: number, notAfter: number): Promise<void> {
    const late = await database.run(statements.late, { id, notAfter })
    // Mostly there is nothing to do, and finding that out needs no writer.
    if (late.length > 0) await database.write((trx) => statements.touch(trx, { id, at, notAfter }))
  }

  function prune(before: number, limit: number): Promise<number> {
    return database.write(async (trx) => affected(await statements.prune(trx, { before, limit })))
  }
}

interface TokenStatements {
  readonly find: Statement<ApiTokenTable>
  readonly late: Statement
  readonly revoke: Statement
  readonly touch: Statement
  readonly prune: Statement
}

function tokenStatements({ read, unlocked }: Database): TokenStatements {
  const tokens = read.selectFrom('latchkey_api_tokens')
  const update = read.updateTable('latchkey_api_tokens').where('id', '=', parameter('id'))
  const notAfter = parameter<number>('notAfter')
  const late = tokens
    .select('id')
    .where('id', '=', parameter('id'))
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', notAfter)]))
  const touch = update
    .set({ last_used_at: parameter<number>('at') })
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', notAfter)]))
  const before = parameter<number>('before')
  const over = tokens
    .select('id')
    .where((eb) => eb.or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
    .limit(parameter<number>('limit'))
  return {
    find: statement(tokens.selectAll().where('id', '=', parameter('id'))),
    late: statement(late),
    revoke: statement(update.set({ revoked_at: parameter<number>('at') }).where('revoked_at', 'is', null)),
    touch: statement(touch),
    prune: statement(read.deleteFrom('latchkey_api_tokens').where('id', 'in', unlocked(over))),
  }
}

function rowOf({ id, userId, name, hash, permissions, ...times }: ApiToken): ApiTokenTable {
  const { createdAt, expiresAt, lastUsedAt, revokedAt } = times
  const ends = { expires_at: expiresAt, last_used_at: lastUsedAt, revoked_at: revokedAt }
  const listed = permissions && JSON.stringify(permissions)
  return { id, user_id: userId, name, hash, permissions: listed, created_at: createdAt, ...ends }
}

function toToken(row: ApiTokenTable): ApiToken {
  const { id, name, hash } = row
  const permissions: readonly string[] | null = row.permissions === null ? null : JSON.parse(row.permissions)
  const ends = { expiresAt: row.expires_at, lastUsedAt: row.last_used_at, revokedAt: row.revoked_at }
  return { id, userId: row.user_id, name, hash, permissions, createdAt: row.created_at, ...ends }
}
