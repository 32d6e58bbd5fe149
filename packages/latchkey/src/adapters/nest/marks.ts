/** The decorators of NestJS: who may come in, and who came. */
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { attached } from '../../guard/attached.js'
import type { AuthContext } from '../../guard/context.js'
import { type Guard, permission, signedIn } from '../../guard/guards.js'
import { placeOf } from './place.js'

const MARK = 'latchkey:auth'
const reflector = new Reflector()

/** Who may come in: everybody, or whom all of the guards let pass. */
type Mark = 'public' | readonly Guard[]

/**
 * Marks a controller, a route, a resolver or a gateway: callers need all of these permissions, and pass all of these guards. Without an
 * argument they need to be signed in.
 */
export const Auth = (...wanted: readonly (string | Guard)[]): ClassDecorator & MethodDecorator =>
  SetMetadata(MARK, [signedIn, ...wanted.map((one) => (typeof one === 'string' ? permission(one) : one))])

/** Marks what is open to everybody, in a controller or an application where signing in is needed. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(MARK, 'public')

const callerIn = (context: ExecutionContext): AuthContext | undefined =>
  attached(placeOf(context).carrier)?.authentication.context

/** The caller: their claims at once, their user on demand. `undefined` for anonymous callers of open routes. */
export const Caller: () => ParameterDecorator = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerIn(context),
)

/** The user who calls, loaded once per request. `undefined` for anonymous callers of open routes. */
export const CurrentUser: () => ParameterDecorator = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerIn(context)?.user(),
)

/** The mark of a handler opens it or adds to that of its class. */
export function guardsOf(context: ExecutionContext, open: boolean): readonly Guard[] {
  const marks = [context.getClass(), context.getHandler()].map((at) => reflector.get<Mark | undefined>(MARK, at))
  if (marks.findLast((mark) => mark !== undefined) === 'public') return []
  const guards = marks.flatMap((mark) => (mark === undefined || mark === 'public' ? [] : mark))
  return guards.length > 0 || open ? guards : [signedIn]
}
