/** API tokens in memory. */
import { AuthError } from '../../errors.js'
import type { Clock } from '../../util/time.js'
import { compareBytes } from '../order.js'
import { API_TOKEN_ROW, type ApiToken, type ApiTokenStore } from '../port.js'
import { goneAfter } from '../stamps.js'
import type { Log } from './log.js'

export interface ApiTokens extends ApiTokenStore {
  /** Revokes those of a deleted user. */
  revokeOf(userId: string): void
}

export function createApiTokens({ clock, raise }: { clock: Clock; raise: Log['raise'] }): ApiTokens {
  const rows = new Map<string, ApiToken>()
  return { create, find, list, revoke: async (id, at, until) => end(id, at, until), touch, prune, revokeOf }

  async function create(token: ApiToken): Promise<void> {
    if (rows.has(token.id)) throw new AuthError('conflict', { hint: 'an API token of this id exists' })
    rows.set(token.id, copyOf(token))
  }

  async function find(id: string): Promise<ApiToken | undefined> {
    const token = rows.get(id)
    return token && copyOf(token)
  }

  async function list({ userId }: { userId?: string | undefined }, after: string, limit: number) {
    const asked = [...rows.values()].filter((token) => userId === undefined || token.userId === userId)
    const later = asked.filter(({ id }) => compareBytes(id, after) > 0)
    return later
      .sort((a, b) => compareBytes(a.id, b.id))
      .slice(0, limit)
      .map(copyOf)
  }

  function end(id: string, at: number, until: number): boolean {
    const token = rows.get(id)
    if (!token || token.revokedAt !== null) return false
    rows.set(id, { ...token, revokedAt: at })
    raise([{ scope: 'jti', row: API_TOKEN_ROW, key: id, until }])
    return true
  }

  async function touch(id: string, at: number, notAfter: number): Promise<void> {
    const token = rows.get(id)
    if (token && (token.lastUsedAt ?? Number.NEGATIVE_INFINITY) < notAfter) rows.set(id, { ...token, lastUsedAt: at })
  }

  async function prune(before: number, limit: number): Promise<number> {
    const over = [...rows.values()].filter(({ expiresAt, revokedAt }) =>
      [expiresAt, revokedAt].some((end) => end !== null && end < before),
    )
    for (const { id } of over.slice(0, limit)) rows.delete(id)
    return Math.min(over.length, limit)
  }

  function revokeOf(userId: string): void {
    const own = [...rows.values()].filter((token) => token.userId === userId)
    for (const { id } of own) end(id, clock(), goneAfter(clock()))
  }
}

// Name by name, so that a token from outside brings no member that no store keeps.
function copyOf({ id, userId, name, hash, permissions, ...times }: ApiToken): ApiToken {
  const { createdAt, expiresAt, lastUsedAt, revokedAt } = times
  const ends = { expiresAt, lastUsedAt, revokedAt }
  return { id, userId, name, hash, permissions: permissions && [...permissions], createdAt, ...ends }
}
