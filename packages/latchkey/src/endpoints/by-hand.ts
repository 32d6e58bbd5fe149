/** Sign-in and sign-out in handlers of the application's own: no endpoint is asked, and the cookies are set on the response at hand. */
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import type { TokenService } from '../tokens/service.js'
import { headOf, headOfNode, type Peer, type RequestHead } from '../transport/head.js'
import type { Tokens, Transport } from '../transport/transport.js'
import type { Transports } from '../transport/transports.js'
import { renewCookies } from '../util/cookie.js'
import type { Call, Operations } from './surface.js'

/** How a session of `auth.login` starts. Everything may be left out. */
export interface LoginOptions {
  /** The request, where the response does not know it: for the device, the address, and the check that no other site sent it. */
  readonly request?: object
  /** `false`: the session is a brief one and ends with the browser. Default true. */
  readonly remember?: boolean
  /** How the tokens travel. Default: the first of the option `transports`. */
  readonly transport?: Transport['kind']
  /** Space-separated scopes that the tokens are granted. */
  readonly scope?: string
}

export interface ByHandParts<U extends User> {
  readonly tokens: TokenService<U>
  readonly transports: Transports
  readonly operations: Pick<Operations<U>, 'logout'>
  /** What the chain finds, for a call made of a request. */
  callOf(head: RequestHead, peer: Peer): Call<U>
  peer(remote: string | undefined, head: RequestHead): Peer
}

export interface ByHand<U extends User> {
  login(response: object, user: U, options?: LoginOptions): Promise<Tokens>
  logout(request: object, response: object): Promise<void>
}

export function createByHand<U extends User>({
  tokens,
  transports,
  operations,
  callOf,
  peer,
}: ByHandParts<U>): ByHand<U> {
  return { login, logout }

  async function login(response: object, user: U, options: LoginOptions = {}): Promise<Tokens> {
    const { request = requestOf(response), remember, transport, scope } = options
    const known = request && headFrom(request)
    const via = transports.choose(transport, known?.head)
    // Before there is a session: one whose cookies nobody gets would be left over.
    const put = via === 'cookie' ? jarOf(response) : undefined
    const issued = await tokens.issue(user, {
      scope,
      remember,
      device: known?.head.header('user-agent'),
      address: known && peer(known.remote, known.head).address,
    })
    put?.(transports.deliver(via, issued, known?.head).delivery.cookies)
    return issued
  }

  async function logout(request: object, response: object): Promise<void> {
    const known = isObject(request) ? headFrom(request) : undefined
    if (!known) throw unusable('auth.logout: the first argument is no request')
    const put = transports.forgetting.length > 0 ? jarOf(response) : undefined
    const { cookies } = await operations.logout({}, callOf(known.head, peer(known.remote, known.head)))
    put?.(cookies)
  }
}

interface Known {
  readonly head: RequestHead
  readonly remote: string | undefined
}

/** The shapes that frameworks give a request: Node's own, the fetch standard's, or an object that has one of them. */
interface Requestlike {
  readonly rawHeaders?: readonly string[]
  readonly method?: string
  readonly socket?: { readonly remoteAddress?: string }
  readonly headers?: { readonly get?: unknown }
  readonly req?: object
  readonly raw?: object
  readonly env?: { readonly incoming?: object }
}

function headFrom(request: object, depth = 3): Known | undefined {
  const { rawHeaders, method, socket, headers, req, raw, env } = request as Requestlike
  if (rawHeaders) return { head: headOfNode({ rawHeaders, method }), remote: socket?.remoteAddress }
  if (typeof headers?.get === 'function') return { head: headOf(request as Request), remote: undefined }
  // Hono on Node keeps the request that it came from; the raw headers show a second one of a name.
  const inner = env?.incoming ?? req ?? raw
  return inner && depth > 0 ? headFrom(inner, depth - 1) : undefined
}

/** Node's responses, Express's and Hono's contexts know the request that they answer. */
const requestOf = (response: unknown): object | undefined => {
  if (!isObject(response)) return undefined
  const { req, request } = response as { readonly req?: object; readonly request?: object }
  return req ? response : request
}

/** The shapes that frameworks give a response: Node's own, the fetch standard's, or an object that has one of them. */
interface Responselike {
  readonly setHeader?: (name: string, value: string | readonly string[]) => unknown
  readonly getHeader?: (name: string) => unknown
  readonly headersSent?: boolean
  readonly getSetCookie?: unknown
  readonly headers?: Headers
  readonly res?: object
  readonly raw?: object
}

/** Adds cookies to a response of any framework, in place of those that they renew. Throws `options_invalid` for what takes none. */
export function setCookies(response: object, cookies: readonly string[]): void {
  if (cookies.length > 0) jarOf(response)(cookies)
}

type Put = (cookies: readonly string[]) => void

function jarOf(response: unknown, depth = 2): Put {
  if (!isObject(response)) throw unusable(NO_RESPONSE)
  const { setHeader, getHeader, headersSent, getSetCookie, headers, res, raw } = response as Responselike
  if (headersSent) throw unusable('the answer is on its way: cookies have to be set before it is begun')
  if (typeof setHeader === 'function' && typeof getHeader === 'function') return byNode
  if (typeof getSetCookie === 'function') return byFetch(response as Headers)
  if (typeof headers?.getSetCookie === 'function') return byFetch(headers)
  const inner = res ?? raw
  if (inner && depth > 0) return jarOf(inner, depth - 1)
  throw unusable(NO_RESPONSE)

  function byNode(cookies: readonly string[]): void {
    const node = response as Required<Responselike>
    const held = [node.getHeader('set-cookie') ?? []].flat() as string[]
    node.setHeader('set-cookie', renewCookies(held, cookies))
    // A cache between would hand one caller's cookies to the next.
    if (node.getHeader('cache-control') === undefined) node.setHeader('cache-control', 'no-store')
  }
}

function byFetch(headers: Headers): Put {
  try {
    headers.delete('x-nothing-of-this-name')
  } catch (cause) {
    throw unusable('the headers of this response cannot be changed: make one with `new Response`', cause)
  }
  return (cookies) => {
    const lines = renewCookies(headers.getSetCookie(), cookies)
    headers.delete('set-cookie')
    for (const line of lines) headers.append('set-cookie', line)
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  }
}

const NO_RESPONSE = 'auth.login and auth.logout need a response to set cookies on'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const unusable = (hint: string, cause?: unknown): AuthError => new AuthError('options_invalid', { hint, cause })
