/** Accounts and the nonce of the first start in memory. */
import type { Account, AccountPatch, AccountStore, NewAccount } from '../port.js'

const changeable = ['username', 'email', 'active', 'admin', 'permissions', 'passwordHash'] as const

export function createAccounts(): AccountStore {
  const rows = new Map<string, NewAccount>()
  let bootstrap: { readonly nonce: string; readonly used: boolean } | undefined
  const create = async (account: NewAccount): Promise<boolean> => insert(account)
  return { findById, findByLogin, setPasswordHash, create, change, list, offerBootstrap, claimBootstrap }

  async function findById(id: string): Promise<Account | undefined> {
    const row = rows.get(id)
    return row && withoutHash(row)
  }

  async function findByLogin(login: string): ReturnType<AccountStore['findByLogin']> {
    for (const row of rows.values()) {
      if (row.username === login) return { user: withoutHash(row), passwordHash: row.passwordHash }
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
    rows.set(account.id, { ...withoutHash(account), passwordHash: account.passwordHash })
    return true
  }

  async function change(id: string, patch: AccountPatch, expect: AccountPatch): Promise<boolean> {
    const row = rows.get(id)
    if (!row || !changeable.every((name) => expect[name] === undefined || same(expect[name], row[name]))) return false
    const next = changed(row, patch)
    const others = [...rows.values()].filter((other) => other.id !== id)
    if (taken(next) || (leads(row) && !leads(next) && !others.some(leads))) return false
    rows.set(id, next)
    return true
  }

  async function list(after: string, limit: number): Promise<readonly Account[]> {
    const later = [...rows.values()].filter(({ username }) => compare(username, after) > 0)
    return later
      .sort((a, b) => compare(a.username, b.username))
      .slice(0, limit)
      .map(withoutHash)
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

  function taken({ id, username, email }: NewAccount): boolean {
    const others = [...rows.values()].filter((other) => other.id !== id)
    return others.some((other) => other.username === username || (email !== null && other.email === email))
  }
}

const leads = ({ active, admin }: Account): boolean => active && admin

// By bytes, as databases order text.
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

// Name by name, so that a patch from outside cannot bring an id or a member that no account has.
function changed(row: NewAccount, patch: AccountPatch): NewAccount {
  const given = changeable.filter((name) => patch[name] !== undefined)
  const next = { ...row, ...Object.fromEntries(given.map((name) => [name, patch[name]])) }
  return { ...next, permissions: [...next.permissions] }
}

function withoutHash({ id, username, email, active, admin, permissions, createdAt }: Account): Account {
  return { id, username, email, active, admin, permissions: [...permissions], createdAt }
}
