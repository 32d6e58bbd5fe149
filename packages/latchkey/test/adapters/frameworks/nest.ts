/** The application in NestJS, its controllers made without the syntax of decorators. */
import 'reflect-metadata'
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpCode,
  type MiddlewareConsumer,
  Module,
  Post,
  type Type,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import { Auth, authGuard, Caller, LatchkeyModule, Refusal } from '../../../src/adapters/nest.js'
import { type AuthContext, AuthError } from '../../../src/index.js'
import { type Area, handled, judged, type Make, type Route, shown } from '../conformance/plan.js'

export const make: Make = async ({ areas, parsesFirst }) => {
  class Application {
    configure(consumer: MiddlewareConsumer): void {
      if (!parsesFirst) consumer.apply(express.json()).forRoutes('{*path}')
    }
  }
  const modules = areas
    .filter(({ mounted }) => mounted)
    .map(({ auth }) => LatchkeyModule.forRoot(auth, { guard: false }))
  // The area without a prefix last, so that its routes take what is left.
  Module({ imports: modules, controllers: [...areas].reverse().map(controllerOf) })(Application)
  const app = await NestFactory.create(Application, { logger: false, bodyParser: parsesFirst })
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer()
}

function controllerOf({ prefix, auth, handles, guard, routes }: Area): Type {
  class Area {}
  Controller(prefix)(Area)
  UseGuards(authGuard(auth, { open: true }))(Area)
  if (guard) Auth(guard)(Area)
  if (handles) UseFilters(OwnFilter)(Area)
  for (const route of routes) addRoute(Area.prototype, route)
  return Area
}

function addRoute(controller: object, { method, path, guard, own }: Route): void {
  const name = path.slice(1)
  async function answer(this: unknown, caller: AuthContext | undefined, body: unknown) {
    return own && caller ? judged(caller, own) : shown(caller, body)
  }
  Object.defineProperty(controller, name, { value: answer, writable: true, configurable: true })
  const descriptor = Object.getOwnPropertyDescriptor(controller, name) as PropertyDescriptor
  Caller()(controller, name, 0)
  if (method === 'POST') Body()(controller, name, 1)
  const verb = method === 'GET' ? Get : Post
  verb(path)(controller, name, descriptor)
  // Nest answers 201 to a POST, and the others 200.
  if (method === 'POST') HttpCode(200)(controller, name, descriptor)
  if (guard) Auth(guard)(controller, name, descriptor)
}

/** The application's own: it is given what the guard threw, with the error behind it, and what a handler threw. */
class OwnFilter implements ExceptionFilter {
  catch(given: Error, host: ArgumentsHost): void {
    const error = given instanceof Refusal ? given.cause : given
    const response = host.switchToHttp().getResponse()
    response.status(error instanceof AuthError ? error.status : 500).json(handled(error).body)
  }
}
Catch(Refusal, AuthError)(OwnFilter)
