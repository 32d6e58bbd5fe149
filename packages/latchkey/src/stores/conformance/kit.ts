/** What the conformance cases share: rows to write, and many callers at once. */
import type { Account, ApiToken, Group, NewAccount, NewEpoch, Scope, Session, Stores } from '../port.js'
import { OWN_ROW } from '../port.js'

/** A store that holds nothing yet, and is not open. */
export interface StoreUnderTest {
  readonly stores: Stores
  /** The store's clock in whole seconds, which the cases set by hand. Starts after the year 2001. */
  readonly clock: { now: number }
  /** For stores that outlive their process: other stores over the same data, not open yet. */
  reopen?(): Stores
  /** Runs after the stores were closed. */
  cleanup(): Promise<void>
}

export type StorePromise = (test: StoreUnderTest) => Promise<void>
export type StorePromises = Readonly<Record<string, StorePromise>>

/** A session that has just begun and lasts for an hour, ten minutes when idle. */
export function sessionAt(now: number, over: Partial<Session> = {}): Session {
  const times = { rotatedAt: now, createdAt: now, authenticatedAt: now, lastSeenAt: now }
  const ends = { expiresAt: now + 3_600, idleSeconds: 600, endedAt: null, endedBy: null }
  const origin = { device: null, address: null, scope: null }
  const row = { id: 's1', userId: 'u1', stamp: 0, seed: 'seed', generation: 0, secretId: 'k1', previousSecretId: null }
  return { ...row, ...times, ...ends, ...origin, ...over }
}

export function accountOf(id: string, over: Partial<NewAccount> = {}): NewAccount {
  const rights = { active: true, admin: false, permissions: ['posts:read'] }
  const facts = { createdAt: 1_700_000_000, attributes: {}, lastLoginAt: null, passwordHash: 'hash' }
  return { id, username: `name-${id}`, email: null, ...rights, ...facts, ...over }
}

/** An account in no group as the store answers it. */
export const shown = ({ passwordHash: _, ...account }: NewAccount): Account => ({
  ...account,
  granted: account.permissions,
  groups: [],
})

export const groupOf = (name: string, permissions: readonly string[] = ['posts:write']): Group => ({
  name,
  permissions,
  createdAt: 1_700_000_000,
})

/** A token of `u1` that may do all that the user may, for ever. */
export function tokenOf(id: string, over: Partial<ApiToken> = {}): ApiToken {
  const ends = { expiresAt: null, lastUsedAt: null, revokedAt: null }
  return { id, userId: 'u1', name: 'deploy', hash: 'hash', permissions: null, createdAt: 1, ...ends, ...over }
}

/** An epoch of our own row that nothing prunes. */
export const epochOf = (scope: Scope, key: string, over: Partial<NewEpoch> = {}): NewEpoch => ({
  scope,
  row: OWN_ROW,
  key,
  until: 4_000_000_000,
  ...over,
})

/** Starts them all before any can have finished. */
export const together = <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))

/** How many are exactly `true`. */
export const trues = (answers: readonly unknown[]): number => answers.filter((answer) => answer === true).length
