/** The accounts of our own users table, as the command line, registration and `auth.users` need them. */
import { AuthError, type Problem } from '../errors.js'
import type { Account, AccountPatch, NewAccount } from '../stores/port.js'
import type { Peer } from '../transport/head.js'
import { randomId } from '../util/bytes.js'
import type { Clock } from '../util/time.js'
import type { AccountImport } from './import.js'
import { type AccountInput, accountOf, checkAccount, checkPermissions, newAccount, refuse } from './new-account.js'
import { createPasswordChange, type PasswordChange, type PasswordParts } from './password-change.js'
import { canonicalLogin, isImpossibleLogin } from './policy.js'

export interface AccountsParts extends PasswordParts {
  readonly clock: Clock
  /** Makes the tokens of a user stale after the permissions changed. */
  stale?(userId: string): Promise<void>
}

/** The accounts of our own users table. */
export interface Accounts extends PasswordChange, AccountImport {
  /** Throws `request_invalid` with the problems, `conflict` where the id, the user name or the address is taken. */
  create(input: AccountInput): Promise<Account>
  /**
   * As `create`, from a stranger: `username`, `password` and `email` and nothing else. A taken name is told (`conflict`), and
   * whoever asks for many, or for one again and again, is slowed down as at the login (`login_throttled`).
   */
  register(input: unknown, peer?: Peer): Promise<Account>
  /** The account of a user name, in any spelling; `undefined` if there is none. */
  byUsername(username: string): Promise<Account | undefined>
  /** The account of an id; `undefined` if there is none. */
  byId(id: string): Promise<Account | undefined>
  /** By user name, ascending, after the given one; 100 by default. */
  list(after?: string, limit?: number): Promise<readonly Account[]>
  /** Keeps a user out everywhere, at once. May be repeated. Throws `not_found`, and `conflict` for the last administrator. */
  disable(id: string): Promise<void>
  /** Lets a user in again; sessions that were ended stay so. Throws `not_found`. */
  enable(id: string): Promise<void>
  /**
   * Deletes a user, and ends every session. The name and the address are free again; API tokens are revoked, and whoever the user
   * was at other issuers stays out. Throws `conflict` for the last administrator, and `not_found`, also when repeated.
   */
  remove(id: string): Promise<void>
  /** Adds permissions. Throws `not_found`, `request_invalid`, and `conflict` where others change them all the time. */
  grant(id: string, permissions: readonly string[]): Promise<Account>
  /**
   * Takes permissions away that were granted to this user; those that are not there do not matter, and those of a group stay.
   * Throws as `grant` does.
   */
  take(id: string, permissions: readonly string[]): Promise<Account>
}

/** Makes the accounts of a process, but for how others arrive. */
export function createAccounts(parts: AccountsParts): Omit<Accounts, keyof AccountImport> {
  const { store, hasher, clock, events, end, stale, throttle } = parts
  return {
    ...createPasswordChange(parts),
    create: (input) => create(input),
    register,
    byUsername,
    byId: (id) => store.findById(id),
    list: (after = '', limit = 100) => store.list(after, limit),
    disable,
    enable,
    remove,
    grant: (id, permissions) => permit(id, permissions, (now) => [...new Set([...now, ...permissions])]),
    take: (id, permissions) => permit(id, permissions, (now) => now.filter((one) => !permissions.includes(one))),
  }

  async function register(input: unknown, peer?: Peer): Promise<Account> {
    const asked = registration(input)
    checkAccount(asked, true)
    await throttle.consume({ account: asked.username, address: peer?.address })
    return create(asked, true)
  }

  async function create(input: AccountInput, needsPassword?: boolean): Promise<Account> {
    checkAccount(input, needsPassword)
    const row = await newAccount(input, hasher, clock)
    if (!(await insert(row))) throw new AuthError('conflict')
    const account = accountOf(row)
    events.emit('user.created', { userId: account.id, user: account })
    return account
  }

  // The first administrator uses up the bootstrap code, however it is made: a printed code must not stay a way in.
  async function insert(row: NewAccount): Promise<boolean> {
    const offer = row.admin ? await store.offerBootstrap(randomId()) : undefined
    if (!offer || offer.used) return await store.create(row)
    const claimed = await store.claimBootstrap(offer.nonce, row)
    if (claimed === 'taken') return false
    return claimed || (await store.create(row))
  }

  async function byUsername(username: string): Promise<Account | undefined> {
    if (isImpossibleLogin(username)) return undefined
    const canonical = canonicalLogin(username)
    const user = (await store.findByLogin(canonical))?.user
    return user?.username === canonical ? user : undefined
  }

  async function disable(id: string): Promise<void> {
    const account = await found(id)
    if (account.active && !(await store.change(id, { active: false }, { active: true }))) {
      if ((await found(id)).active) throw lastAdministrator()
    }
    // Also for one who was disabled before: that attempt may have died between the change and this.
    await end(id, 'disabled')
  }

  async function enable(id: string): Promise<void> {
    if (!(await store.change(id, { active: true }, {}))) throw new AuthError('not_found')
  }

  async function remove(id: string): Promise<void> {
    const removed = await store.remove(id)
    if (!removed && (await store.findById(id))) throw lastAdministrator()
    // Also for one who is gone: that attempt may have died between the deletion and this.
    await end(id, 'deleted')
    if (!removed) throw new AuthError('not_found')
  }

  async function permit(
    id: string,
    named: readonly string[],
    next: (now: readonly string[]) => readonly string[],
  ): Promise<Account> {
    refuse(checkPermissions(named))
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const account = await found(id)
      const patch: AccountPatch = { permissions: next(account.granted) }
      if (await store.change(id, patch, { permissions: account.granted })) {
        await stale?.(id)
        return await found(id)
      }
    }
    throw new AuthError('conflict')
  }

  async function found(id: string): Promise<Account> {
    const account = await store.findById(id)
    if (!account) throw new AuthError('not_found')
    return account
  }
}

const lastAdministrator = (): AuthError => new AuthError('conflict', { hint: 'the last active administrator' })

// What a stranger may say of himself. Everything else is refused by name: no row is written with a member nobody looked at.
function registration(input: unknown): AccountInput {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AuthError('request_invalid', {
      problems: [{ path: '', rule: 'type', message: 'This must be an object.' }],
    })
  }
  const { username, password, email } = input as Record<'username' | 'password' | 'email', never>
  const unknown = Object.keys(input).filter((name) => !['username', 'password', 'email'].includes(name))
  refuse(
    unknown.map((name): Problem => ({ path: name.slice(0, 64), rule: 'unknown', message: 'This is not known here.' })),
  )
  return { username, password, email }
}
