/** The adapter for NestJS: a module, a guard for routes, resolvers and messages, and decorators. */
import {
  type ArgumentsHost,
  Catch,
  type DynamicModule,
  type ExceptionFilter,
  type HttpServer,
  Inject,
  Module,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { mount } from './express.js'
import type { AuthenticateOptions } from './guarding.js'
import { authGuard, type NestOptions } from './nest/guard.js'
import { placeOf } from './nest/place.js'
import { Refusal } from './nest/refusal.js'

export { authGuard, type NestOptions } from './nest/guard.js'
export { Auth, Caller, CurrentUser, Public } from './nest/marks.js'
export { Refusal } from './nest/refusal.js'
export { keepUpgrade } from './nest/upgrade.js'

/** What the module may be told. `errors: 'pass'` leaves every refusal to the exception filters of the application, and to Nest. */
export interface LatchkeyModuleOptions extends NestOptions, AuthenticateOptions {
  /** `false`: no guard but those of `@UseGuards(authGuard(auth))`. Gateways always need one of those: Nest asks no guard of an application about messages. */
  readonly guard?: boolean
}

/** For the whole application: the endpoints, a guard before everything, and the answers to refusals. */
export const LatchkeyModule = {
  /**
   * The module of an auth.
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
  forRoot(auth: Auth, options: LatchkeyModuleOptions = {}): DynamicModule {
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
    const providers = [options.errors !== 'pass' && filter, options.guard !== false && guard].filter((one) => !!one)
    return { module: Latch, providers }
  },
}

/** Answers a refusal of the guard, and what a handler threw itself in the same way. What GraphQL is given back, it answers with. */
async function answerAt(
  context: ArgumentsHost,
  error: unknown,
  auth: Pick<Auth, 'reject'>,
  server: HttpServer,
): Promise<unknown> {
  const place = placeOf(context)
  const refusal =
    error instanceof Refusal
      ? error
      : await place.refusal(error, auth.reject(error, { method: place.request.method ?? 'GET' }))
  // As text: an object Nest would send as plain JSON, whatever the header says.
  if (refusal instanceof Refusal)
    return server.reply(context.switchToHttp().getResponse(), refusal.text, refusal.getStatus())
  return refusal
}
