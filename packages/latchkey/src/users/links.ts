/** Who somebody is at other issuers, said explicitly: nothing that a token claims ever binds it to a user who was here before. */
import { AuthError } from '../errors.js'
import { isIdentifier } from '../jwt/claims.js'
import type { Identity, IdentityStore } from '../stores/port.js'
import type { Clock } from '../util/time.js'

/** Somebody at another issuer. */
export interface IdentityName {
  /** The id of the issuer's row: its `id`, or its `issuer` where it has none. */
  readonly issuer: string
  /** To the letter. */
  readonly subject: string
}

/** The identities of the users of our own table. */
export interface Identities {
  /**
   * From now on tokens of that identity stand for this user. Ask for it only when the user has just proved to be both.
   * Throws `conflict` where the identity is somebody's already, or was that of a deleted user, `not_found`, `request_invalid`.
   *
   * @example
   * ```ts
   * import { createAuth } from 'latchkey'
   * const auth = createAuth({ issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '' })
   * const alice = await auth.users.byUsername('alice')
   * if (alice) await auth.identities?.link(alice.id, { issuer: 'company', subject: 'a.liddell' })
   * ```
   */
  link(userId: string, name: IdentityName): Promise<void>
  /** Takes it back, at once and everywhere. Throws `not_found` where it is not this user's. */
  unlink(userId: string, name: IdentityName): Promise<void>
  /** Who that is here: without a `userId` a deleted user, `undefined` for somebody never seen. Throws `request_invalid`. */
  find(name: IdentityName): Promise<Identity | undefined>
  /** Those of a user. */
  list(userId: string): Promise<readonly Identity[]>
}

export interface LinkParts {
  readonly identities: IdentityStore
  readonly users: { findById(id: string): Promise<object | undefined> }
  /** Makes every process read the user again. */
  readonly stale: (userId: string) => Promise<void>
  readonly clock: Clock
}

export function createLinks({ identities, users, stale, clock }: LinkParts): Identities {
  return { link, unlink, find, list: (userId) => identities.list(userId) }

  async function link(userId: string, name: IdentityName): Promise<void> {
    check(name)
    if (!(await users.findById(userId))) throw new AuthError('not_found')
    if (!(await identities.link(name.issuer, name.subject, userId, clock()))) throw new AuthError('conflict')
  }

  async function find(name: IdentityName): Promise<Identity | undefined> {
    check(name)
    return await identities.find(name.issuer, name.subject)
  }

  async function unlink(userId: string, name: IdentityName): Promise<void> {
    check(name)
    if (!(await identities.unlink(name.issuer, name.subject, userId))) throw new AuthError('not_found')
    await stale(userId)
  }
}

function check(name: IdentityName): void {
  const problems = (['issuer', 'subject'] as const)
    .filter((path) => !isIdentifier(name?.[path]))
    .map((path) => ({ path, rule: 'format' as const, message: 'Must be 1 to 255 characters.' }))
  if (problems.length > 0) throw new AuthError('request_invalid', { problems })
}
