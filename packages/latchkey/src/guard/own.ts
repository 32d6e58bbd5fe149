/** A link of the application's own: one function from a request to a user. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'
import { knownUser } from '../users/own-rows.js'
import type { Authenticator, Link } from './authenticator.js'
import { type AuthContext, contextOfOwn } from './context.js'

/** Finds the user of a request: `undefined` where it carries nothing of this kind. */
export type FindUser<U extends User = User> = (
  head: RequestHead,
  peer: Peer,
) => U | undefined | null | Promise<U | undefined | null>

/**
 * Authenticates in a way of your own: answer `undefined` for a request that carries nothing of the kind, and the next link is asked; answer
 * the user, and the request is theirs; throw an AuthError, and nobody else is asked. The function sees no cookies: other sites make
 * browsers send those, and only a link of `LinkTools` can ask whether one did. Whatever else it throws or answers is `store_failed`.
 * Throws `user_inactive` for a user who is not `active`, and `options_invalid` for what is no function.
 *
 * @example
 * ```ts
 * import { AuthError, authenticator, createAuth, jwt } from 'latchkey'
 * const machines = new Map([['the key of the till', { id: 'till-1', permissions: ['sales:add'] }]])
 * const byKey = authenticator((head) => {
 *   const key = head.header('x-api-key')
 *   if (key === undefined) return undefined
 *   const machine = machines.get(key)
 *   if (!machine) throw new AuthError('token_invalid')
 *   return machine
 * })
 * const auth = createAuth({
 *   issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '',
 *   users: { findById: async () => undefined, findByLogin: async () => undefined },
 *   authenticators: [jwt(), byKey],
 * })
 * ```
 */
export function authenticator<U extends User = User>(find: FindUser<U>): Link<U> {
  if (typeof find !== 'function')
    throw new AuthError('options_invalid', { hint: 'authenticator() takes a function from a request to a user' })
  return ({ events }): Authenticator<U> => {
    return { authenticate }

    async function authenticate(head: RequestHead, peer: Peer): Promise<AuthContext<U> | undefined> {
      const user = await ask(head, peer)
      if (!user) return undefined
      if (user.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
      if (events.has('token.verified')) events.emit('token.verified', { head, userId: user.id })
      return contextOfOwn(user, () => again(user.id, head, peer))
    }

    async function again(id: string, head: RequestHead, peer: Peer): Promise<void> {
      const user = await ask(head, peer)
      if (user?.id !== id) throw new AuthError('token_revoked', { reason: 'revoked' })
      if (user.active === false) throw new AuthError('user_inactive', { reason: 'user_disabled' })
    }
  }

  async function ask(head: RequestHead, peer: Peer): Promise<U | undefined> {
    try {
      return knownUser(await find(withoutCookies(head), peer))
    } catch (cause) {
      throw cause instanceof AuthError
        ? cause
        : new AuthError('store_failed', { hint: 'an authenticator failed', cause })
    }
  }
}

const withoutCookies = (head: RequestHead): RequestHead => ({
  method: head.method,
  header: (name) => (name === 'cookie' ? undefined : head.header(name)),
})
