/** A board of notes in NestJS: signed in is the rule, which a route may loosen or tighten; and errors look as the board wants them to. */
import { type DynamicModule, Module } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'
import { type Auth, createAuth } from 'latchkey'
import { LatchkeyModule } from 'latchkey/nest'
import { NotesController } from './notes.js'
import { Problems } from './problems.js'

@Module({ controllers: [NotesController], providers: [{ provide: APP_FILTER, useClass: Problems }] })
class BoardModule {
  static with(auth: Auth): DynamicModule {
    return { module: BoardModule, imports: [LatchkeyModule.forRoot(auth, { errors: 'pass' })] }
  }
}

export async function createBoard({ database, secret }: { readonly database: string; readonly secret: string }) {
  const auth = createAuth({ issuer: 'http://localhost:8000', database, secret, development: true })
  const app = await NestFactory.create(BoardModule.with(auth), { logger: ['error', 'warn'] })
  return { app, auth }
}
