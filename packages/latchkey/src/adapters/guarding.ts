/** What every adapter does around its framework: find out who calls, ask the guard, and send a refusal down the right road. */
import type { Auth } from '../auth.js'
import { toResponse } from '../endpoints/fetch.js'
import type { Rejection } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import { attach, attached } from '../guard/attached.js'
import type { Authentication } from '../guard/authenticator.js'
import type { AuthContext } from '../guard/context.js'
import type { Guard } from '../guard/guards.js'
import { passed as hasPassed } from '../guard/strict.js'
import type { User } from '../stores/port.js'
import type { RequestHead } from '../transport/head.js'

/** What `authenticate` of an adapter may be told. */
export interface AuthenticateOptions {
  /**
   * `answer`: a refusal at a guard is answered as the endpoints answer theirs (default). `pass`: it goes to the error handler of the
   * application as a `PassedError`, the way the framework's own errors go.
   */
  readonly errors?: 'answer' | 'pass'
}

/** A refusal for the error handler of the application: an AuthError with what frameworks read from errors. */
export interface PassedError extends AuthError {
  readonly statusCode: number
  /** The challenge, `Retry-After` and what keeps caches away. */
  readonly headers: Readonly<Record<string, string>>
  /** The message may be shown. */
  readonly expose: true
  /** The answer that Latchkey would have given. */
  getResponse(): Response
}

/** As much of an auth as a guard needs: `remoteAuth` has it, too. */
export interface Guarding<U extends User = User, C extends object = object> {
  /** Who makes a request. */
  readonly authenticate: Auth<U, C>['authenticate']
  /** What an adapter attached to a request. */
  readonly of: Auth<U, C>['of']
  /** How a refusal is answered. */
  readonly reject: Auth['reject']
  /** The client at the other end of a socket. */
  readonly peer: Auth['peer']
}

/** The caller behind a guard, typed by the auth that found them. */
export type CallerOf<A extends Pick<Guarding, 'of'>> = NonNullable<ReturnType<A['of']>>

/** The user of a caller, typed by the auth that found them: for the `@CurrentUser()` of NestJS, say. */
export type UserOf<A extends Pick<Guarding, 'of'>> = Awaited<ReturnType<CallerOf<A>['user']>>

/** Looks who calls and attaches it to what carries it. A promise only where something has to be waited for. */
export function identify(
  auth: Pick<Guarding, 'authenticate' | 'peer'>,
  carrier: object,
  head: RequestHead,
  socket: { readonly remoteAddress?: string | undefined } | undefined,
  setCookies: (cookies: readonly string[]) => void,
  { errors }: AuthenticateOptions = {},
  again = false,
): void | Promise<void> {
  const before = attached(carrier, auth)
  // Once for a request: a second look might refresh a second time.
  if (before && !again) return attach(carrier, auth, before.authentication, errors === 'pass')
  const found = auth.authenticate(head, auth.peer(socket?.remoteAddress, head))
  return found instanceof Promise ? found.then(known, (error) => known(failed(error))) : known(found)

  function known(authentication: Authentication): void {
    attach(carrier, auth, authentication, errors === 'pass')
    if (authentication.delivery) setCookies(authentication.delivery.cookies)
  }
}

/** A store that cannot be opened is a refusal at the guards, and none where nobody has to be known. */
function failed(error: unknown): Authentication {
  if (error instanceof AuthError) return { failure: error }
  throw error
}

/** Asks the guard about whoever was found, and answers the caller. */
export function admit(
  carrier: object,
  method: string | undefined,
  guard: Guard,
  auth?: object,
): AuthContext | undefined | Promise<AuthContext | undefined> {
  const found = attached(carrier, auth)
  if (!found) throw new AuthError('options_invalid', { hint: 'authorize() needs authenticate() before it' })
  const { context, failure } = found.authentication
  if (failure && !context) throw failure
  const asked = hasPassed(guard(context, { method: method ?? 'GET', on: carrier }))
  return asked instanceof Promise ? asked.then(() => context) : context
}

/** What the two forms of `authorize` were called with: a guard, or the auth it asks, the guard and a handler. */
export type Given<H> = readonly [Guard] | readonly [Guarding, Guard, H]

/** The ways on from a guard. */
export interface Ways<H, R> {
  /** It passed: on to what comes next. */
  pass(): R
  /** It passed, and there is a handler, which is promised a caller. */
  handle(handler: H, caller: never): unknown
  answer(rejection: Rejection): R
  /** The error is for the application. */
  fail(error: unknown): R
}

/** Asks the guard and takes one of the ways; at once where nothing has to be waited for. */
export function decide<H, R>(
  carrier: object,
  method: string | undefined,
  given: Given<H>,
  ways: Ways<H, R>,
): R | Promise<Awaited<R>> {
  const [auth, guard, handler] = given.length === 1 ? [undefined, given[0], undefined] : given
  let admitted: AuthContext | undefined | Promise<AuthContext | undefined>
  try {
    admitted = admit(carrier, method, guard, auth)
  } catch (error) {
    return stop(error)
  }
  return admitted instanceof Promise ? (admitted.then(pass, stop) as Promise<Awaited<R>>) : pass(admitted)

  function pass(caller: AuthContext | undefined): R {
    if (!handler) return ways.pass()
    return caller ? (handle(handler, caller) as R) : stop(new AuthError('credential_missing'))
  }

  /** A guard that the handler asks itself, about one object, refuses as this one would. */
  async function handle(given: H, caller: AuthContext): Promise<unknown> {
    try {
      return await ways.handle(given, caller as never)
    } catch (error) {
      return error instanceof AuthError ? stop(error) : ways.fail(error)
    }
  }

  function stop(error: unknown): R {
    let rejection: Rejection
    try {
      rejection = refuse(carrier, method, error, auth)
    } catch (passed) {
      return ways.fail(passed)
    }
    return ways.answer(rejection)
  }
}

/** The answer to a refusal. Throws what is for the application: every error where it wants to answer, and those of its own making. */
export function refuse(carrier: object, method: string | undefined, error: unknown, auth?: object): Rejection {
  const found = attached(carrier, auth)
  if (!found || (found.passes && !(error instanceof AuthError))) throw error
  const rejection = (found.auth as Guarding).reject(error, { method: method ?? 'GET' })
  if (found.passes) throw passed(error as AuthError, rejection)
  return rejection
}

/** A copy: the failure of a request may be shared with others, and is not ours to write on. */
function passed(error: AuthError, rejection: Rejection): PassedError {
  const { 'content-type': _type, ...headers } = rejection.headers
  const getResponse = (): Response => toResponse(rejection)
  return Object.assign(Object.create(error) as AuthError, {
    statusCode: rejection.status,
    headers,
    expose: true as const,
    getResponse,
  })
}
