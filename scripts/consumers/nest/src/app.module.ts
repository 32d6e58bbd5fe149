/** A NestJS application with one protected route. */
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Module,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common'
import type { Request } from 'express'
import { createAuth } from 'latchkey'

export const AUTH = Symbol('auth')

const makeAuth = () =>
  createAuth({
    issuer: 'https://api.example.com',
    database: 'memory',
    secret: 'Vq0mG2tN8yXr5cJ7bZ4hKs1wPd9eLf3a-consumer',
  })

export type AppAuth = ReturnType<typeof makeAuth>

@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(@Inject(AUTH) private readonly auth: AppAuth) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<Request>()
    const head = { method: request.method, header: (name: string) => request.get(name) }
    const { context, failure } = await this.auth.authenticate(head)
    if (context === undefined) throw new UnauthorizedException({ code: failure?.code ?? 'credential_missing' })
    return true
  }
}

@Controller()
export class AppController {
  @Get('/me')
  @UseGuards(SignedInGuard)
  me(): { ok: boolean } {
    return { ok: true }
  }
}

@Module({
  controllers: [AppController],
  providers: [{ provide: AUTH, useFactory: makeAuth }, SignedInGuard],
})
export class AppModule {}
