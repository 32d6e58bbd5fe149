/** NestJS 11 on Express alone, with Latchkey, with a guard over its JwtService and with passport-jwt: one authenticated GET. */
import 'reflect-metadata'
import { Controller, Get, Module, UnauthorizedException } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport'
import { LatchkeyModule } from 'latchkey/nest'
import { ExtractJwt, Strategy } from 'passport-jwt'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = async () => ({ ...(await bareTokens()), server: await serve({}) })

export async function latchkey({ alg }) {
  const { auth, tokens } = await latchkeyTokens(alg)
  return { tokens, server: await serve({ imports: [LatchkeyModule.forRoot(auth)] }) }
}

/** As its documentation writes it. */
export async function jwtService() {
  const { keys, tokens } = peerTokens('HS256')
  const guard = (jwt) => ({ canActivate: (context) => admits(jwt, context.switchToHttp().getRequest()) })
  const module = {
    imports: [JwtModule.register({ secret: keys.secret, verifyOptions: { algorithms: ['HS256'] } })],
    providers: [{ provide: APP_GUARD, useFactory: guard, inject: [JwtService] }],
  }
  return { tokens, server: await serve(module) }
}

export async function passportJwt() {
  const { keys, tokens } = peerTokens('HS256')
  class Jwt extends PassportStrategy(Strategy) {
    constructor() {
      const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken()
      super({ secretOrKey: keys.secret, algorithms: ['HS256'], jwtFromRequest })
    }

    validate(claims) {
      return claims
    }
  }
  const module = { imports: [PassportModule], providers: [Jwt, { provide: APP_GUARD, useClass: AuthGuard('jwt') }] }
  return { tokens, server: await serve(module) }
}

async function admits(jwt, request) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  try {
    if (scheme !== 'Bearer') throw new Error('no token')
    request.user = await jwt.verifyAsync(token)
    return true
  } catch {
    throw new UnauthorizedException()
  }
}

/** Decorated by hand: this is no TypeScript. */
async function serve({ imports = [], providers = [] }) {
  class Hello {
    hello() {
      return { hello: 'world' }
    }
  }
  Get()(Hello.prototype, 'hello', Object.getOwnPropertyDescriptor(Hello.prototype, 'hello'))
  Controller()(Hello)
  class App {}
  Module({ imports, providers, controllers: [Hello] })(App)
  const app = await NestFactory.create(App, { logger: false, abortOnError: false })
  await app.init()
  return app.getHttpServer()
}
