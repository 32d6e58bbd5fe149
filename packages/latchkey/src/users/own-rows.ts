/** Rows of a users table of the application's own, checked where they come in: a wrong one is a fault of that table, and nobody's login. */
import { AuthError } from '../errors.js'
import { isIdentifier } from '../jwt/claims.js'
import type { SaidOfUser, User, UserIdentities, UserStore } from '../stores/port.js'

/** The same table with every answer checked. Throws `options_invalid` for what is no table, and `store_failed` for its faults. */
export function ownRows<U extends User>(table: UserStore<U>): UserStore<U> {
  for (const name of ['findById', 'findByLogin'] as const) {
    if (typeof table?.[name] !== 'function')
      throw new AuthError('options_invalid', { hint: `users.${name} must be a function` })
  }
  const { identities } = table
  return {
    findById,
    findByLogin,
    ...(table.setPasswordHash && { setPasswordHash }),
    ...(identities && { identities: ownIdentities(identities) }),
  }

  async function findById(id: string): Promise<U | undefined> {
    const user = userOf<U>(await ask('findById', () => table.findById(id)))
    if (user && user.id !== id) throw fault('findById', 'answered another user than the one asked for')
    return user
  }

  async function findByLogin(login: string): ReturnType<UserStore<U>['findByLogin']> {
    const found = await ask('findByLogin', () => table.findByLogin(login))
    if (found === undefined || found === null) return undefined
    const user = userOf<U>(found.user)
    if (!user) throw fault('findByLogin', 'answered no user: { user, passwordHash }')
    // Without a hash nobody can log in by password; whatever else stands there is none.
    const hash: unknown = found.passwordHash ?? null
    if (hash !== null && typeof hash !== 'string') throw fault('findByLogin', 'passwordHash must be text or null')
    return { user, passwordHash: hash }
  }

  async function setPasswordHash(id: string, hash: string, expect: string | null): Promise<boolean> {
    return (await ask('setPasswordHash', () => table.setPasswordHash?.(id, hash, expect))) === true
  }
}

/** The users of other issuers in that table, checked alike. */
function ownIdentities<U extends User>(table: UserIdentities<U>): UserIdentities<U> {
  const { create, describe, signedIn } = table
  if (typeof table.find !== 'function')
    throw new AuthError('options_invalid', { hint: 'users.identities.find must be a function' })
  return {
    async find(row, subject) {
      const found = await ask('identities.find', () => table.find(row, subject))
      return found === 'gone' ? found : userOf<U>(found)
    },
    ...(create && {
      async create(row: string, subject: string, said: SaidOfUser) {
        const made = await ask('identities.create', () => create.call(table, row, subject, said))
        if (made === 'gone') return made
        const user = userOf<U>(made?.user)
        if (!user) throw fault('identities.create', 'answered no user: { user, created }')
        return { user, created: made.created === true }
      },
    }),
    ...(describe && {
      describe: (user: U, said: SaidOfUser) => ask('identities.describe', () => describe.call(table, user, said)),
    }),
    ...(signedIn && {
      signedIn: async (id: string, at: number) =>
        (await ask('identities.signedIn', () => signedIn.call(table, id, at))) === true,
    }),
  }
}

async function ask<T>(name: string, question: () => T): Promise<Awaited<T>> {
  try {
    return await question()
  } catch (cause) {
    throw cause instanceof AuthError ? cause : fault(name, 'failed', cause)
  }
}

/** A user whom the application found by itself, checked as a row of its table is. Throws `store_failed`. */
export const knownUser = <U extends User>(user: U | null | undefined): U | undefined => userOf(user)

/** What decides who somebody is and whether they may come in has exactly the types it is declared with: 0 is not `false`. */
function userOf<U extends User>(row: U | null | undefined): U | undefined {
  if (row === undefined || row === null) return undefined
  if (typeof row !== 'object') throw fault('*', 'a user must be an object')
  const { id, active, permissions } = row as { id?: unknown; active?: unknown; permissions?: unknown }
  if (!isIdentifier(id)) throw fault('*', 'id must be text of 1 to 255 characters')
  if (active !== undefined && typeof active !== 'boolean') throw fault('*', 'active must be true or false')
  const texts = Array.isArray(permissions) && permissions.every((one) => typeof one === 'string')
  if (permissions !== undefined && !texts) throw fault('*', 'permissions must be a list of texts')
  return row
}

const fault = (name: string, what: string, cause?: unknown): AuthError =>
  new AuthError('store_failed', { hint: `users.${name}: ${what}`, ...(cause !== undefined && { cause }) })
