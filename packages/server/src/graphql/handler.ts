/** The door `/graphql`: the same tokens, operations and limits as REST, in the form of GraphQL over HTTP. */
import type { IncomingMessage } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Context } from 'hono'
import { type Account, AuthError } from 'latchkey'
import { anybody, callOf, type GraphqlAuth, type GraphqlOptions, yogaPlugin } from 'latchkey/graphql'
import type { ServerAuth } from '../config/open.js'
import { graphqlSchema } from './schema.js'

export type GraphqlHandler = (c: Context) => Promise<Response>

export interface GraphqlParts {
  readonly auth: ServerAuth
  /** Whether anonymous callers are refused. */
  readonly isRequired: boolean
  readonly development: boolean
  /** Learns of faults, never of refusals. */
  readonly failed: (error: unknown) => void
}

/** Who is nobody may sign in, and hears that they are nobody. */
const rules: NonNullable<GraphqlOptions['rules']> = {
  Query: anybody,
  Mutation: anybody,
  User: anybody,
  SignedIn: anybody,
}

export function createGraphql({ auth, isRequired, development, failed }: GraphqlParts): GraphqlHandler {
  const yoga = createYoga<{ req: object | undefined }>({
    schema: graphqlSchema(auth),
    plugins: [yogaPlugin(strict(auth, isRequired), { development, failed, rules }) as Plugin, told()],
    // What is told of an error the plugin above says.
    maskedErrors: false,
    // The pages of others load from elsewhere; ours is in pages/.
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    logging: false,
    // Documents are small and come from strangers: remembering them costs more than reading them.
    parserAndValidationCache: false,
    fetchAPI: { Response },
  })
  return async (c) => yoga.fetch(c.req.raw, { req: requestOf((c.env ?? {}) as Partial<Bindings>) })
}

/** What @hono/node-server leaves in the environment. */
interface Bindings {
  readonly incoming: IncomingMessage
  readonly outgoing: { getHeader(name: string): unknown }
}

/** The request of Node, which shows a header that stands twice, under the id that the log has for it. */
function requestOf({ incoming, outgoing }: Partial<Bindings>): object | undefined {
  if (!incoming) return undefined
  const given = incoming.rawHeaders
  const others = given.filter((_, at) => given[at - (at % 2)]?.toLowerCase() !== 'x-request-id')
  const rawHeaders = [...others, 'x-request-id', String(outgoing?.getHeader('x-request-id') ?? '')]
  return Object.create(incoming, { rawHeaders: { value: rawHeaders } })
}

/** Refuses for the whole request what GraphQL alone would refuse where a field needs somebody. */
function strict(auth: ServerAuth, isRequired: boolean): GraphqlAuth<Account> {
  return {
    peer: auth.peer,
    reject: auth.reject,
    async authenticate(head, peer) {
      const found = await auth.authenticate(head, peer)
      if (found.failure?.code === 'csrf_failed') throw found.failure
      if (isRequired && !found.context) throw found.failure ?? new AuthError('credential_missing')
      return found
    },
  }
}

/** Beside the answer: why the token was not good, whatever fields were asked for, and where the log tells of a fault. */
function told(): Plugin {
  return {
    async onExecute({ args }) {
      const { failure } = await callOf(args.contextValue).authentication()
      return {
        onExecuteDone({ result, setResult }) {
          const { errors, extensions } = result as ExecutionResult
          const fault = errors?.find((error) => error.extensions?.code === 'store_failed')
          if (!failure && !fault) return
          const more = {
            ...(failure && { code: failure.code }),
            ...(fault && { requestId: fault.extensions.requestId }),
          }
          setResult({ ...(result as ExecutionResult), extensions: { ...extensions, ...more } })
        },
      }
    },
  }
}
