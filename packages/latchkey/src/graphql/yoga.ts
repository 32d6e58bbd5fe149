/** The plugin for GraphQL Yoga. */
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import { setCookies } from '../endpoints/by-hand.js'
import type { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { headOf } from '../transport/head.js'
import { callerOn, type GraphqlContext, withCaller } from './caller.js'
import { headOfRequest } from './context.js'
import { createGate, type GraphqlAuth, type GraphqlOptions } from './gate.js'
import { protectAgain } from './protect.js'
import { toGraphQLError } from './refusal.js'
import { boundTo } from './watch.js'

/** Of Yoga's hooks those that are needed, as far as they are needed. */
export interface YogaPlugin {
  /** Protects the schema. */
  onSchemaChange(payload: { schema: unknown }): void
  /** Refuses by the head alone. */
  onRequestParse(payload: { request: Request; serverContext?: unknown }): void
  /** Finds out who calls, before the document is parsed. */
  onParams(payload: YogaParams): void | Promise<void>
  /** Takes suggestions out of what strangers read. */
  onExecutionResult(payload: { request: Request; result: unknown; setResult(result: never): void }): void
  /** Admits an operation, and says how its errors read. */
  onExecute(
    payload: YogaOperation,
  ):
    | { readonly onExecuteDone: YogaPresenting }
    | undefined
    | Promise<{ readonly onExecuteDone: YogaPresenting } | undefined>
  /** The same for a subscription. */
  onSubscribe(
    payload: YogaOperation,
  ):
    | { readonly onSubscribeResult: YogaPresenting }
    | undefined
    | Promise<{ readonly onSubscribeResult: YogaPresenting } | undefined>
  /** Sets the cookies of the answer. */
  onResponse(payload: { request: Request; response: Response }): void
}

interface YogaParams {
  readonly request: Request
  readonly params: { readonly query?: unknown; readonly variables?: unknown }
  readonly context: object
  // biome-ignore lint/suspicious/noExplicitAny: what is given to it is given on.
  readonly paramsHandler: (payload: any) => any
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  setParamsHandler(handler: (payload: any) => any): void
}

interface YogaOperation {
  readonly args: {
    readonly schema: GraphQLSchema
    readonly document: DocumentNode
    readonly operationName?: string | null | undefined
    // biome-ignore lint/suspicious/noExplicitAny: variables and contexts are the application's.
    readonly variableValues?: any
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    readonly contextValue?: any
  }
  setResultAndStopExecution(result: never): void
}

interface Done {
  readonly result: unknown
  setResult(result: never): void
}

type YogaPresenting = (done: Done) => unknown

/** A promise only where it has to be waited for: Yoga goes on at once where it is none, and keeps its pace. */
type Admitted<P> = P | undefined | Promise<P | undefined>

type Result = { readonly errors?: readonly unknown[] }

/**
 * Latchkey in GraphQL Yoga: the rules of the schema hold, `context.auth` is who calls, documents have limits, and a bad credential is
 * answered 401 where an operation needs somebody. Throws `options_invalid` for a schema that does not say who may see what.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { createAuth } from 'latchkey'
 * import { directives, yogaPlugin } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const schema = buildSchema(`${directives} type Query { me: String @authenticated }`)
 * const options = { schema, plugins: [yogaPlugin(auth)] } // createYoga(options)
 * ```
 */
export function yogaPlugin<U extends User, C extends object>(
  auth: GraphqlAuth<U, C>,
  options: GraphqlOptions = {},
): YogaPlugin {
  const gate = createGate(auth as unknown as GraphqlAuth, options)
  // The callers of its operations, on the request: one and the same person, who may be sent cookies by each. Of this plugin alone.
  const KNOWN: unique symbol = Symbol('latchkey.graphql.known')
  type Known = Request & { [KNOWN]?: GraphqlContext[] | undefined }
  return {
    onSchemaChange: ({ schema }) => protectAgain(schema as GraphQLSchema, options),

    onRequestParse({ request, serverContext }) {
      const head = headOfRequest(carrierOf(request, serverContext))
      try {
        gate.checkHead(head)
      } catch (error) {
        throw withStatus(gate.refuse(error, head))
      }
    },

    onParams(asked) {
      const { request, params, context } = asked
      const refuse = (error: unknown): never => {
        throw withStatus(gate.refuse(error, headOf(request)))
      }
      try {
        gate.checkText(params.query)
        gate.checkVariables(params.variables)
        const found = gate.identify(carrierOf(request, context))
        if (found instanceof Promise) return found.then((known) => identified(asked, known), refuse)
        return identified(asked, found)
      } catch (error) {
        return refuse(error)
      }
    },

    // After everything, because Yoga remembers what it found wrong with a document, whoever sent it first.
    onExecutionResult({ request, result, setResult }) {
      const { errors } = (result ?? {}) as Result
      if (!errors) return
      const [context] = (request as Known)[KNOWN] ?? []
      setResult({ ...(result as object), errors: errors.map((error) => gate.conceal(error, context)) } as never)
    },

    onExecute: (running) => admitted(running, { onExecuteDone: (done) => presented(done, running) }),
    onSubscribe: (running) => admitted(running, { onSubscribeResult: (done) => presented(done, running) }),

    onResponse({ request, response }) {
      for (const known of (request as Known)[KNOWN] ?? []) {
        const cookies = callerOn(known)?.cookies ?? []
        if (cookies.length > 0) setCookies(response, cookies)
      }
      ;(request as Known)[KNOWN] = undefined
    },
  }

  function identified({ request, paramsHandler, setParamsHandler }: YogaParams, known: GraphqlContext): void {
    const all = (request as Known)[KNOWN]
    if (all) all.push(known)
    else (request as Known)[KNOWN] = [known]
    setParamsHandler((payload) =>
      paramsHandler(Object.assign({}, payload, { context: ownContext(payload.context, known) })),
    )
  }

  /** Runs nothing of an operation that is refused as a whole. */
  function admitted<P>({ args, setResultAndStopExecution }: YogaOperation, presenting: P): Admitted<P> {
    const { schema, document, operationName, variableValues: variables, contextValue } = args
    const stop = (error: unknown): undefined => {
      setResultAndStopExecution({ errors: [refusal(error, contextValue)] } as never)
    }
    try {
      const waiting = gate.admit({ schema, document, operationName, variables }, contextValue)
      return waiting ? waiting.then(() => presenting, stop) : presenting
    } catch (error) {
      return stop(error)
    }
  }

  function presented({ result, setResult }: Done, { args }: YogaOperation): unknown {
    const each = ({ result: one, setResult: set }: Done): void => {
      const { errors } = one as Result
      if (errors)
        set({ ...(one as object), errors: errors.map((error) => gate.present(error, args.contextValue)) } as never)
    }
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      const caller = callerOn(args.contextValue)
      const ended = (why: AuthError) => ({ errors: [toGraphQLError(why)] })
      if (caller) setResult(boundTo(result as AsyncIterable<object>, caller, gate.watch, ended) as never)
      return { onNext: each }
    }
    each({ result, setResult })
    return undefined
  }

  function refusal(error: unknown, context: unknown): GraphQLError {
    return withStatus(gate.refuse(error, callerOn(context)?.head))
  }
}

/** Yoga reads status and headers there, and shows them to nobody. */
const withStatus = ({ status, headers, error }: ReturnType<ReturnType<typeof createGate>['refuse']>): GraphQLError =>
  new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status, headers } } })

/** The request of Node where Yoga stands in its server: it shows a header that stands twice. */
const carrierOf = (request: Request, context: unknown): object => {
  const { req } = (context ?? {}) as { req?: object }
  return req ? { req, request } : request
}

/**
 * A context of its own: what a server hands to Yoga may be the same object for all requests, and one would be the other's caller. A copy,
 * because an object that others are made from costs more than all that is on it, but for one that has more than its own members.
 */
const ownContext = (context: object, known: GraphqlContext): object =>
  Object.getPrototypeOf(context) === Object.prototype
    ? withCaller(context, known)
    : Object.assign(Object.create(context), known)
