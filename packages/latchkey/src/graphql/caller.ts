/** Who calls, on the context of GraphQL: `auth` for resolvers, and beside it what nobody else needs to see. */
import { AuthError } from '../errors.js'
import type { Authentication } from '../guard/authenticator.js'
import type { AuthContext } from '../guard/context.js'
import type { User } from '../stores/port.js'
import type { Peer, RequestHead } from '../transport/head.js'

/** What resolvers find on their context. */
export interface GraphqlContext<U extends User = User, C extends object = object> {
  /** Who calls; `undefined` for an anonymous caller, and for one whose credential is not good. */
  readonly auth: AuthContext<U, C> | undefined
}

/** Shared by both builds; copied along where an application spreads the context into its own. */
export const CALLER: symbol = Symbol.for('latchkey.graphql.caller')

/** What the request said of its caller. */
export interface Caller {
  readonly head: RequestHead
  readonly peer: Peer
  readonly found: Authentication
  /** Why the credential of the request is not good. */
  failure: AuthError | undefined
  /** Cookies that the answer has to set, where no response is at hand yet. */
  readonly cookies: string[]
  /** The response of the server, where it is known: cookies go there. */
  readonly response: object | undefined
  /** Judges the credential again: for contexts that live longer than a request. */
  again: () => Promise<Judged>
}

export interface Judged {
  readonly auth: AuthContext | undefined
  readonly failure: AuthError | undefined
}

/** What of the caller is on a context; throws `options_invalid` for a context that nothing was put on. */
export function judgedBy(context: unknown): Judged {
  if (typeof context !== 'object' || context === null || !('auth' in context))
    throw new AuthError('options_invalid', { hint: 'the GraphQL context has no `auth`: contextOf(auth) puts it there' })
  const auth = (context as GraphqlContext).auth
  return { auth, failure: auth ? undefined : callerOn(context)?.failure }
}

export const callerOn = (context: unknown): Caller | undefined =>
  typeof context === 'object' && context !== null ? (context as { [CALLER]?: Caller })[CALLER] : undefined

/**
 * What an application put on its context, and who calls. Not by spreading: to what was made that way V8 adds each further member, as every
 * server does, by a road that takes microseconds.
 */
export const withCaller = (own: object | null | undefined, known: GraphqlContext): GraphqlContext =>
  Object.assign({}, own, known)

/** Judges the caller of a context again and leaves the verdict on it. */
export async function judgeAgain(context: unknown): Promise<void> {
  const caller = callerOn(context)
  if (!caller) return
  const { auth, failure } = await caller.again()
  caller.failure = failure
  ;(context as { auth: AuthContext | undefined }).auth = auth
}
