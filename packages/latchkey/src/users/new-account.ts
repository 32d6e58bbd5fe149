/** A new account: what was given is checked as a whole first, and only then hashed and made into a row. */
import { AuthError, type Problem } from '../errors.js'
import type { Account, NewAccount } from '../stores/port.js'
import { randomId } from '../util/bytes.js'
import type { Clock } from '../util/time.js'
import { readForeign } from './foreign-hash.js'
import type { Hasher } from './passwords.js'
import { readHash, standardForm } from './phc.js'
import { canonicalLogin, checkEmail, checkNewPassword, checkUsername } from './policy.js'

/** A new account, as an administrator or the command line gives it. */
export interface AccountInput {
  readonly username: string
  /** Without a password and a hash nobody can log in by password. */
  readonly password?: string | undefined
  readonly email?: string | null | undefined
  readonly admin?: boolean | undefined
  readonly permissions?: readonly string[] | undefined
  /** Imports keep their ids. */
  readonly id?: string | undefined
  /** Imports keep their hashes, of argon2 or as Django writes them; what is not made as ours is renewed at the next login. */
  readonly passwordHash?: string | null | undefined
}

/** Throws `request_invalid` with every problem, named by path and never by value. */
export function checkAccount(input: AccountInput, needsPassword = false): void {
  refuse(accountProblems(input, needsPassword))
}

/** Every problem of an input, named by path and never by value. */
export function accountProblems(input: AccountInput, needsPassword = false): readonly Problem[] {
  const { username, email } = input
  const secret = checkSecret(input, needsPassword)
  return [...checkUsername(username), ...checkEmail(email), ...secret, ...checkRest(input)]
}

/** The row of an input that was checked. */
export async function newAccount(input: AccountInput, hasher: Hasher, clock: Clock): Promise<NewAccount> {
  const { password, email, permissions = [] } = input
  return {
    id: input.id ?? randomId(),
    username: canonicalLogin(input.username),
    email: email === undefined || email === null ? null : canonicalLogin(email),
    active: true,
    admin: input.admin ?? false,
    permissions: [...new Set(permissions)],
    createdAt: clock(),
    attributes: {},
    lastLoginAt: null,
    passwordHash: password === undefined ? (input.passwordHash ?? null) : await hasher.hash(password),
  }
}

/** What the world may see of a row that was just made: all but the hash. Nobody is born into a group. */
export function accountOf({ passwordHash: _, ...account }: NewAccount): Account {
  return { ...account, granted: account.permissions, groups: [] }
}

/** What is wrong with permissions: words of letters, digits and `: . _ - / *`, as in `posts:write` and `posts:*`. */
export function checkPermissions(permissions: readonly unknown[]): Problem[] {
  return permissions.flatMap((permission, i): Problem[] => {
    if (typeof permission === 'string' && /^[\w:./*-]{1,255}$/.test(permission)) return []
    return [{ path: `permissions[${i}]`, rule: 'format', message: 'Not a permission such as posts:write.' }]
  })
}

/** Throws `request_invalid` where there are problems. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new AuthError('request_invalid', { problems })
}

function checkSecret({ password, passwordHash, username, email }: AccountInput, needed: boolean): Problem[] {
  const path = 'passwordHash'
  if (needed || password !== undefined) {
    const both: Problem = { path, rule: 'unknown', message: 'Either a password or its hash.' }
    const about = { username: textOf(username), email: textOf(email) }
    return [...checkNewPassword(password, about), ...(passwordHash === undefined ? [] : [both])]
  }
  if (passwordHash === undefined || passwordHash === null) return []
  // A hash that could never be verified, or would stop the process for a minute, is refused where it comes in.
  if (typeof passwordHash === 'string' && isVerifiable(passwordHash)) return []
  return [{ path, rule: 'format', message: 'Not a hash that can be verified here, within the limits.' }]
}

/** Whether somebody could log in by it. */
const isVerifiable = (stored: string): boolean => Boolean(readHash(standardForm(stored)) ?? readForeign(stored))

function checkRest({ id, admin, permissions }: AccountInput): Problem[] {
  const problems: Problem[] = []
  if (id !== undefined && !(typeof id === 'string' && /^[^\p{C}]{1,255}$/u.test(id))) {
    problems.push({ path: 'id', rule: 'format', message: 'Must be 1-255 characters.' })
  }
  if (admin !== undefined && typeof admin !== 'boolean') {
    problems.push({ path: 'admin', rule: 'type', message: 'Must be true or false.' })
  }
  if (permissions === undefined) return problems
  if (!Array.isArray(permissions))
    return [...problems, { path: 'permissions', rule: 'type', message: 'Must be a list.' }]
  return [...problems, ...checkPermissions(permissions)]
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
