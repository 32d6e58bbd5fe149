/** From the request of a server to the context of GraphQL: who calls, found out once. */
import type { IncomingMessage } from 'node:http'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { attach, attachedBy } from '../guard/attached.js'
import type { Authentication } from '../guard/authenticator.js'
import type { AuthContext } from '../guard/context.js'
import type { User } from '../stores/port.js'
import { headOf, headOfNode, type RequestHead } from '../transport/head.js'
import { CALLER, type Caller, type GraphqlContext, type Judged } from './caller.js'

/** A request in any of the forms that servers hand to their context functions: of `node:http`, of fetch, or something around one. */
export type GraphqlRequest = object

type NodeRequest = Pick<IncomingMessage, 'method' | 'rawHeaders'> & {
  readonly socket?: { readonly remoteAddress?: string }
}

/**
 * Makes the context function of a GraphQL server: it finds out who calls, and resolvers read `context.auth`. It takes what Yoga,
 * Apollo Server, Mercurius and graphql-http give to theirs. What an adapter found out before is taken over.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { contextOf } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const whoCalls = contextOf(auth)
 * const context = async (request: object) => ({ ...(await whoCalls(request)), startedAt: Date.now() })
 * ```
 */
export function contextOf<U extends User, C extends object>(
  auth: Pick<Auth<U, C>, 'authenticate' | 'peer'>,
): (request: GraphqlRequest) => Promise<GraphqlContext<U, C>> {
  const find = finder(auth)
  return async (given) => find(given)
}

/** The same without a promise where nothing has to be waited for. `head`: where it was read before. */
export function finder<U extends User, C extends object>(
  auth: Pick<Auth<U, C>, 'authenticate' | 'peer'>,
): (
  request: GraphqlRequest,
  response?: object,
  head?: RequestHead,
) => GraphqlContext<U, C> | Promise<GraphqlContext<U, C>> {
  return (given, response, read) => {
    const carrier = carrierOf(given)
    const head = read ?? headOfCarrier(carrier)
    const peer = auth.peer((carrier as NodeRequest).socket?.remoteAddress, head)
    const before = attachedBy(carrier, auth) as Authentication<U, C> | undefined
    if (before) return known(before, [])
    const found = auth.authenticate(head, peer)
    return found instanceof Promise ? found.then(first) : first(found)

    function first(authentication: Authentication<U, C>): GraphqlContext<U, C> {
      attach(carrier, auth, authentication as Authentication)
      return known(authentication, [...(authentication.delivery?.cookies ?? [])])
    }

    function known(authentication: Authentication<U, C>, cookies: string[]): GraphqlContext<U, C> {
      const { context } = authentication
      const caller: Caller = {
        head,
        peer,
        found: authentication as Authentication,
        failure: context ? undefined : authentication.failure,
        cookies,
        response,
        again: () => judge(context as AuthContext | undefined, head, (as) => auth.authenticate(as, peer) as never),
      }
      return { auth: context, [CALLER]: caller } as GraphqlContext<U, C>
    }
  }
}

/** Nobody becomes somebody on an open connection; who is somebody has to stay good. */
async function judge(
  auth: AuthContext | undefined,
  head: RequestHead,
  authenticate: (head: RequestHead) => Promise<Authentication>,
): Promise<Judged> {
  if (!auth) return { auth: undefined, failure: undefined }
  try {
    const isBrowser = auth.via === 'cookie' && head.header('origin') !== undefined
    // Where looking again changes nothing and costs no password: what signed tokens and API tokens say is in memory.
    if (auth.via === 'bearer' || auth.via === 'api-token' || isBrowser) {
      const { context, failure } = await authenticate(isBrowser ? asUpgrade(head) : head)
      return { auth: context, failure: context ? undefined : (failure ?? new AuthError('token_revoked')) }
    }
    await auth.checkNow()
    return { auth, failure: undefined }
  } catch (error) {
    return {
      auth: undefined,
      failure: error instanceof AuthError ? error : new AuthError('store_failed', { cause: error }),
    }
  }
}

/** No answer is left that could set cookies: the refresh token of the request must not be used. */
const asUpgrade = (head: RequestHead): RequestHead => ({
  method: 'GET',
  header: (name) => (name === 'upgrade' ? 'websocket' : head.header(name)),
})

/** The request itself, out of what a server puts around it; that of `node:http` where there is one, because it shows a header that stands twice. */
function carrierOf(given: object): object {
  if (isNode(given)) return given
  const { req, raw, request } = given as { req?: object; raw?: object; request?: object }
  const all = [given, req, raw, request].filter((one): one is object => typeof one === 'object' && one !== null)
  const found = all.find(isNode) ?? all.find(isFetch) ?? all.slice(1).map(rawOf).find(isNode)
  if (!found) throw new AuthError('options_invalid', { hint: 'contextOf() takes a request of node:http or of fetch' })
  return found as object
}

const rawOf = (one: object): object => (one as { raw?: object }).raw ?? one
const isNode = (one: object): one is NodeRequest => Array.isArray((one as Partial<NodeRequest>).rawHeaders)
const isFetch = (one: object): one is Request => typeof (one as Partial<Request>).headers?.get === 'function'

/** The head of a request in any of those forms. */
export const headOfRequest = (given: object): RequestHead => headOfCarrier(carrierOf(given))

const headOfCarrier = (carrier: object): RequestHead =>
  isNode(carrier) ? headOfNode(carrier) : headOf(carrier as Request)
