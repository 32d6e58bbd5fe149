/** What is attacked: an application in this process, of any framework, or one behind a URL. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Pair } from '../carrying.js'
import { askOver } from './socket.js'

/** A request of the attack. */
export interface AttackRequest {
  readonly method: string
  readonly path: string
  /** In their order; a name may stand twice. */
  readonly headers: readonly Pair[]
  readonly body: string | undefined
}

/** An answer to it. `status` 0: there was none, and `text` says why. */
export interface AttackAnswer {
  readonly status: number
  readonly text: string
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown
type FetchHandler = (request: Request) => unknown

/**
 * An application: a handler of the fetch standard or an object that has one as `fetch` (Hono, Yoga), a listener of `node:http` (Express)
 * or a server, Koa, Fastify, NestJS, or the URL of one that runs.
 */
export type AttackTarget =
  | string
  | URL
  | FetchHandler
  | Listener
  | { readonly fetch: FetchHandler }
  | { callback(): Listener }
  | { readonly routing: Listener; ready(): PromiseLike<unknown> }
  | { getHttpServer(): object }
  | { emit(event: 'request', request: IncomingMessage, response: ServerResponse): unknown; address(): unknown }

/** Something that can be asked. */
export interface Target {
  send(request: AttackRequest): Promise<AttackAnswer>
  close(): void | Promise<void>
}

/** The members by which the applications are told apart. */
interface Shape {
  readonly fetch?: unknown
  readonly callback?: unknown
  readonly routing?: unknown
  readonly ready?: unknown
  readonly getHttpServer?: unknown
  readonly emit?: unknown
  readonly address?: unknown
}

/** Throws a TypeError for what is no application. */
export async function openTarget(app: AttackTarget, patience: number): Promise<Target> {
  if (typeof app === 'string' || app instanceof URL) return askOver(new URL(app), patience)
  const shape = app as Shape
  if (typeof shape?.fetch === 'function')
    return inProcess((request) => (app as { fetch: FetchHandler }).fetch(request), patience)
  if (typeof shape?.getHttpServer === 'function') return openTarget(shape.getHttpServer() as AttackTarget, patience)
  if (typeof shape?.routing === 'function') {
    if (typeof shape.ready === 'function') await shape.ready()
    return overSocket(shape.routing as Listener, patience)
  }
  if (typeof shape?.callback === 'function') return overSocket(shape.callback() as Listener, patience)
  // A function is a listener by its two parameters; Express, Connect and Koa's callback have them.
  if (typeof app === 'function')
    return app.length < 2 ? inProcess(app as FetchHandler, patience) : overSocket(app as Listener, patience)
  const server = app as { emit(event: 'request', ...given: unknown[]): unknown }
  if (typeof shape?.emit === 'function' && typeof shape.address === 'function')
    return overSocket((...given) => server.emit('request', ...given), patience)
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
      return { status: response.status, text: await response.text() }
    })
  }
}

/** What wants Node's own objects gets them from a server of ours on a free port of this machine. */
async function overSocket(listener: Listener, patience: number): Promise<Target> {
  const server = createServer((request, response) => void listener(request, response))
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

/** The answer, or that there was none in time. */
async function patient(patience: number, work: () => Promise<AttackAnswer>): Promise<AttackAnswer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<AttackAnswer>((done) => {
    timer = setTimeout(() => done({ status: 0, text: `no answer in ${patience} ms` }), patience)
  })
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    return { status: 0, text: `threw ${error instanceof Error ? error.name : typeof error}` }
  } finally {
    clearTimeout(timer)
  }
}
