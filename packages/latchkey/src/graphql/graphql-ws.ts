/** The options for graphql-ws: a socket lives as long as the credential that it was opened with, or the one that came after it. */
import type { GraphQLError, GraphQLSchema, ValidationRule } from 'graphql'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { headOfNode, type RequestHead } from '../transport/head.js'
import { type Caller, callerOn, type GraphqlContext, withCaller } from './caller.js'
import { type OperationArgs, type OperationPayload, readDocument } from './document.js'
import { createGate, type GraphqlAuth, type GraphqlOptions } from './gate.js'
import { protect } from './protect.js'

/** A schema for graphql-ws, and how Latchkey stands before it. */
export interface GraphqlWsOptions extends GraphqlOptions {
  readonly schema: GraphQLSchema
  /** What the context of an operation has besides `auth`. */
  readonly context?: (connection: GraphqlWsConnection, known: GraphqlContext) => object | Promise<object>
  /** Besides those that the specification lists. */
  readonly validationRules?: readonly ValidationRule[]
  /** Whether strangers are sent away when they connect. Default false: they may subscribe to what is public. */
  readonly requireAuthentication?: boolean
}

/** A connection as graphql-ws hands it on. */
export interface GraphqlWsConnection {
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the socket and the request of whatever server it is used in.
  readonly extra: any
}

/** What `useServer` takes. */
export interface GraphqlWsHooks {
  /** Finds out who opens the connection. */
  onConnect(connection: GraphqlWsConnection): Promise<boolean>
  /** Parses, validates and admits an operation. */
  onSubscribe(
    connection: GraphqlWsConnection,
    id: string,
    payload: OperationPayload,
  ): Promise<readonly GraphQLError[] | OperationArgs>
  /** How the errors of a result read; a caller who is gone gets none of it. */
  // biome-ignore lint/suspicious/noExplicitAny: results are graphql-js's own, whatever version of it.
  onNext(connection: GraphqlWsConnection, id: string, payload: any, args: any, result: any): any
  /** Forgets the connection. */
  onClose(connection: GraphqlWsConnection): void
}

/** The state of an open WebSocket; those after it are closing and closed. */
const OPEN = 1

interface Live {
  context: GraphqlContext
  readonly stop: () => void
}

/**
 * Latchkey in graphql-ws. Who connects says who they are in `connection_init` (`{ token }`), or by the cookie of the upgrade, whose
 * Origin is checked. The socket closes within a second when that ends: 4401 with the code of the reason, and nothing is sent after it.
 * A client that goes on sends its next token in a `ping` (`{ token }`); it has to be of the same user, or the socket closes with 4403.
 * Throws `options_invalid` for a schema that does not say who may see what.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { createAuth } from 'latchkey'
 * import { directives, graphqlWsOptions } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const schema = buildSchema(`${directives} type Query { a: Int @public } type Subscription { news: String @authenticated }`)
 * const options = graphqlWsOptions(auth, { schema }) // useServer(options, new WebSocketServer({ server, path: '/graphql' }))
 * ```
 */
export function graphqlWsOptions<U extends User, C extends object>(
  auth: GraphqlAuth<U, C>,
  options: GraphqlWsOptions,
): GraphqlWsHooks {
  const { validationRules = [], context: more } = options
  const gate = createGate(auth as unknown as GraphqlAuth, options)
  const schema = protect(options.schema, options)
  const live = new WeakMap<object, Live>()
  return { onConnect, onSubscribe, onNext, onClose: (connection) => live.get(connection)?.stop() }

  async function onConnect(connection: GraphqlWsConnection): Promise<boolean> {
    const { connectionParams, extra } = connection
    try {
      const context = await gate.identify(carrier(extra.request, tokenIn(connectionParams)))
      const caller = callerOn(context) as Caller
      if (caller.failure) throw caller.failure
      if (!context.auth && options.requireAuthentication) throw new AuthError('credential_missing')
      // Gone while we looked: nobody would tell of its end a second time.
      if (extra.socket.readyState > OPEN) return false
      live.set(connection, { context, stop: gate.watch.add(caller, (why) => end(connection, why)) })
      extra.socket.on?.('message', (data: unknown) => void onMessage(connection, String(data)))
      return true
    } catch (error) {
      end(connection, error)
      return false
    }
  }

  async function onSubscribe(
    connection: GraphqlWsConnection,
    _id: string,
    { query, operationName, variables }: OperationPayload,
  ): ReturnType<GraphqlWsHooks['onSubscribe']> {
    const known = live.get(connection)
    if (!known) return [refusal(new AuthError('credential_missing'))]
    const { context } = known
    try {
      gate.checkText(query)
      gate.checkVariables(variables)
      await judgeNow(connection, known)
      const document = readDocument(schema, query, validationRules)
      if (!('kind' in document)) return document.map((error) => gate.present(error, context))
      const contextValue = withCaller(await more?.(connection, context), known.context)
      await gate.admit({ schema, document, operationName, variables }, contextValue)
      return { schema, document, operationName, variableValues: variables, contextValue }
    } catch (error) {
      return [refusal(error, callerOn(context)?.head)]
    }
  }

  function onNext(
    connection: GraphqlWsConnection,
    _id: string,
    _payload: unknown,
    { contextValue }: OperationArgs,
    result: { readonly errors?: readonly GraphQLError[] },
  ): object | undefined {
    const failure = callerOn(contextValue)?.failure
    if (failure) {
      end(connection, failure)
      return { errors: [refusal(failure)] }
    }
    if (!result.errors) return undefined
    return { ...result, errors: result.errors.map((error) => gate.present(error, contextValue).toJSON()) }
  }

  /** What a socket was opened with may have ended before its next operation. */
  async function judgeNow(connection: GraphqlWsConnection, known: Live): Promise<void> {
    const caller = callerOn(known.context) as Caller
    const { auth: still, failure } = await caller.again()
    if (failure && failure.status < 500) end(connection, failure)
    if (failure) throw failure
    known.context = { ...known.context, auth: still }
  }

  /** The next token, in band: of the same user, or it is none for this socket. */
  async function onMessage(connection: GraphqlWsConnection, text: string): Promise<void> {
    const known = live.get(connection)
    const token = tokenIn(pingIn(text))
    if (!known || token === undefined) return
    try {
      const { auth: before } = known.context
      const next = await gate.identify(carrier(connection.extra.request, token))
      const { failure, again } = callerOn(next) as Caller
      if (failure) throw failure
      if (!before || before.subject !== next.auth?.subject || before.issuer !== next.auth?.issuer)
        throw new AuthError('permission_denied')
      const caller = callerOn(known.context) as Caller
      caller.again = again
      known.context = { ...known.context, auth: next.auth }
    } catch (error) {
      end(connection, error)
    }
  }

  function end(connection: GraphqlWsConnection, error: unknown): void {
    live.get(connection)?.stop()
    const { error: told, status } = gate.refuse(error, undefined)
    const code = status >= 500 ? 4500 : status === 403 ? 4403 : 4401
    connection.extra.socket.close(code, String(told.extensions.code))
  }

  function refusal(error: unknown, head?: RequestHead): GraphQLError {
    return gate.refuse(error, head).error
  }
}

/** The request of the upgrade, with the token that was said on the socket in place of whatever it came with. */
function carrier(
  request: { readonly rawHeaders: readonly string[]; readonly method?: string; readonly socket?: object },
  token: string | undefined,
): object {
  if (token === undefined) return request
  const head = headOfNode(request)
  const rawHeaders = ['Authorization', `Bearer ${token}`]
  for (const name of ['origin', 'user-agent', 'x-forwarded-for'] as const) {
    const value = head.header(name)
    if (value !== undefined) rawHeaders.push(name, value)
  }
  return { method: 'GET', rawHeaders, socket: request.socket }
}

function tokenIn(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { token, authorization = params?.Authorization } = params ?? {}
  if (token !== undefined) return String(token)
  return authorization === undefined ? undefined : String(authorization).replace(/^bearer /i, '')
}

function pingIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.includes('"ping"')) return undefined
  try {
    const { type, payload } = JSON.parse(text)
    return type === 'ping' && typeof payload === 'object' && payload !== null ? payload : undefined
  } catch {
    return undefined
  }
}
