/** Signing in: login and password to a user, with the same work and the same answer for everybody who is not let in. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { User, UserStore } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'
import type { Hasher } from './passwords.js'
import { canonicalLogin, isImpossibleLogin, isTooLong, noText } from './policy.js'
import type { Throttle } from './throttle.js'

/** What was typed into a login form. */
export interface Credentials {
  readonly login: string
  readonly password: string
}

/** What a way to sign in may use. `head` has no `Authorization` and no `Cookie`: a token never buys a login, nor hinders one. */
export interface LoginTools<U extends User = User> {
  readonly users: UserStore<U>
  readonly hasher: Hasher
  readonly head: RequestHead
  readonly peer: Peer
}

/**
 * A way to sign in: `undefined` means "not mine" or "no", and the next is asked; the first that answers wins. A thrown
 * AuthError ends the login with it; anything else thrown is a dependency that failed, and becomes `store_failed`.
 */
export interface LoginMethod<U extends User = User> {
  readonly name: string
  /** The user, or `undefined` to let the next method try. */
  login(credentials: Credentials, tools: LoginTools<U>): Promise<U | undefined>
}

export interface LoginParts<U extends User = User> {
  readonly users: UserStore<U>
  readonly methods: readonly LoginMethod<U>[]
  readonly throttle: Throttle
  readonly hasher: Hasher
  readonly events: Events
  /** True for our own users table: methods get the login in its one spelling. False: as typed. */
  readonly canonical: boolean
}

/**
 * Throws `login_failed` alike for unknown, wrong, inactive and passwordless; `login_throttled`, `overloaded` and
 * `store_failed` with nobody signed in; `request_invalid` for what is not text.
 */
export type Login<U extends User = User> = (
  input: Credentials,
  head: RequestHead,
  peer: Peer,
) => Promise<{ readonly user: U; readonly by: string }>

/** Signs in by the password of the users table, and renews hashes made with other parameters than today's. */
export function passwords<U extends User = User>(): LoginMethod<U> {
  return { name: 'password', login }

  async function login({ login, password }: Credentials, tools: LoginTools<U>): Promise<U | undefined> {
    const found = await tools.users.findByLogin(login)
    const welcome = found?.user.active !== false
    const { ok, outdated } = await tools.hasher.verify(found?.passwordHash, password, welcome)
    if (!found || !ok) return undefined
    // Not for the inactive: the second hash would tell that the password was right.
    if (outdated && welcome) await renew(found.user.id, password, found.passwordHash, tools)
    return found.user
  }

  // Only over the hash that was verified: a password that was changed meanwhile stays changed. Failing harms nobody, the next login tries again.
  async function renew(id: string, password: string, old: string | null, { users, hasher }: LoginTools<U>) {
    try {
      if (users.setPasswordHash) await users.setPasswordHash(id, await hasher.hash(password), old)
    } catch {}
  }
}

/** Makes the one login that all doors share. */
export function createLogin<U extends User = User>(parts: LoginParts<U>): Login<U> {
  const { users, methods, throttle, hasher, events, canonical } = parts
  return login

  async function login(input: Credentials, whole: RequestHead, peer: Peer): Promise<{ user: U; by: string }> {
    requireText(input)
    const head = withoutCredentials(whole)
    try {
      const answer = await decide(input, { users, hasher, head, peer })
      events.emit('login.succeeded', { head, user: answer.user, userId: answer.user.id, by: answer.by })
      return answer
    } catch (error) {
      if (error instanceof AuthError) events.emit('login.failed', { head, error, login: input.login.slice(0, 254) })
      throw error
    }
  }

  async function decide({ login, password }: Credentials, tools: LoginTools<U>): Promise<{ user: U; by: string }> {
    // Nobody can have these, and the length is the caller's own: this tells nothing and costs nothing.
    if (isImpossibleLogin(login) || isTooLong(password)) throw new AuthError('login_failed')
    const attempt = { account: login, address: tools.peer.address }
    await throttle.consume(attempt)
    const credentials = { login: canonical ? canonicalLogin(login) : login, password }
    for (const method of methods) {
      const user = await ask(method, credentials, tools)
      // Inactive is looked at after the password, and goes on like a wrong one, so that the work is the same.
      if (!user || user.active === false) continue
      await throttle.reward(attempt)
      return { user, by: method.name }
    }
    throw new AuthError('login_failed')
  }
}

async function ask<U extends User>(method: LoginMethod<U>, credentials: Credentials, tools: LoginTools<U>) {
  try {
    return await method.login(credentials, tools)
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    throw new AuthError('store_failed', { hint: `the login method '${method.name}' failed`, cause })
  }
}

function requireText({ login, password }: Partial<Record<keyof Credentials, unknown>>): void {
  const problems = Object.entries({ login, password }).flatMap(([path, value]) =>
    typeof value === 'string' ? [] : noText(path, value),
  )
  if (problems.length > 0) throw new AuthError('request_invalid', { problems })
}

function withoutCredentials(head: RequestHead): RequestHead {
  // Whoever is not held by the type may spell a name in capitals, and the head below would understand.
  const hidden = (name: string) => /^(?:authorization|cookie)$/i.test(name)
  return { method: head.method, header: (name) => (hidden(name) ? undefined : head.header(name)) }
}
