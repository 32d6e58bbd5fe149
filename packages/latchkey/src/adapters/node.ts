/** The adapter for `node:http`, and for everything that is built on its requests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import { AuthError } from '../errors.js'
import { attach, attachedLast } from '../guard/attached.js'
import type { Authentication } from '../guard/authenticator.js'
import type { Guard } from '../guard/guards.js'
import { headOfNode } from '../transport/head.js'
import { askedByNode, urlOf, writeAnswer } from './node-request.js'

/**
 * Finds out who calls and attaches it to the request (`auth.of(request)`); lets everybody through. The response is for the cookies of a
 * silent refresh.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createAuth, signedIn } from 'latchkey'
 * import { authenticate, authorize, mount } from 'latchkey/node'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const [identify, admit, endpoints] = [authenticate(auth), authorize(auth, signedIn), mount(auth)]
 * createServer(async (request, response) => {
 *   if (await endpoints(request, response)) return
 *   await identify(request, response)
 *   if (!(await admit(request, response))) return
 *   response.end(`hello ${auth.of(request)?.subject}`)
 * })
 * ```
 */
export function authenticate(
  auth: Pick<Auth, 'authenticate' | 'peer'>,
): (request: IncomingMessage, response?: ServerResponse) => void | Promise<void> {
  return (request, response) => {
    const head = headOfNode(request)
    const found = auth.authenticate(head, auth.peer(request.socket.remoteAddress, head))
    // Whoever answers without waiting lets Node write the answer while it still reads: waiting for nothing costs a sixth of a request.
    return found instanceof Promise ? found.then((one) => known(one)) : known(found)

    function known(one: Authentication): void {
      if (one.delivery && response) setCookies(response, one.delivery.cookies)
      attach(request, auth, one)
    }
  }
}

/** Asks a guard; answers the refusal itself and tells `false`, or tells `true` and leaves the answer to the application. */
export function authorize(
  auth: Pick<Auth, 'reject'>,
  guard: Guard,
): (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean> {
  return (request, response) => {
    const refuse = (error: unknown) => {
      void writeAnswer(response, auth.reject(error, { method: request.method ?? 'GET' }))
      return false
    }
    try {
      return admit(request, request.method, guard)?.then(() => true, refuse) ?? true
    } catch (error) {
      return refuse(error)
    }
  }
}

/** The endpoints: answers and tells `true`, or tells `false` for a path that is none of theirs. */
export function mount(auth: Auth): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const url = urlOf(request)
    if (!auth.serves(url.pathname)) return false
    const asked = askedByNode(request, url)
    const answer = await auth.answer(asked, auth.peer(request.socket.remoteAddress, asked.head))
    if (!answer) return false
    await writeAnswer(response, answer)
    return true
  }
}

/** What every adapter's `authorize` does: the caller must have been looked for, and the guard must pass. */
export function admit(request: object, method: string | undefined, guard: Guard): void | Promise<void> {
  const found = attachedLast(request)
  if (!found) throw new AuthError('options_invalid', { hint: 'authorize() needs authenticate() before it' })
  const { context, failure } = found.authentication
  if (failure && !context) throw failure
  return guard(context, { method: method ?? 'GET' })
}
