/** A server of keys that can do everything a bad one does, on 127.0.0.1: one mode at a time, every request written down. */
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** How a request is answered. */
export type Mode = (request: IncomingMessage, response: ServerResponse) => void

export interface HostileServer {
  /** `http://127.0.0.1:<port>`, or `https:`. */
  readonly origin: string
  /** Where the keys are: `<origin>/jwks.json`. */
  readonly jwksUrl: string
  readonly port: number
  /** How everything is answered from now on. */
  mode: Mode
  /** The paths that were asked for, in their order. */
  readonly requests: readonly string[]
  /** Connections ever made, and those open now. */
  readonly connections: number
  readonly open: number
  close(): Promise<void>
}

export interface HostileOptions {
  readonly mode?: Mode
  /** Any address of this machine. Default 127.0.0.1. */
  readonly host?: string
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** Starts a server on a free port. Nothing of it outlives `close`. */
export async function hostileServer(options: HostileOptions = {}): Promise<HostileServer> {
  const { host = '127.0.0.1', tls } = options
  const sockets = new Set<Socket>()
  const requests: string[] = []
  let connections = 0
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? '')
    response.on('error', () => {})
    made.mode(request, response)
  }
  const server = tls ? createHttps(tls, answer) : createHttp(answer)
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const origin = `${tls ? 'https' : 'http'}://${host}:${port}`
  const made: HostileServer = {
    origin,
    jwksUrl: `${origin}/jwks.json`,
    port,
    mode: options.mode ?? modes.status(404),
    requests,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  return made
}

const DRIP_MS = 50
const MEGABYTE = 1_048_576

/** Everything that a server may do to whoever asks it for keys. */
export const modes = {
  /** A document, as it should come. */
  json: (value: unknown, headers: Record<string, string> = {}): Mode => modes.text(JSON.stringify(value), headers),
  /** Any text; JSON unless `headers` say otherwise. */
  text:
    (text: string | Buffer, headers: Record<string, string> = {}): Mode =>
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text),
  /** Another document for each path; 404 for all others. */
  paths:
    (documents: Readonly<Record<string, Mode>>): Mode =>
    (request, response) =>
      (documents[request.url ?? ''] ?? modes.status(404))(request, response),
  /** Another answer at each request; the last one stays. */
  inTurn: (...all: readonly Mode[]): Mode => {
    let at = 0
    return (request, response) => all[Math.min(at++, all.length - 1)]?.(request, response)
  },
  status:
    (status: number, headers: Record<string, string> = {}): Mode =>
    (_, response) =>
      void response.writeHead(status, headers).end(),
  redirect: (status: number, location: string): Mode => modes.status(status, { location }),
  html: (): Mode => modes.text('<!doctype html><title>Welcome</title>', { 'content-type': 'text/html; charset=utf-8' }),
  /** Takes the request and says nothing. */
  hang: (): Mode => () => {},
  /** Ends the connection where an answer belongs. */
  reset: (): Mode => (request) => void request.socket.destroy(),
  /** A good beginning, then a byte now and then, for as long as somebody listens. */
  drip:
    (status = 200): Mode =>
    (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), DRIP_MS)
      response.on('close', () => clearInterval(timer))
    },
  /** Header lines without an end. */
  dripHead: (): Mode => (request) => {
    const { socket } = request
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x: y\r\n'), DRIP_MS)
    socket.on('close', () => clearInterval(timer))
  },
  /** So many megabytes of JSON, in chunks without a length, as fast as they are taken. */
  huge:
    (megabytes = 100): Mode =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(MEGABYTE, 0x20)
      let left = megabytes
      const more = () => {
        while (left-- > 0 && !response.destroyed) if (!response.write(chunk)) return void response.once('drain', more)
        response.end()
      }
      more()
    },
  /** A hundred kilobytes that become a hundred megabytes. */
  gzipBomb: (): Mode => {
    const bomb = gzipSync(Buffer.alloc(100 * MEGABYTE, 0x20))
    return modes.text(bomb, { 'content-encoding': 'gzip' })
  },
  /** A body with a `Content-Length` of any other length. */
  lying:
    (text: string, length: number): Mode =>
    (request) =>
      void request.socket.end(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${text}`,
      ),
  /** What no server should say. */
  raw:
    (text: string): Mode =>
    (request) =>
      void request.socket.end(text),
} as const
