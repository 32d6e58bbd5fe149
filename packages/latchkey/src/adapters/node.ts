/** The adapter for `node:http`, and for everything that is built on its requests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import type { Guard } from '../guard/guards.js'
import { headOfNode } from '../transport/head.js'
import { type AuthenticateOptions, admit, type CallerOf, decide, type Guarding, identify, refuse } from './guarding.js'
import { askedByNode, urlOf, writeAnswer } from './node-request.js'

/** The head of a Node request, for `auth.authenticate` where no adapter stands: at an upgrade, say. */
export { headOfNode } from '../transport/head.js'

/**
 * Finds out who calls and attaches it to the request (`auth.of(request)`); lets everybody through.
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
  auth: Pick<Guarding, 'authenticate' | 'peer'>,
  options?: AuthenticateOptions,
): (request: IncomingMessage, response?: ServerResponse) => void | Promise<void> {
  return (request, response) => {
    const set = (cookies: readonly string[]): void => response && setCookies(response, cookies)
    // Whoever answers without waiting lets Node write the answer while it still reads: waiting for nothing costs a sixth of a request.
    return identify(auth, request, headOfNode(request), request.socket, set, options)
  }
}

/** Asks a guard; answers the refusal itself and tells `false`, or tells `true` and leaves the answer to the application. */
export function authorize(
  auth: Pick<Guarding, 'reject'>,
  guard: Guard,
): (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>
/** A handler behind a guard about the caller that this auth found: there is one, and their types are known. What it throws and is no refusal rejects. */
export function authorize<A extends Guarding, Q extends IncomingMessage, P extends ServerResponse>(
  auth: A,
  guard: Guard,
  handler: (request: Q, response: P, caller: CallerOf<A>) => unknown,
): (request: Q, response: P) => Promise<void>
export function authorize(
  auth: Pick<Guarding, 'reject'>,
  guard: Guard,
  handler?: Handler,
): (request: IncomingMessage, response: ServerResponse) => unknown {
  if (handler) return handled(auth as Guarding, guard, handler)
  return (request, response) => {
    const stop = (error: unknown): false => {
      void writeAnswer(response, refuse(request, request.method, error, auth))
      return false
    }
    try {
      const admitted = admit(request, request.method, guard, auth)
      return admitted instanceof Promise ? admitted.then(() => true, stop) : true
    } catch (error) {
      return stop(error)
    }
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse, caller: never) => unknown

const handled =
  (...given: readonly [Guarding, Guard, Handler]) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await decide<Handler, unknown>(request, request.method, given, {
      pass: () => Promise.reject(new Error('there is a handler')),
      handle: (handler, caller) => handler(request, response, caller),
      answer: (rejection) => writeAnswer(response, rejection),
      fail: (error) => Promise.reject(error),
    })
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
