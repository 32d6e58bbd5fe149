/** Who a test calls as: a user of the application's table, found or made, and what the token says besides. */
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import type { Claims } from '../jwt/jws.js'
import type { Account, User, UserStore } from '../stores/port.js'
import type { Accounts } from '../users/accounts.js'

/** Who calls. Everything may be left out. */
export interface TestPerson<U extends User = User, C extends object = object> {
  /** The id of the user. Default `test-user`. In our own table whoever is not there is created. */
  readonly sub?: string
  /** The user, where a test has them at hand. */
  readonly user?: U
  /** For a user who is created; default: the id. */
  readonly username?: string
  readonly email?: string
  /** What a user who is created may do; of anybody else the token says it. */
  readonly permissions?: readonly string[]
  /** The token says it. */
  readonly groups?: readonly string[]
  /** What the token is granted. */
  readonly scopes?: readonly string[]
  /** Other claims of the token, in place of those that it would have; `undefined` takes one away. */
  readonly claims?: Partial<C> & Claims
}

/** A person of our own table or of the application's, and the claims that the row does not bring. */
export interface Known<U extends User> {
  readonly user: U
  readonly claims: Claims
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the users table is.
type AnyAuth = Auth<any, any, unknown>

/** Our own table, where the application has none. */
export function accountsOf(auth: AnyAuth): Accounts | undefined {
  const users = auth.users as object
  return 'byUsername' in users && 'register' in users ? (users as Accounts) : undefined
}

/** Throws a TypeError for somebody who is not in the application's own table. */
export async function known<U extends User>(auth: AnyAuth, person: TestPerson<U>): Promise<Known<U>> {
  const { user, sub = 'test-user', permissions, groups, claims } = person
  const said: Claims = { ...(groups && { groups }), ...claims }
  const found = user ?? (await find<U>(auth, sub))
  if (found) return { user: found, claims: { ...(permissions && { permissions }), ...said } }
  const accounts = accountsOf(auth)
  if (!accounts) {
    throw new TypeError(`findById('${sub}') found nobody: give \`sub\` the id of a user of your table, or \`user\``)
  }
  return { user: (await created(accounts, { ...person, sub })) as unknown as U, claims: said }
}

/** Tests that run at once may want the same person: the second finds whom the first created. */
async function created(accounts: Accounts, { sub, username = sub, email, permissions }: Wanted): Promise<Account> {
  try {
    return await accounts.create({ id: sub, username, email, permissions })
  } catch (error) {
    const there = error instanceof AuthError && error.code === 'conflict' ? await accounts.byId(sub) : undefined
    if (!there) throw error
    return there
  }
}

type Wanted = Pick<TestPerson, 'username' | 'email' | 'permissions'> & { readonly sub: string }

async function find<U extends User>(auth: AnyAuth, id: string): Promise<U | undefined> {
  const accounts = accountsOf(auth)
  return (await (accounts ? accounts.byId(id) : (auth.users as UserStore).findById(id))) as U | undefined
}
