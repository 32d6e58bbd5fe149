/** Sign-in and sign-out in handlers of the application's own: no endpoint is asked, and the cookies are set on the response at hand. */
import { AuthError } from '../errors.js'
import type { Stamp, User } from '../stores/port.js'
import type { TokenService } from '../tokens/service.js'
import { headOf, headOfNode, type Peer, type RequestHead } from '../transport/head.js'
import type { Tokens, Transport } from '../transport/transport.js'
import type { Transports } from '../transport/transports.js'
import type { Call, Operations } from './surface.js'

/** How a session of `auth.login` starts. Everything may be left out. */
export interface LoginOptions {
  /** The request, where the response does not know it: for the device, the address, and the check that no other site sent it. */
  readonly request?: object
  /** `false`: the session is a brief one and ends with the browser. Default true. */
  readonly remember?: boolean
  /** How the tokens travel. Default: the first of the option `transports`. */
  readonly transport?: Transport['kind']
  /** The store's stamp, read before the credentials were looked at (`auth.tokens` has no part in that). Default: read now. */
  readonly stamp?: Stamp
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
    const { request = requestOf(response), remember, transport, stamp, scope } = options
    const known = request && headFrom(request)
    const via = transports.choose(transport)
    if (via === 'cookie' && known) transports.csrf?.site(known.head)
    const issued = await tokens.issue(user, {
      scope,
      remember,
      device: known?.head.header('user-agent'),
      address: known && peer(known.remote, known.head).address,
      ...(stamp !== undefined && { stamp }),
    })
    setCookies(response, transports.deliver(via, issued, known?.head).delivery.cookies)
    return issued
  }

  async function logout(request: object, response: object): Promise<void> {
    const known = headFrom(request)
    if (!known) throw new AuthError('options_invalid', { hint: 'auth.logout: the first argument is no request' })
    const { cookies } = await operations.logout({}, callOf(known.head, peer(known.remote, known.head)))
    setCookies(response, cookies)
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
const requestOf = (response: object): object | undefined => {
  const { req, request } = response as { readonly req?: object; readonly request?: object }
  return req ? response : request
}

/** The shapes that frameworks give a response: Node's own, the fetch standard's, or an object that has one of them. */
interface Responselike {
  readonly appendHeader?: (name: string, value: string) => unknown
  readonly hasHeader?: (name: string) => boolean
  readonly getSetCookie?: unknown
  readonly headers?: Headers
  readonly res?: object
  readonly raw?: object
}

/** Adds cookies to a response of any framework, beside those that stand there. Throws `options_invalid` for what is none. */
export function setCookies(response: object, cookies: readonly string[], depth = 2): void {
  if (cookies.length === 0) return
  const one = response as Responselike
  const inner = one.res ?? one.raw
  const headers = one.getSetCookie ? (response as Headers) : one.headers
  if (typeof one.appendHeader === 'function') append(one.appendHeader.bind(one), one.hasHeader?.('cache-control'))
  else if (typeof headers?.append === 'function') append(headers.append.bind(headers), headers.has('cache-control'))
  else if (inner && depth > 0) setCookies(inner, cookies, depth - 1)
  else throw new AuthError('options_invalid', { hint: 'auth.login and auth.logout need a response to set cookies on' })

  function append(add: (name: string, value: string) => unknown, isCacheControlled: boolean | undefined): void {
    for (const cookie of cookies) add('set-cookie', cookie)
    // A cache between would hand one caller's cookies to the next.
    if (!isCacheControlled) add('cache-control', 'no-store')
  }
}
