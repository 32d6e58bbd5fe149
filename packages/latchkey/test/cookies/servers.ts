/** The same small application in every framework, over real sockets: the endpoints, and routes of its own that change something. */
import { createServer, type IncomingMessage, request as open, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import { type Context, Hono } from 'hono'
import * as forExpress from '../../src/adapters/express.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forNode from '../../src/adapters/node.js'
import { type Auth, signedIn, type User } from '../../src/index.js'

/** What the application is made of. */
export interface Parts {
  readonly auth: Auth
  /** Whom `/own/login` signs in. */
  readonly user: User
  /** Called whenever a route of the application has changed something. */
  acted(): void
}

/**
 * An application with cookies: the endpoints; `GET` and `POST /things` for whoever is signed in, the second of which acts;
 * `POST /own/login` and `/own/logout` by hand, whose refusals are answered by `auth.reject`.
 */
export type MakeApp = (parts: Parts) => Server | Promise<Server>

export const frameworks: Readonly<Record<string, MakeApp>> = { node, express: inExpress, hono }

function node({ auth, user, acted }: Parts): Server {
  const [identify, admit, endpoints] = [
    forNode.authenticate(auth),
    forNode.authorize(auth, signedIn),
    forNode.mount(auth),
  ]
  return createServer(async (request, response) => {
    if (await endpoints(request, response)) return
    if (request.url?.startsWith('/own/')) {
      return void byHand(auth, request, response, () =>
        request.url === '/own/login' ? auth.login(response, user) : auth.logout(request, response),
      )
    }
    await identify(request, response)
    if (!(await admit(request, response))) return
    if (request.method === 'POST') acted()
    response.end(JSON.stringify({ subject: auth.of(request)?.subject }))
  })
}

function inExpress({ auth, user, acted }: Parts): Server {
  const app = express()
  app.use(forExpress.mount(auth))
  app.post('/own/login', (request, response) => byHand(auth, request, response, () => auth.login(response, user)))
  app.post('/own/logout', (request, response) => byHand(auth, request, response, () => auth.logout(request, response)))
  app.use(forExpress.authenticate(auth))
  app.all('/things', forExpress.authorize(signedIn), (request, response) => {
    if (request.method === 'POST') acted()
    response.json({ subject: auth.of(request)?.subject })
  })
  return createServer(app)
}

async function byHand(auth: Auth, request: IncomingMessage, response: ServerResponse, act: () => Promise<unknown>) {
  try {
    await act()
    response.end('{}')
  } catch (error) {
    const { status, headers, body } = auth.reject(error, { method: request.method ?? '' })
    response.writeHead(status, { ...headers }).end(body)
  }
}

function hono({ auth, user, acted }: Parts): Server {
  const app = new Hono()
  app.use(forHono.mount(auth))
  const byHand = (act: (c: Context) => Promise<unknown>) => async (c: Context) => {
    try {
      await act(c)
      return c.json({})
    } catch (error) {
      const { status, headers, body } = auth.reject(error, { method: c.req.method })
      return new Response(body, { status, headers: { ...headers } })
    }
  }
  app.post(
    '/own/login',
    byHand((c) => auth.login(c, user)),
  )
  app.post(
    '/own/logout',
    byHand((c) => auth.logout(c, c)),
  )
  app.use(forHono.authenticate(auth))
  app.all('/things', forHono.authorize(signedIn), (c) => {
    if (c.req.method === 'POST') acted()
    return c.json({ subject: auth.of(c)?.subject })
  })
  return createAdaptorServer({ fetch: app.fetch }) as Server
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  /** Header lines to the letter, names and values in turn: for two of one name. */
  readonly lines?: readonly string[]
  readonly body?: string
}

/** A server at work, and a client that sends what no browser would. */
export async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, ask, close }

  function ask(method: string, path: string, { headers = {}, lines = [], body }: Asking = {}) {
    const raw = ['Host', 'localhost', ...Object.entries(headers).flat(), ...lines]
    if (body !== undefined) raw.push('Content-Length', String(Buffer.byteLength(body)))
    return new Promise<Told>((resolve, reject) => {
      const outgoing = open({ port, host: '127.0.0.1', method, path, headers: raw as never }, async (incoming) => {
        let text = ''
        for await (const chunk of incoming) text += chunk
        const json = text.startsWith('{') ? JSON.parse(text) : undefined
        const cookies = incoming.headers['set-cookie'] ?? []
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: json, cookies })
      })
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
