/** The options for graphql-http. */
import type { GraphQLError, GraphQLSchema, ValidationRule } from 'graphql'
import type { User } from '../stores/port.js'
import type { RequestHead } from '../transport/head.js'
import { type GraphqlContext, withCaller } from './caller.js'
import { headOfRequest } from './context.js'
import { type OperationArgs, type OperationPayload, readDocument } from './document.js'
import { createGate, type GraphqlAuth, type GraphqlOptions, type Refused } from './gate.js'
import { protect } from './protect.js'

/** A schema for graphql-http, and how Latchkey stands before it. */
export interface GraphqlHttpOptions extends GraphqlOptions {
  readonly schema: GraphQLSchema
  /** What the context has besides `auth`. */
  readonly context?: (request: GraphqlHttpRequest, known: GraphqlContext) => object | Promise<object>
  /** Besides those that the specification lists. */
  readonly validationRules?: readonly ValidationRule[]
}

/** A request as graphql-http hands it on: `raw` is that of the server. */
export interface GraphqlHttpRequest {
  readonly method: string
  // biome-ignore lint/suspicious/noExplicitAny: the request and the context of whatever server it is used in.
  readonly raw: any
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly context: any
}

type GraphqlHttpAnswer = readonly [
  body: string,
  init: { status: number; statusText: string; headers: Record<string, string> },
]
type Result = { readonly errors?: readonly GraphQLError[] }

/** What `createHandler` takes. */
export interface GraphqlHttpHooks {
  readonly schema: GraphQLSchema
  /** Refuses by the head alone, before the body is read. */
  parseRequestParams(request: GraphqlHttpRequest): GraphqlHttpAnswer | undefined
  /** Parses, validates and admits: answers a refusal, or what is to be executed. */
  onSubscribe(
    request: GraphqlHttpRequest,
    params: OperationPayload,
  ): Promise<GraphqlHttpAnswer | readonly GraphQLError[] | OperationArgs>
  /** How errors read. */
  // biome-ignore lint/suspicious/noExplicitAny: results are graphql-js's own, whatever version of it.
  onOperation(request: GraphqlHttpRequest, args: any, result: any): any
}

/**
 * Latchkey in graphql-http: the rules of the schema hold, `context.auth` is who calls, documents have limits, and a bad credential is
 * answered 401 where an operation needs somebody. Throws `options_invalid` for a schema that does not say who may see what. Cookies
 * are set where the server is one of Node's.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { createAuth } from 'latchkey'
 * import { directives, graphqlHttpOptions } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const schema = buildSchema(`${directives} type Query { me: String @authenticated }`)
 * const options = graphqlHttpOptions(auth, { schema }) // createServer(createHandler(options))
 * ```
 */
export function graphqlHttpOptions<U extends User, C extends object>(
  auth: GraphqlAuth<U, C>,
  options: GraphqlHttpOptions,
): GraphqlHttpHooks {
  const { validationRules = [], context: more } = options
  const gate = createGate(auth as unknown as GraphqlAuth, options)
  const schema = protect(options.schema, options)
  return { schema, parseRequestParams, onSubscribe, onOperation }

  /** Nothing where graphql-http may go on and read the body. */
  function parseRequestParams({ raw }: GraphqlHttpRequest): GraphqlHttpAnswer | undefined {
    const head = headOfRequest(raw)
    try {
      gate.checkHead(head)
      return undefined
    } catch (error) {
      return written(gate.refuse(error, head), head)
    }
  }

  async function onSubscribe(
    request: GraphqlHttpRequest,
    params: OperationPayload,
  ): ReturnType<GraphqlHttpHooks['onSubscribe']> {
    const { query, operationName, variables } = params
    const head = headOfRequest(request.raw)
    try {
      gate.checkText(query)
      gate.checkVariables(variables)
      const known = await gate.identify(request.raw, responseOf(request))
      const document = readDocument(schema, query, validationRules)
      if (!('kind' in document)) return document.map((error) => gate.present(error, known))
      const contextValue = withCaller(await more?.(request, known), known)
      await gate.admit({ schema, document, operationName, variables }, contextValue)
      return { schema, document, operationName, variableValues: variables, contextValue }
    } catch (error) {
      return written(gate.refuse(error, head), head)
    }
  }

  function onOperation(
    _request: GraphqlHttpRequest,
    { contextValue }: OperationArgs,
    result: Result,
  ): Result | undefined {
    if (!result.errors) return undefined
    return { ...result, errors: result.errors.map((error) => gate.present(error, contextValue)) }
  }
}

/** Its servers for Node leave the response in the context of the request. */
const responseOf = ({ context }: GraphqlHttpRequest): object | undefined =>
  (context as { res?: object } | undefined)?.res

const NEW_TYPE = 'application/graphql-response+json'

function written({ status, headers, error }: Refused, head: RequestHead): GraphqlHttpAnswer {
  const type = head.header('accept')?.includes(NEW_TYPE) ? NEW_TYPE : 'application/json'
  return [
    JSON.stringify({ errors: [error] }),
    { status, statusText: '', headers: { ...headers, 'content-type': `${type}; charset=utf-8` } },
  ]
}
