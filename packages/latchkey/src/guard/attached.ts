/** What an adapter found out about a request, kept on the request itself: no global types are merged, and two auths can share one application. */
import type { Authentication } from './authenticator.js'

/** Shared by both builds of the library, so that an ESM adapter reads what a CommonJS one attached. */
const ATTACHED: symbol = Symbol.for('latchkey.attached')

export interface Attached {
  readonly auth: object
  readonly authentication: Authentication
  /** Whether refusals go to the error handler of the application. */
  readonly passes: boolean
  readonly next: Attached | undefined
}

type Carrier = { [ATTACHED]?: Attached }

/** Attaches what an auth found out, instead of what it found out before; the latest stands first. */
export function attach(request: object, auth: object, authentication: Authentication, passes = false): void {
  const carrier = request as Carrier
  carrier[ATTACHED] = { auth, authentication, passes, next: without(auth, carrier[ATTACHED]) }
}

/** What this auth found out about the request; `undefined` if it never looked. */
export const attachedBy = (request: object, auth: object): Authentication | undefined =>
  attached(request, auth)?.authentication

/** What was found out, with the auth that did: this one, or the one that looked last. */
export function attached(request: object, auth?: object): Attached | undefined {
  let one = (request as Carrier)[ATTACHED]
  while (one && auth && one.auth !== auth) one = one.next
  return one
}

function without(auth: object, one: Attached | undefined): Attached | undefined {
  if (!one) return undefined
  return one.auth === auth ? one.next : { ...one, next: without(auth, one.next) }
}
