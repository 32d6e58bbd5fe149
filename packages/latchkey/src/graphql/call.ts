/** The call behind a context of GraphQL: for mutations of an application that do what the endpoints do. */
import { setCookies } from '../endpoints/by-hand.js'
import type { Call } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { type Caller, callerOn } from './caller.js'

/** What `auth.operations` take besides their input, and where their cookies go. */
export interface GraphqlCall<U extends User = User> extends Call<U> {
  /** Sets cookies on the answer. */
  setCookies(cookies: readonly string[]): void
}

/**
 * The call of an operation of GraphQL. Throws `options_invalid` for a context that `contextOf(auth)` or a plugin put nothing on.
 *
 * @example
 * ```ts
 * import { type Account, createAuth } from 'latchkey'
 * import { callOf } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const logout = async (_root: unknown, _args: unknown, context: object) => {
 *   const call = callOf<Account>(context)
 *   call.setCookies((await auth.operations.logout({}, call)).cookies)
 *   return true
 * }
 * ```
 */
export function callOf<U extends User = User>(context: unknown): GraphqlCall<U> {
  const caller: Caller | undefined = callerOn(context)
  if (!caller) throw new AuthError('options_invalid', { hint: 'the GraphQL context has no caller: contextOf(auth)' })
  const { head, peer, found, response } = caller
  const authentication = async (): ReturnType<Call<U>['authentication']> => found as never
  return {
    head,
    peer,
    authentication,
    setCookies: (cookies) => (response ? setCookies(response, cookies) : void caller.cookies.push(...cookies)),
  }
}
