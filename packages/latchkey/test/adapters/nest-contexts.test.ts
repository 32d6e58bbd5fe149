/** NestJS as its users write it: a guard before everything, marks, the current user; and the same in GraphQL and on sockets. */
import 'reflect-metadata'
import { type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Controller, Get, Module, type Type, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AbstractGraphQLDriver, GraphQLModule, Query, Resolver } from '@nestjs/graphql'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { graphql } from 'graphql'
import { afterEach, describe, expect, test } from 'vitest'
import { Auth, authGuard, Caller, CurrentUser, keepUpgrade, LatchkeyModule, Public } from '../../src/adapters/nest.js'
import type { Account, AuthContext } from '../../src/index.js'
import { type Kit, signedIn } from '../auth-kit.js'
import { ask } from './conformance/wire.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** An application of one module, and a good token. */
async function started(
  parts: (kit: Kit) => { controllers?: Type[]; providers?: Type[]; imports?: object[] },
  options = {},
) {
  const kit = await signedIn()
  class Application {}
  const { imports = [], ...rest } = parts(kit)
  Module({ ...rest, imports: [LatchkeyModule.forRoot(kit.auth, options), ...(imports as Type[])] })(Application)
  const app = await NestFactory.create(Application, { logger: false })
  // biome-ignore lint/correctness/useHookAtTopLevel: this is Nest's word, and no hook.
  app.useWebSocketAdapter(new WsAdapter(app))
  await app.listen(0, '127.0.0.1')
  closing.push(
    () => kit.auth.close(),
    () => app.close(),
  )
  const { port } = app.getHttpServer().address() as AddressInfo
  return { ...kit, port, authorization: `Bearer ${kit.tokens.access_token}` }
}

/** Decorates a method as its syntax would. */
function method(type: Type, name: string, ...decorators: MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name) as PropertyDescriptor
  for (const decorate of decorators) decorate(type.prototype, name, descriptor)
}

function postsController(): Type {
  class Posts {
    open(caller: AuthContext | undefined) {
      return { subject: caller?.subject ?? null }
    }
    mine(user: Account) {
      return { user: user.username }
    }
    write() {
      return {}
    }
    purge() {
      return {}
    }
  }
  Controller('posts')(Posts)
  Auth('posts:read')(Posts)
  Caller()(Posts.prototype, 'open', 0)
  CurrentUser()(Posts.prototype, 'mine', 0)
  method(Posts, 'open', Public(), Get('open'))
  method(Posts, 'mine', Get('mine'))
  method(Posts, 'write', Auth('posts:write'), Get('write'))
  method(Posts, 'purge', Auth('system:purge'), Get('purge'))
  return Posts
}

function plainController(): Type {
  class Plain {
    hello() {
      return { hello: 'world' }
    }
  }
  Controller('plain')(Plain)
  method(Plain, 'hello', Get())
  return Plain
}

describe('routes', () => {
  const parts = () => ({ controllers: [postsController(), plainController()] })

  test('what carries no mark takes a caller who is signed in', async () => {
    const { port, authorization } = await started(parts)
    expect((await ask(port, { path: '/plain' })).body.code).toBe('credential_missing')
    expect((await ask(port, { path: '/plain', authorization })).body).toEqual({ hello: 'world' })
  })

  test('unless the application is told to be open', async () => {
    const { port } = await started(parts, { open: true })
    expect((await ask(port, { path: '/plain' })).status).toBe(200)
    expect((await ask(port, { path: '/posts/mine' })).body.code).toBe('credential_missing')
  })

  test('@Public opens a route of a guarded controller, and its caller is known all the same', async () => {
    const { port, authorization, user } = await started(parts)
    expect((await ask(port, { path: '/posts/open' })).body).toEqual({ subject: null })
    expect((await ask(port, { path: '/posts/open', authorization })).body).toEqual({ subject: user.id })
  })

  test('@CurrentUser is the user', async () => {
    const { port, authorization } = await started(parts)
    expect((await ask(port, { path: '/posts/mine', authorization })).body).toEqual({ user: 'alice' })
  })

  test('the mark of a route adds to that of its controller', async () => {
    const { port, authorization } = await started(parts)
    expect((await ask(port, { path: '/posts/write', authorization })).status).toBe(200)
    const refused = await ask(port, { path: '/posts/purge', authorization })
    expect([refused.status, refused.body.missing]).toEqual([403, ['system:purge']])
  })

  test('the endpoints need no route and no mark', async () => {
    const { port, authorization } = await started(parts)
    expect((await ask(port, { path: '/auth/me', authorization })).body.username).toBe('alice')
  })
})

describe('resolvers', () => {
  /** The least that a GraphQL server is: one route, and the request in the context. */
  class Driver extends AbstractGraphQLDriver {
    async start({ schema }: { schema?: never }): Promise<void> {
      this.httpAdapterHost.httpAdapter.post('/graphql', async (req: { body: { query: string } }, res: unknown) => {
        const result = await graphql({ schema: schema as never, source: req.body.query, contextValue: { req } })
        this.httpAdapterHost.httpAdapter.reply(res, JSON.parse(JSON.stringify(result)), 200)
      })
    }
    async stop(): Promise<void> {}
  }

  function parts() {
    class Things {
      mine(user: Account) {
        return user.username
      }
      open() {
        return 'open'
      }
      secret() {
        return 'secret'
      }
    }
    Resolver()(Things)
    CurrentUser()(Things.prototype, 'mine', 0)
    method(
      Things,
      'mine',
      Query(() => String, { name: 'mine' }),
    )
    method(
      Things,
      'open',
      Public(),
      Query(() => String, { name: 'open' }),
    )
    method(
      Things,
      'secret',
      Auth('secret:read'),
      Query(() => String, { name: 'secret' }),
    )
    return { providers: [Things], imports: [GraphQLModule.forRoot({ driver: Driver, autoSchemaFile: true })] }
  }

  const query = (port: number, source: string, authorization: string | string[] = []) =>
    ask(port, { method: 'POST', path: '/graphql', body: { query: `{ ${source} }` }, authorization })

  test('marks and the current user are the same, and refusals carry their code', async () => {
    const { port, authorization } = await started(parts)
    expect((await query(port, 'mine open', authorization)).body.data).toEqual({ mine: 'alice', open: 'open' })
    expect((await query(port, 'open')).body.data).toEqual({ open: 'open' })
    expect((await query(port, 'mine')).body.errors[0].extensions.code).toBe('credential_missing')
    const denied = (await query(port, 'secret', authorization)).body.errors[0].extensions
    expect(denied).toEqual({ code: 'permission_denied', missing: ['secret:read'] })
  })
})

describe('messages', () => {
  const seen: unknown[] = []

  function parts({ auth }: Kit) {
    class Chat {
      handleConnection(
        client: { on(event: string, listener: (error: object) => void): void },
        request: IncomingMessage,
      ) {
        keepUpgrade(client, request)
        // NestJS 11 tells it here, and 12 to the other side.
        client.on('exception', (error) => seen.push(error))
      }
      ask(user: Account) {
        return { event: 'answer', data: user.username }
      }
    }
    WebSocketGateway({ path: '/chat' })(Chat)
    // Nest asks no global guard about messages.
    UseGuards(authGuard(auth))(Chat)
    CurrentUser()(Chat.prototype, 'ask', 0)
    method(Chat, 'ask', SubscribeMessage('ask'))
    return { providers: [Chat] }
  }

  /** Opens a socket, and asks over it: frames as RFC 6455 has them, short ones only. */
  function open(port: number, headers: Record<string, string>) {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    const outgoing = send({ port, host: '127.0.0.1', path: '/chat', headers: { ...upgrade, ...key, ...headers } })
    outgoing.end()
    return new Promise<{ ask(): void; answers: unknown[] }>((resolve, reject) => {
      outgoing.on('error', reject)
      outgoing.on('upgrade', (_answer, socket) => {
        const answers: unknown[] = []
        closing.push(() => socket.destroy())
        socket.on('data', (frame: Buffer) => {
          const { event, data } = JSON.parse(frame.subarray(frame.indexOf('{')).toString())
          void (event === 'exception' ? seen : answers).push(data)
        })
        const text = JSON.stringify({ event: 'ask', data: {} })
        const ask = () =>
          socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]))
        resolve({ ask, answers })
      })
    })
  }

  test('each message is judged anew by the request that opened the socket', async () => {
    const { port, authorization, auth, user } = await started(parts)
    const { ask: say, answers } = await open(port, { authorization })
    say()
    await expect.poll(() => answers).toEqual(['alice'])
    await auth.revoke({ user: user.id })
    say()
    await expect.poll(() => seen.splice(0)).toMatchObject([{ status: 401, code: 'token_revoked' }])
    expect(answers).toHaveLength(1)
  })

  test('nobody asks anything', async () => {
    const { port } = await started(parts)
    const { ask: say, answers } = await open(port, {})
    say()
    await expect.poll(() => seen.splice(0)).toMatchObject([{ code: 'credential_missing' }])
    expect(answers).toEqual([])
  })
})
