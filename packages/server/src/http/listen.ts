/** The listening server: limits in front of the application, and a stop that finishes what was begun. */
import { randomUUID } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import { EXIT, failure } from '../cli/failure.js'
import { loggedPath } from './log.js'
import { MOST_HEADERS, refuseOdd } from './odd.js'
import { FAULT, ODD_TARGET, problem } from './problem.js'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface ListenParts {
  readonly port: number
  readonly host: string
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly certificate?: Certificate | undefined
  /** Milliseconds; for tests that do not want to wait. */
  readonly limits?: Partial<typeof LIMITS>
  /** Learns of every answer. */
  readonly answered: (facts: Answered) => void
  readonly failed: (error: unknown) => void
}

/** A request as it is logged. */
export interface Answered {
  readonly id: string
  readonly method: string | undefined
  readonly path: string
  readonly status: number
  readonly ms: number
}

export interface Listening {
  readonly port: number
  /** Takes no more, finishes what was begun within ten seconds, cuts the rest. */
  stop(): Promise<void>
}

type FetchCallback = Parameters<typeof getRequestListener>[0]

const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  // How often the two timeouts are looked at; Node's 30 seconds would make 45 of 15.
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
}
const STOP_MILLISECONDS = 10_000

/** Throws a failure for a port that is taken or may not be used. */
export async function listen(parts: ListenParts): Promise<Listening> {
  const { port, host, fetch, headers, certificate, limits, failed } = parts
  const answer = getRequestListener(fetch as FetchCallback, { overrideGlobalObjects: false, errorHandler })
  let isStopping = false
  const open = new Set<ServerResponse>()
  const server = await create({ ...LIMITS, ...limits, ...certificate }, (request, response) => {
    follow(request, response, parts.answered)
    open.add(response)
    response.once('close', () => open.delete(response))
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (isStopping) response.setHeader('connection', 'close')
    if (!refuseOdd(request, response)) void answer(request, response)
  })
  server.maxHeadersCount = MOST_HEADERS + 1
  await bound(server, port, host)
  return { port: (server.address() as AddressInfo).port, stop }

  // A Request cannot be made of a host that is no host.
  function errorHandler(error: unknown): Response {
    if (error instanceof RequestError) return problem(ODD_TARGET)
    failed(error)
    return problem(FAULT)
  }

  function stop(): Promise<void> {
    isStopping = true
    // A stream of events has no end to wait for; its listeners come back elsewhere.
    for (const response of open) if (response.getHeader('content-type') === 'text/event-stream') response.destroy()
    return new Promise((resolve) => {
      // A connection whose last answer went out before the stop is idle only a moment later.
      const idle = setInterval(() => server.closeIdleConnections(), 50)
      const cut = setTimeout(() => server.closeAllConnections(), STOP_MILLISECONDS)
      server.close(() => {
        clearInterval(idle)
        clearTimeout(cut)
        resolve()
      })
    })
  }
}

/** Gives a request its id, and tells of its answer. */
function follow(request: IncomingMessage, response: ServerResponse, answered: ListenParts['answered']): void {
  const id = randomUUID()
  const start = performance.now()
  response.setHeader('x-request-id', id)
  response.once('close', () => {
    const { method, url = '/' } = request
    const ms = Math.round(performance.now() - start)
    answered({ id, method, path: loggedPath(url), status: response.writableFinished ? response.statusCode : 0, ms })
  })
}

async function create(options: ServerOptions & Partial<Certificate>, listener: RequestListener): Promise<Server> {
  if (options.cert === undefined) return createServer(options, listener)
  const https = await import('node:https')
  return https.createServer(options, listener)
}

function bound(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, port)))
    server.listen(port, host, resolve)
  })
}

function explained(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return failure(
      EXIT.failed,
      'port_in_use',
      `Port ${port} is in use.`,
      'stop what listens there, or choose another with --port',
    )
  if (error.code === 'EACCES')
    return failure(EXIT.failed, 'port_denied', `Port ${port} may not be used.`, 'choose one above 1023 with --port')
  return failure(EXIT.failed, 'listen_failed', `The server cannot listen: ${error.code}.`, 'look at --host and --port')
}
