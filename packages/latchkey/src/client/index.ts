/** The door for browsers: sign in, fetch with one refresh for all tabs, sign out everywhere. No dependency, no code of the server. */
import { createClientIn } from './client.js'
import type { Client, ClientOptions, ClientUser, Identified } from './types.js'

export type { CheckAnswer, ProblemAnswer } from '../endpoints/wire.js'
export { isRefused, type Refused } from './refused.js'
export type { Client, ClientOptions, ClientUser, Identified, LoginInput } from './types.js'

/**
 * A client of the API whose endpoints stand at `base`: a path of the page's own origin, or an absolute address. Nothing is asked before a method
 * is called. On a server, without a page, nobody is signed in.
 *
 * @example
 * ```ts
 * import { createClient } from 'latchkey/client'
 * const api = createClient('/auth')
 * await api.login({ username: 'ada', password: 'analytical engine' })
 * const response = await api.fetch('/posts', { method: 'POST', body: JSON.stringify({ title: 'Notes' }) })
 * console.log(api.user?.id, response.status)
 * ```
 */
export function createClient<U extends Identified = ClientUser>(
  base: string | URL,
  options?: ClientOptions,
): Client<U> {
  return createClientIn<U>(globalThis as never, base, options)
}
