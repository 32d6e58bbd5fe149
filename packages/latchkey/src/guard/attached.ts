/** What an adapter found out about a request, kept on the request itself: no global types are merged, and two auths can share one application. */
import type { Authentication } from './authenticator.js'

/** Shared by both builds of the library, so that an ESM adapter reads what a CommonJS one attached. */
const ATTACHED: symbol = Symbol.for('latchkey.attached')

interface Attached {
  readonly auth: object
  readonly authentication: Authentication
  readonly next: Attached | undefined
}

type Carrier = { [ATTACHED]?: Attached }

/** Attaches what an auth found out; the latest stands first. */
export function attach(request: object, auth: object, authentication: Authentication): void {
  const carrier = request as Carrier
  carrier[ATTACHED] = { auth, authentication, next: carrier[ATTACHED] }
}

/** What this auth found out about the request; `undefined` if it never looked. */
export function attachedBy(request: object, auth: object): Authentication | undefined {
  for (let one = (request as Carrier)[ATTACHED]; one; one = one.next) if (one.auth === auth) return one.authentication
  return undefined
}

/** What was found out last, with the auth that did. */
export const attachedLast = (request: object): Attached | undefined => (request as Carrier)[ATTACHED]
