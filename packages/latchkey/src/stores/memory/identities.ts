/** Identities in memory. */

import { compareBytes } from '../order.js'
import type { Arrival, Identity, IdentityStore, NewAccount, Provisioned } from '../port.js'

/** What an identity needs of the accounts. */
interface Accounts {
  has(id: string): boolean
  insert(account: NewAccount): boolean
  /** Makes a new account a member, where there is such a group. */
  joinNew(group: string, userId: string): void
}

export interface Identities extends IdentityStore {
  /** Makes tombstones of a deleted user's identities. */
  bury(userId: string): void
}

// JSON keeps apart what joining could not: a subject may hold any character.
const keyOf = (row: string, subject: string): string => JSON.stringify([row, subject])

export function createIdentities(accounts: Accounts): Identities {
  const rows = new Map<string, Identity>()
  return { find, provision, provisionAll, link, unlink, list, bury }

  async function find(row: string, subject: string): Promise<Identity | undefined> {
    return rows.get(keyOf(row, subject))
  }

  async function provision(row: string, subject: string, account: NewAccount): Promise<Provisioned | 'taken'> {
    return make(row, subject, account)
  }

  async function provisionAll(row: string, arrivals: readonly Arrival[]): Promise<readonly (Provisioned | 'taken')[]> {
    return arrivals.map(({ subject, account, groups }) => {
      const made = make(row, subject, account)
      if (made !== 'taken' && made.created) for (const group of groups) accounts.joinNew(group, account.id)
      return made
    })
  }

  function make(row: string, subject: string, account: NewAccount): Provisioned | 'taken' {
    const standing = rows.get(keyOf(row, subject))
    if (standing) return { identity: standing, created: false }
    if (!accounts.insert(account)) return 'taken'
    return { identity: put(row, subject, account.id, account.createdAt), created: true }
  }

  async function link(row: string, subject: string, userId: string, at: number): Promise<boolean> {
    if (rows.has(keyOf(row, subject)) || !accounts.has(userId)) return false
    put(row, subject, userId, at)
    return true
  }

  async function unlink(row: string, subject: string, userId: string): Promise<boolean> {
    const key = keyOf(row, subject)
    return rows.get(key)?.userId === userId && rows.delete(key)
  }

  async function list(userId: string): Promise<readonly Identity[]> {
    const own = [...rows.values()].filter((identity) => identity.userId === userId)
    return own.sort((a, b) => compareBytes(a.row, b.row) || compareBytes(a.subject, b.subject))
  }

  function put(row: string, subject: string, userId: string, createdAt: number): Identity {
    const identity = Object.freeze({ row, subject, userId, createdAt })
    rows.set(keyOf(row, subject), identity)
    return identity
  }

  function bury(userId: string): void {
    for (const [key, identity] of rows) {
      if (identity.userId === userId) rows.set(key, Object.freeze({ ...identity, userId: null }))
    }
  }
}
