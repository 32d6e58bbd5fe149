/** Accounts and the nonce of the first start in memory. */
import { attributesOf, attributesText } from '../attributes.js'
import { rightsOf } from '../membership.js'
import { compareBytes } from '../order.js'
import type { Account, AccountPatch, AccountStore, Group, NewAccount } from '../port.js'

const changeable = ['username', 'email', 'active', 'admin', 'permissions', 'attributes', 'passwordHash'] as const

/** What identities and sessions need of the accounts besides their port. */
export interface Accounts extends AccountStore {
  has(id: string): boolean
  /** As `create`, at once. */
  insert(account: NewAccount): boolean
  /** As `signedIn`, at once. */
  seen(id: string, at: number): boolean
  /** Of these ids, by user name. */
  named(ids: ReadonlySet<string>, after: string, limit: number): readonly Account[]
}

interface AccountParts {
  /** Told of everybody who is deleted, before anything else can happen. */
  removed(id: string): void
  /** The groups that somebody is in. */
  groupsOf(id: string): readonly Group[]
}

export function createAccounts({ removed = () => {}, groupsOf = () => [] }: Partial<AccountParts> = {}): Accounts {
  const rows = new Map<string, NewAccount>()
  let bootstrap: { readonly nonce: string; readonly used: boolean } | undefined
  const create = async (account: NewAccount): Promise<boolean> => insert(account)
  const signedIn = async (id: string, at: number): Promise<boolean> => seen(id, at)
  const port = { findById, findByLogin, setPasswordHash, create, change, signedIn, remove, list }
  return { ...port, offerBootstrap, claimBootstrap, has: (id) => rows.has(id), insert, seen, named }

  async function findById(id: string): Promise<Account | undefined> {
    const row = rows.get(id)
    return row && accountOf(row)
  }

  async function findByLogin(login: string): ReturnType<AccountStore['findByLogin']> {
    for (const row of rows.values()) {
      if (row.username === login) return { user: accountOf(row), passwordHash: row.passwordHash }
    }
    return undefined
  }

  async function setPasswordHash(id: string, hash: string, expect: string | null): Promise<boolean> {
    const row = rows.get(id)
    if (row?.passwordHash !== expect) return false
    rows.set(id, { ...row, passwordHash: hash })
    return true
  }

  function insert(account: NewAccount): boolean {
    if (rows.has(account.id) || taken(account)) return false
    rows.set(account.id, copyOf(account))
    return true
  }

  function seen(id: string, at: number): boolean {
    const row = rows.get(id)
    if (!row || (row.lastLoginAt !== null && row.lastLoginAt >= at)) return false
    rows.set(id, { ...row, lastLoginAt: at })
    return true
  }

  async function change(id: string, patch: AccountPatch, expect: AccountPatch): Promise<boolean> {
    const row = rows.get(id)
    if (!row || !changeable.every((name) => expect[name] === undefined || same(expect[name], row[name]))) return false
    const next = changed(row, patch)
    if (taken(next) || (isLastLeader(row) && !leads(next))) return false
    rows.set(id, next)
    return true
  }

  async function remove(id: string): Promise<boolean> {
    const row = rows.get(id)
    if (!row || isLastLeader(row)) return false
    rows.delete(id)
    removed(id)
    return true
  }

  async function list(after: string, limit: number): Promise<readonly Account[]> {
    return page([...rows.values()], after, limit)
  }

  function named(ids: ReadonlySet<string>, after: string, limit: number): readonly Account[] {
    return page(
      [...rows.values()].filter(({ id }) => ids.has(id)),
      after,
      limit,
    )
  }

  function page(all: readonly NewAccount[], after: string, limit: number): readonly Account[] {
    const later = all.filter(({ username }) => compareBytes(username, after) > 0)
    return later
      .sort((a, b) => compareBytes(a.username, b.username))
      .slice(0, limit)
      .map(accountOf)
  }

  function accountOf(row: NewAccount): Account {
    const { passwordHash: _, permissions, ...facts } = copyOf(row)
    return { ...facts, ...rightsOf(permissions, groupsOf(row.id)) }
  }

  async function offerBootstrap(nonce: string): Promise<{ readonly nonce: string; readonly used: boolean }> {
    bootstrap ??= { nonce, used: false }
    return bootstrap
  }

  async function claimBootstrap(nonce: string, account: NewAccount): Promise<boolean | 'taken'> {
    if (bootstrap?.nonce !== nonce || bootstrap.used) return false
    if (!insert(account)) return 'taken'
    bootstrap = { nonce, used: true }
    return true
  }

  function isLastLeader(row: NewAccount): boolean {
    return leads(row) && ![...rows.values()].some((other) => other.id !== row.id && leads(other))
  }

  function taken({ id, username, email }: NewAccount): boolean {
    const others = [...rows.values()].filter((other) => other.id !== id)
    return others.some((other) => other.username === username || (email !== null && other.email === email))
  }
}

const leads = ({ active, admin }: NewAccount): boolean => active && admin

const same = (a: unknown, b: unknown): boolean => attributesText({ a }) === attributesText({ a: b })

// Name by name, so that a patch from outside cannot bring an id or a member that no account has.
function changed(row: NewAccount, patch: AccountPatch): NewAccount {
  const given = changeable.filter((name) => patch[name] !== undefined)
  return copyOf({ ...row, ...Object.fromEntries(given.map((name) => [name, patch[name]])) })
}

// Name by name, so that a row from outside brings no member that no store keeps.
function copyOf({ id, username, email, active, admin, permissions, ...facts }: NewAccount): NewAccount {
  const { createdAt, attributes, lastLoginAt, passwordHash } = facts
  const copies = { permissions: [...permissions], attributes: attributesOf(attributesText(attributes)) }
  return { id, username, email, active, admin, ...copies, createdAt, lastLoginAt, passwordHash }
}
