/** The plugin for GraphQL Yoga. */
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import { setCookies } from '../endpoints/by-hand.js'
import type { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { headOf } from '../transport/head.js'
import { callerOn, type GraphqlContext } from './caller.js'
import { createGate, type GraphqlAuth, type GraphqlOptions } from './gate.js'
import { protectAgain } from './protect.js'
import { toGraphQLError } from './refusal.js'
import { boundTo } from './watch.js'

/** Of Yoga's hooks those that are needed, as far as they are needed. */
export interface YogaPlugin {
  /** Protects the schema. */
  onSchemaChange(payload: { schema: unknown }): void
  /** Refuses by the head alone. */
  onRequestParse(payload: { request: Request }): void
  /** Finds out who calls, before the document is parsed. */
  onParams(payload: YogaParams): Promise<void>
  /** Takes suggestions out of what strangers read. */
  onExecutionResult(payload: { request: Request; result: unknown; setResult(result: never): void }): void
  /** Admits an operation, and says how its errors read. */
  onExecute(payload: YogaOperation): Promise<{ readonly onExecuteDone: YogaPresenting } | undefined>
  /** The same for a subscription. */
  onSubscribe(payload: YogaOperation): Promise<{ readonly onSubscribeResult: YogaPresenting } | undefined>
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
  const contexts = new WeakMap<Request, GraphqlContext>()
  return {
    onSchemaChange: ({ schema }) => protectAgain(schema as GraphQLSchema, options),

    onRequestParse: ({ request }) => orRefuse(request, () => gate.checkHead(headOf(request))),

    async onParams({ request, params, context, paramsHandler, setParamsHandler }) {
      const { req } = context as { req?: object }
      const known = await orRefuse(request, async () => {
        gate.checkText(params.query, params.variables)
        return gate.identify(req ? { req, request } : request)
      })
      contexts.set(request, known)
      // A context of its own: what a server hands to Yoga may be the same object for all requests, and one would be the other's caller.
      setParamsHandler((payload) =>
        paramsHandler({ ...payload, context: Object.assign(Object.create(payload.context), known) }),
      )
    },

    // After everything, because Yoga remembers what it found wrong with a document, whoever sent it first.
    onExecutionResult({ request, result, setResult }) {
      const { errors } = (result ?? {}) as Result
      const context = contexts.get(request)
      if (errors)
        setResult({ ...(result as object), errors: errors.map((error) => gate.conceal(error, context)) } as never)
    },

    onExecute: async (running) =>
      (await stops(running)) ? undefined : { onExecuteDone: (done) => presented(done, running) },
    onSubscribe: async (running) =>
      (await stops(running)) ? undefined : { onSubscribeResult: (done) => presented(done, running) },

    onResponse({ request, response }) {
      const cookies = callerOn(contexts.get(request))?.cookies ?? []
      setCookies(response, cookies)
    },
  }

  /** Runs nothing of an operation that is refused as a whole. */
  async function stops({ args, setResultAndStopExecution }: YogaOperation): Promise<boolean> {
    const { schema, document, operationName, variableValues: variables, contextValue } = args
    try {
      await gate.admit({ schema, document, operationName, variables }, contextValue)
      return false
    } catch (error) {
      setResultAndStopExecution({ errors: [refusal(error, contextValue)] } as never)
      return true
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

  function orRefuse<T>(request: Request, check: () => T): T {
    const refuse = (error: unknown): never => {
      throw withStatus(gate.refuse(error, headOf(request)))
    }
    try {
      const checked = check()
      return checked instanceof Promise ? (checked.catch(refuse) as T) : checked
    } catch (error) {
      return refuse(error)
    }
  }

  function refusal(error: unknown, context: unknown): GraphQLError {
    return withStatus(gate.refuse(error, callerOn(context)?.head))
  }
}

/** Yoga reads status and headers there, and shows them to nobody. */
const withStatus = ({ status, headers, error }: ReturnType<ReturnType<typeof createGate>['refuse']>): GraphQLError =>
  new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status, headers } } })
