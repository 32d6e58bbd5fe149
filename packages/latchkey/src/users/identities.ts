/** The users behind identities of other issuers, in our own table: found by (row, subject) and by nothing else. */
import type { Account, IdentityStore, NewAccount, SaidOfUser, Stores, UserIdentities } from '../stores/port.js'
import { randomId } from '../util/bytes.js'
import type { Clock } from '../util/time.js'
import { canonicalLogin, checkEmail, checkUsername } from './policy.js'

type Wishes = Pick<SaidOfUser, 'username' | 'email'>

/** A name or an address that somebody has is theirs: it never leads to them, the new user gets another or none. */
export function accountIdentities(
  identities: Pick<IdentityStore, 'find' | 'provision'>,
  users: Pick<Stores['users'], 'findById' | 'signedIn' | 'change'>,
  clock: Clock,
): Required<UserIdentities<Account>> {
  return { find, create, describe, signedIn: users.signedIn }

  async function find(row: string, subject: string): Promise<Account | 'gone' | undefined> {
    const identity = await identities.find(row, subject)
    return identity && (await accountOf(identity.userId))
  }

  async function create(row: string, subject: string, said: SaidOfUser) {
    const id = randomId()
    for (const wishes of wishesOf(said, id)) {
      const made = await identities.provision(row, subject, newAccount(id, wishes, said.attributes))
      if (made === 'taken') continue
      const user = await accountOf(made.identity.userId)
      return user === 'gone' ? user : { user, created: made.created }
    }
    throw new Error('no name was free, not even a random one')
  }

  /** Only what this issuer is listed for: another one may know the same user, and say other things. */
  async function describe(user: Account, { attributes: said, listed }: SaidOfUser): Promise<void> {
    const others = Object.entries(user.attributes).filter(([name]) => !listed.includes(name))
    const attributes = { ...Object.fromEntries(others), ...said }
    if (JSON.stringify(sorted(user.attributes)) !== JSON.stringify(sorted(attributes)))
      await users.change(user.id, { attributes }, {})
  }

  /** A tombstone, and a row that vanished between two reads, are the same: that user was deleted. */
  async function accountOf(id: string | null): Promise<Account | 'gone'> {
    return (id === null ? undefined : await users.findById(id)) ?? 'gone'
  }

  function newAccount(id: string, { username, email }: Wishes, attributes: Account['attributes']): NewAccount {
    const nobody = { active: true, admin: false, permissions: [], passwordHash: null, lastLoginAt: null }
    return {
      id,
      username: username ?? id.toLowerCase(),
      email: email ?? null,
      ...nobody,
      createdAt: clock(),
      attributes,
    }
  }
}

/** From what the issuer says to what is free for certain. */
function wishesOf(said: Wishes, id: string): Wishes[] {
  const username = fit(said.username, checkUsername)
  const email = fit(said.email, checkEmail)
  const other = username && fit(`${username}-${id.slice(0, 6)}`, checkUsername)
  const names = username === undefined ? [undefined] : [username, other, undefined]
  const all = names.flatMap((name) => [
    { username: name, email },
    { username: name, email: undefined },
  ])
  return email === undefined ? all.filter((_, at) => at % 2 === 0) : all
}

const fit = (text: string | undefined, check: (text: string) => readonly unknown[]): string | undefined =>
  text !== undefined && check(text).length === 0 ? canonicalLogin(text) : undefined

const sorted = (attributes: Account['attributes']): unknown[] =>
  Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1))
