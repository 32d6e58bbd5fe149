/** The plugin for Apollo Server, and what goes with it. */
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import type { User } from '../stores/port.js'
import { callerOn, type GraphqlContext } from './caller.js'
import { headOfRequest } from './context.js'
import { createGate, type GraphqlAuth, type GraphqlOptions, type Refused } from './gate.js'
import { protectAgain } from './protect.js'

/** Latchkey in an Apollo Server: `server` goes into its options, `context` is its context function. */
export interface ApolloAuth<U extends User = User, C extends object = object> {
  readonly server: {
    readonly plugins: [ApolloPlugin]
    readonly parseOptions: { readonly maxTokens: number }
    /** For whom it is, the plugin says. */
    readonly introspection: true
    /** The context function is stricter. */
    readonly csrfPrevention: false
    readonly allowBatchedHttpRequests: false
    /** Outside production it would tell where in the server an error was made. */
    readonly includeStacktraceInErrorResponses: false
  }
  /** Finds out who calls. Throws what the request is refused with, as an error that Apollo Server answers. */
  context(request: ApolloRequest): Promise<GraphqlContext<U, C>>
}

interface Body {
  readonly query?: unknown
  readonly variables?: unknown
}

interface ApolloRequest {
  readonly req: object
  readonly res?: object
}

interface ApolloPlugin {
  serverWillStart(service: { schema: GraphQLSchema }): Promise<{
    schemaDidLoadOrUpdate(loaded: { apiSchema: GraphQLSchema }): void
  }>
  requestDidStart(): Promise<{
    didResolveOperation(request: ApolloOperation): Promise<void>
    didEncounterErrors(request: { readonly errors: readonly unknown[]; readonly contextValue: unknown }): Promise<void>
  }>
}

interface ApolloOperation {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly contextValue: unknown
  readonly request: {
    readonly operationName?: string | undefined
    readonly variables?: Record<string, unknown> | undefined
  }
}

/**
 * Latchkey in Apollo Server: the rules of the schema hold, `context.auth` is who calls, documents have limits, and a bad credential is
 * answered 401 where an operation needs somebody. The server does not start (`options_invalid`) with a schema that does not say who
 * may see what.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { apolloAuth } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const { server, context } = apolloAuth(auth)
 * // await startStandaloneServer(new ApolloServer({ schema, ...server }), { context })
 * ```
 */
export function apolloAuth<U extends User, C extends object>(
  auth: GraphqlAuth<U, C>,
  options: GraphqlOptions = {},
): ApolloAuth<U, C> {
  const gate = createGate(auth as unknown as GraphqlAuth, options)
  const plugin: ApolloPlugin = {
    async serverWillStart({ schema }) {
      protectAgain(schema, options)
      return { schemaDidLoadOrUpdate: ({ apiSchema }) => protectAgain(apiSchema, options) }
    },
    requestDidStart: async () => ({ didResolveOperation, didEncounterErrors }),
  }
  const server = {
    plugins: [plugin],
    parseOptions: { maxTokens: gate.limits.tokens },
    introspection: true,
    csrfPrevention: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
  } satisfies ApolloAuth['server']
  return { server: server as ApolloAuth['server'], context }

  async function context({ req, res }: ApolloRequest): Promise<GraphqlContext<U, C>> {
    const head = headOfRequest(req)
    try {
      gate.checkHead(head)
      // A list only where the application chose to take lists.
      const bodies = [(req as { body?: Body | readonly Body[] }).body].flat()
      for (const body of bodies) {
        gate.checkText(body?.query)
        gate.checkVariables(body?.variables)
      }
      return (await gate.identify(req, res)) as GraphqlContext<U, C>
    } catch (error) {
      throw withStatus(gate.refuse(error, head))
    }
  }

  async function didResolveOperation({ schema, document, contextValue, request }: ApolloOperation): Promise<void> {
    try {
      await gate.admit({ schema, document, ...request }, contextValue)
    } catch (error) {
      throw withStatus(gate.refuse(error, callerOn(contextValue)?.head))
    }
  }

  /** What stands in this list is what Apollo Server goes on to format. */
  async function didEncounterErrors({ errors, contextValue }: { errors: readonly unknown[]; contextValue: unknown }) {
    const list = errors as unknown[]
    for (const [i, error] of list.entries()) list[i] = gate.present(error, contextValue)
  }
}

/** Apollo Server reads status and headers there, and shows them to nobody. */
const withStatus = ({ status, headers, error }: Refused): GraphQLError =>
  new GraphQLError(error.message, {
    extensions: { ...error.extensions, http: { status, headers: new Map(Object.entries(headers)) as never } },
  })
