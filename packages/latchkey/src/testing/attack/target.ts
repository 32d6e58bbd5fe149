/** What is attacked: an application in this process, of any framework, or one behind a URL. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { askOver } from './socket.js'
import { type AttackAnswer, type AttackRequest, isEndless, patient, type Target } from './wire.js'

/** What `node:http` calls with a request: an Express application is one. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown

/** What answers a request of the fetch standard: with a response, or a promise of one. */
export type FetchHandler = (request: Request) => unknown

/** The applications of frameworks, told apart by what they have. */
export interface ApplicationShape {
  /** Hono, Yoga, and whatever is made for runtimes that speak fetch. */
  readonly fetch?: FetchHandler
  /** Koa: makes its listener. */
  callback?(): NodeListener
  /** Fastify: its listener. */
  readonly routing?: NodeListener
  /** Fastify: resolves once its routes are there. */
  ready?(): PromiseLike<unknown>
  /** NestJS: its server. */
  getHttpServer?(): object
  /** A server of `node:http`, listening or not. */
  emit?(event: 'request', request: IncomingMessage, response: ServerResponse): unknown
}

/**
 * An application: a handler of the fetch standard or an object that has one as `fetch` (Hono, Yoga), a listener of `node:http` (Express)
 * or a server, Koa, Fastify, NestJS, or the URL of one that runs.
 */
export type AttackTarget = string | URL | FetchHandler | NodeListener | ApplicationShape

/** Throws a TypeError for what is no application. */
export async function openTarget(app: AttackTarget, patience: number): Promise<Target> {
  if (typeof app === 'string' || app instanceof URL) return askOver(new URL(app), patience)
  const shape = (app ?? {}) as ApplicationShape
  if (typeof shape.fetch === 'function') return inProcess((request) => shape.fetch?.(request), patience)
  if (typeof shape.getHttpServer === 'function') return openTarget(shape.getHttpServer() as AttackTarget, patience)
  if (typeof shape.routing === 'function') {
    await shape.ready?.()
    return overSocket(shape.routing, patience)
  }
  if (typeof shape.callback === 'function') return overSocket(shape.callback(), patience)
  if (typeof app === 'function') {
    // Listeners have two parameters: Express, Connect and Koa's callback.
    return app.length < 2 ? inProcess(app as FetchHandler, patience) : overSocket(app as NodeListener, patience)
  }
  if (typeof shape.emit === 'function')
    return overSocket((request, response) => shape.emit?.('request', request, response), patience)
  throw new TypeError('attack() takes a handler, a listener, a server, an application of a framework, or a URL')
}

/** No socket, and no port: what speaks fetch is called. */
function inProcess(handler: FetchHandler, patience: number): Target {
  return { send, close: () => {} }

  async function send({ method, path, headers, body }: AttackRequest): Promise<AttackAnswer> {
    const all = new Headers()
    for (const [name, value] of headers) all.append(name, value)
    const request = new Request(new URL(path, 'http://localhost'), {
      method,
      headers: all,
      ...(body !== undefined && { body }),
    })
    return patient(patience, async () => {
      const response = (await handler(request)) as Response
      const { status, body } = response
      if (!isEndless(response.headers.get('content-type'))) return { status, text: await response.text() }
      await body?.cancel()
      return { status, text: '' }
    })
  }
}

/** What wants Node's own objects gets them from a server of ours on a free port of this machine. */
async function overSocket(listener: NodeListener, patience: number): Promise<Target> {
  const server = createServer(async (request, response) => {
    try {
      await listener(request, response)
    } catch {
      // What would take the process down is a fault of the application, and an answer that never comes.
      response.destroy()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const target = askOver(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), patience)
  const close = async (): Promise<void> => {
    await target.close()
    await new Promise((done) => {
      server.close(done)
      server.closeAllConnections()
    })
  }
  return { send: target.send, close }
}
