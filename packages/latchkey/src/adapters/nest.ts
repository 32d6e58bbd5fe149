/** The adapter for NestJS: a module, a guard for routes, resolvers and messages, and decorators. */
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  createParamDecorator,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Module,
  SetMetadata,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, HttpAdapterHost, Reflector } from '@nestjs/core'
import type { Auth as Latchkey } from '../auth.js'
import { AuthError } from '../errors.js'
import { attached } from '../guard/attached.js'
import type { AuthContext } from '../guard/context.js'
import { type Guard, permission, signedIn } from '../guard/guards.js'
import { headOfNode } from '../transport/head.js'
import { mount } from './express.js'
import { admit, type Guarding, identify, refuse } from './guarding.js'
import { answerAt, keepUpgrade, placeOf, Refusal } from './nest-place.js'

export { keepUpgrade, Refusal }

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

/** What the module and its guard may be told. */
export interface NestOptions {
  /** Whether what carries no mark is open. Default: it takes a caller who is signed in. */
  readonly open?: boolean
}

/**
 * A guard for `@UseGuards`, where not one auth is for everything. The module has one for the whole application.
 *
 * @example
 * ```ts
 * import { Controller, UseGuards } from '@nestjs/common'
 * import { createAuth } from 'latchkey'
 * import { authGuard } from 'latchkey/nest'
 * const staff = createAuth({ issuer: 'https://staff.example.com', database: 'sqlite:staff.db', secret: process.env.STAFF_SECRET ?? '' })
 * const StaffController = class {}
 * Controller('staff')(StaffController)
 * UseGuards(authGuard(staff))(StaffController)
 * ```
 */
export function authGuard(auth: Guarding, { open = false }: NestOptions = {}): CanActivate {
  return {
    async canActivate(context) {
      const { carrier, request, isLasting, setCookies } = placeOf(context)
      await identify(auth, carrier, headOfNode(request), request.socket, setCookies, {}, isLasting)
      try {
        for (const guard of guardsOf(context, open)) await admit(carrier, request.method, guard, auth)
        return true
      } catch (error) {
        throw await placeOf(context).refusal(error, refuse(carrier, request.method, error, auth))
      }
    },
  }
}

/** The mark of a handler opens it or adds to that of its class. */
function guardsOf(context: ExecutionContext, open: boolean): readonly Guard[] {
  const marks = [context.getClass(), context.getHandler()].map((at) => reflector.get<Mark | undefined>(MARK, at))
  if (marks.findLast((mark) => mark !== undefined) === 'public') return []
  const guards = marks.flatMap((mark) => (mark === undefined || mark === 'public' ? [] : mark))
  return guards.length > 0 || open ? guards : [signedIn]
}

/** For the whole application: the endpoints, a guard before everything, and the answers to refusals. */
export const LatchkeyModule = {
  /**
   * The module of an auth. `guard: false`: no guard but those of `@UseGuards(authGuard(auth))`. Gateways always need one of those: Nest
   * asks no guard of an application about messages.
   *
   * @example
   * ```ts
   * import { Controller, Get, Module } from '@nestjs/common'
   * import { type Account, createAuth } from 'latchkey'
   * import { Auth, CurrentUser, LatchkeyModule, Public } from 'latchkey/nest'
   * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
   * @Controller('posts')
   * class PostsController {
   *   @Public() @Get()
   *   list() { return [] }
   *   @Auth('posts:write') @Get('mine')
   *   mine(@CurrentUser() user: Account) { return { for: user.username } }
   * }
   * @Module({ imports: [LatchkeyModule.forRoot(auth)], controllers: [PostsController] })
   * export class AppModule {}
   * ```
   */
  forRoot(auth: Latchkey, options: NestOptions & { readonly guard?: boolean } = {}): DynamicModule {
    class Latch implements ExceptionFilter<unknown> {
      constructor(private readonly host: HttpAdapterHost) {}

      configure(): void {
        this.host.httpAdapter.use(mount(auth))
      }

      catch(error: unknown, context: ArgumentsHost): Promise<unknown> {
        return answerAt(context, error, auth, this.host.httpAdapter)
      }
    }
    Inject(HttpAdapterHost)(Latch, undefined, 0)
    Module({})(Latch)
    Catch(AuthError, Refusal)(Latch)
    const guard = { provide: APP_GUARD, useValue: authGuard(auth, options) }
    const filter = { provide: APP_FILTER, useClass: Latch }
    return { module: Latch, providers: options.guard === false ? [filter] : [filter, guard] }
  },
}
