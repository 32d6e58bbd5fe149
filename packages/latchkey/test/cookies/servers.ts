/** Applications that sign in and out by hand, in every framework, and a client over real sockets that sends what no browser would. */
import { createServer, type IncomingMessage, request as open, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forKoa from '../../src/adapters/koa.js'
import * as forNode from '../../src/adapters/node.js'
import type { User } from '../../src/index.js'
import type { AnyAuth } from '../adapters/conformance/plan.js'

/** What the application is made of. */
interface Parts {
  readonly auth: AnyAuth
  /** Whom `/own/login` signs in. */
  readonly user: User
}

/** An application with the endpoints, and `POST /own/login` and `/own/logout` by hand, whose refusals are answered by `auth.reject`. */
export type MakeApp = (parts: Parts) => Server | Promise<Server>

export const byHand: Readonly<Record<string, MakeApp>> = {
  'node:http': inNode,
  Express: inExpress,
  Fastify: inFastify,
  Hono: inHono,
  Koa: inKoa,
}

function inNode({ auth, user }: Parts): Server {
  const endpoints = forNode.mount(auth)
  return createServer(async (request, response) => {
    if (await endpoints(request, response)) return
    const act = request.url === '/own/login' ? auth.login(response, user) : auth.logout(request, response)
    await act.then(() => response.end('{}'), writeRefusal(auth, request, response))
  })
}

function inExpress({ auth, user }: Parts): Server {
  const app = express()
  app.use(forExpress.mount(auth))
  app.post('/own/login', async (request, response) => {
    await auth.login(response, user).then(() => response.json({}), writeRefusal(auth, request, response))
  })
  app.post('/own/logout', async (request, response) => {
    await auth.logout(request, response).then(() => response.json({}), writeRefusal(auth, request, response))
  })
  return createServer(app)
}

const writeRefusal =
  (auth: AnyAuth, request: IncomingMessage, response: ServerResponse) =>
  (error: unknown): void => {
    const { status, headers, body } = auth.reject(error, { method: request.method ?? '' })
    response.writeHead(status, { ...headers }).end(body)
  }

async function inFastify({ auth, user }: Parts): Promise<Server> {
  const app = fastify()
  app.register(forFastify.mount(auth))
  app.setErrorHandler((error, request, reply) => {
    const { status, headers, body } = auth.reject(error, { method: request.method })
    reply.code(status).headers(headers).send(body)
  })
  app.post('/own/login', async (_request, reply) => (await auth.login(reply, user)) && {})
  app.post('/own/logout', async (request, reply) => (await auth.logout(request, reply)) ?? {})
  await app.ready()
  return app.server
}

function inHono({ auth, user }: Parts): Server {
  const app = new Hono()
  app.use(forHono.mount(auth))
  app.onError((error, c) => {
    const { status, headers, body } = auth.reject(error, { method: c.req.method })
    return new Response(body, { status, headers: { ...headers } })
  })
  app.post('/own/login', async (c) => {
    await auth.login(c, user)
    return c.json({})
  })
  app.post('/own/logout', async (c) => {
    await auth.logout(c, c)
    return c.json({})
  })
  return createAdaptorServer({ fetch: app.fetch }) as Server
}

function inKoa({ auth, user }: Parts): Server {
  const app = new Koa()
  app.use(forKoa.mount(auth))
  app.use(async (ctx) => {
    try {
      await (ctx.path === '/own/login' ? auth.login(ctx, user) : auth.logout(ctx, ctx))
      ctx.body = {}
    } catch (error) {
      const { status, headers, body } = auth.reject(error, { method: ctx.method })
      Object.assign(ctx, { status, body })
      ctx.set({ ...headers })
    }
  })
  return createServer(app.callback())
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  /** Header lines to the letter, names and values in turn: for two of one name. */
  readonly lines?: readonly string[]
  readonly body?: string
}

/** A server at work, and a client of it. */
export async function listening(server: Server) {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, ask, close }

  function ask(method: string, path: string, { headers = {}, lines = [], body }: Asking = {}) {
    const raw = ['Host', 'localhost', ...Object.entries(headers).flat(), ...lines]
    if (method === 'POST') raw.push('Content-Length', String(Buffer.byteLength(body ?? '')))
    // A connection that the server is going to end is no one's after that.
    const ended = headers.connection === 'close' ? { agent: false as const } : {}
    return new Promise<Told>((resolve, reject) => {
      const outgoing = open(
        { port, host: '127.0.0.1', method, path, headers: raw as never, ...ended },
        async (incoming) => {
          let text = ''
          for await (const chunk of incoming) text += chunk
          const json = text.startsWith('{') ? JSON.parse(text) : undefined
          const cookies = incoming.headers['set-cookie'] ?? []
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: json, cookies })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  async function close(): Promise<void> {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

interface Told {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are read member by member, and every member is asserted.
  readonly body: any
  readonly cookies: readonly string[]
}
