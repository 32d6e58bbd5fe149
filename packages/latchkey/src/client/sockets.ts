/** Options for the client of graphql-ws: a fresh token for every connection, the next one before it expires, and back when it ended. */
import { isOver, over, pause, pauseOf, STEADY_SECONDS, type TokenSource } from './token-source.js'

/** Where the socket is, and how it is opened. */
export interface SocketOptions {
  /** `wss://...`, or what answers it for each connection. */
  readonly url: string | (() => string | Promise<string>)
  /** What opens it. Default the `WebSocket` of the browser; on Node before 22 that of `ws`. */
  readonly webSocketImpl?: unknown
}

/** What `createClient` of graphql-ws takes. */
export interface SocketClientOptions {
  /** As it was given. */
  readonly url: string | (() => string | Promise<string>)
  /** What opens sockets, and says of 4401 that it is not the end. */
  readonly webSocketImpl: unknown
  /** Without an end: a page listens for as long as it is open. */
  readonly retryAttempts: number
  /** The token, after a refresh where the last one was refused. Rejects when the session is over. */
  connectionParams(): Promise<Record<string, unknown>>
  /** At once, then after 2, 4, 8 seconds and so on, 30 at most, less a random part. */
  retryWait(): Promise<void>
  /** Not when the session is over, nor after 4403. */
  shouldRetry(problem: unknown): boolean
  /** What is done when a socket is opened and when it ends. */
  readonly on: SocketListeners
}

/** What the client of graphql-ws calls. */
export interface SocketListeners {
  /** Begins to send the next tokens on it. */
  connected(socket: unknown): void
  /** Stops that. */
  closed(event: unknown): void
}

interface Socket {
  send(text: string): void
  close(code: number, reason: string): void
}

interface Closed {
  readonly code: number
  readonly reason: string
}

/** The client of graphql-ws takes 4401 and 4500 for final. To it they are this. */
const MENDED = 4_000
const LATER = 4_002
/** Closed here, to be opened again by somebody else than nobody. */
const SIGNED_IN = 4_001
const UNAUTHORIZED = 4_401
const UNAVAILABLE = 4_500
const FORBIDDEN = 4_403

/** How often the token is looked at; that costs a request only when a refresh is due. */
const LOOK_MS = 5_000

/**
 * Options for `createClient` of graphql-ws. Each connection says the access token of the client (cookies travel by themselves). A
 * token that was refreshed meanwhile is sent on the open socket; a socket that ended because of its token (4401) is opened again after
 * a refresh, and what was subscribed to is subscribed to again. What was published in between is not heard. If the session is over the
 * subscriptions end with an error whose `code` is the reason.
 *
 * @example
 * ```ts
 * import { createClient as createSocket } from 'graphql-ws'
 * import { createClient } from 'latchkey/client'
 * import { socketOptions } from 'latchkey/client/graphql'
 * const api = createClient('/auth', { transport: 'bearer' })
 * const socket = createSocket(socketOptions(api, { url: 'wss://api.example.com/graphql' }))
 * for await (const { data } of socket.iterate({ query: 'subscription { news }' })) console.log(data)
 * ```
 */
export function socketOptions(
  api: TokenSource,
  { url, webSocketImpl = (globalThis as { WebSocket?: unknown }).WebSocket }: SocketOptions,
): SocketClientOptions {
  let socket: Socket | undefined
  let who: string | undefined
  /** What was said on the socket last. */
  let said: string | undefined
  /** Why the last connection ended, where a refresh may mend it. */
  let refused: string | undefined
  let attempts = 0
  let openedAt = 0
  let stop = (): void => {}
  return {
    url,
    webSocketImpl: bent(webSocketImpl as new () => Socket),
    retryAttempts: Number.POSITIVE_INFINITY,
    connectionParams,
    retryWait: () => pause(pauseOf(attempts++)),
    shouldRetry,
    on: { connected, closed },
  }

  async function connectionParams(): Promise<Record<string, unknown>> {
    const reason = refused
    if (reason !== undefined) await api.refresh()
    const headers = await api.headers()
    refused = undefined
    const id = api.user?.id
    // What one user wanted is not heard in the name of the next one, nor of nobody.
    if (reason !== undefined && (id === undefined || (who !== undefined && id !== who))) {
      who = undefined
      throw over(reason)
    }
    who = id
    said = headers.authorization
    return { ...headers }
  }

  function shouldRetry(problem: unknown): boolean {
    const isFinal = isOver(problem) || (problem as Partial<Closed> | undefined)?.code === FORBIDDEN
    if (isFinal) who = undefined
    return !isFinal
  }

  function connected(opened: unknown): void {
    socket = opened as Socket
    openedAt = performance.now()
    const timer = setInterval(() => void look(), LOOK_MS)
    const unhear = api.onChange(() => void look())
    stop = () => {
      clearInterval(timer)
      unhear()
    }
    // A token may have come while the socket was opened.
    void look()
  }

  function closed(event: unknown): void {
    stop()
    stop = () => {}
    const { code, reason } = event as Closed
    if (socket && performance.now() - openedAt > STEADY_SECONDS * 1_000) attempts = 0
    if (code === MENDED) refused = reason
    // Closed on purpose: whoever subscribes next may be somebody else.
    if (code === 1_000) who = undefined
    socket = undefined
  }

  /** Says the next token on the open socket. */
  async function look(): Promise<void> {
    const open = socket
    // Where the server cannot be asked the socket may live on.
    const headers = await api.headers().catch(() => undefined)
    if (!open || open !== socket || !headers) return
    const id = api.user?.id
    if (id !== undefined && id !== who)
      return who === undefined ? open.close(SIGNED_IN, 'signed in') : open.close(FORBIDDEN, 'another user')
    if (headers.authorization === undefined || headers.authorization === said) return
    said = headers.authorization
    open.send(JSON.stringify({ type: 'ping', payload: headers }))
  }
}

/** The same class of sockets, but for the codes of their end. */
function bent(Impl: new () => Socket): unknown {
  class Bent extends Impl {}
  Object.defineProperty(Bent.prototype, 'onclose', {
    configurable: true,
    get() {
      return Reflect.get(Impl.prototype, 'onclose', this)
    },
    set(listener: ((event: Closed) => void) | null) {
      const told = listener && ((event: Closed) => listener(mended(event)))
      Reflect.set(Impl.prototype, 'onclose', told, this)
    },
  })
  return Bent
}

/** After a refusal with the next token, after a fault with the same one. */
function mended(event: Closed): Closed {
  const { code, reason } = event
  if (code === UNAUTHORIZED) return { code: MENDED, reason }
  return code === UNAVAILABLE ? { code: LATER, reason } : event
}
