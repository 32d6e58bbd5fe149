/** The door `/graphql`: the same tokens, operations and limits as REST, in the form of GraphQL over HTTP. */
import { type ExecutionResult, NoSchemaIntrospectionCustomRule, parse, validate } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Context } from 'hono'
import { type Account, AuthError, type Authentication } from 'latchkey'
import type { ServerAuth } from '../config/open.js'
import { problem, WRONG_TYPE } from '../http/problem.js'
import { createMask, refusal } from './errors.js'
import { LIMITS, limitRules } from './limits.js'
import { type GraphqlContext, graphqlSchema } from './schema.js'

export type GraphqlHandler = (c: Context) => Promise<Response>

export interface GraphqlParts {
  readonly auth: ServerAuth
  /** Whether anonymous callers are refused. */
  readonly isRequired: boolean
  readonly development: boolean
  /** Learns of faults, never of refusals. */
  readonly failed: (error: unknown) => void
}

interface Caller extends GraphqlContext {
  readonly found: Authentication<Account>
}

export function createGraphql({ auth, isRequired, development, failed }: GraphqlParts): GraphqlHandler {
  const yoga = createYoga<Caller>({
    schema: graphqlSchema(auth),
    plugins: [limits(development), told()],
    maskedErrors: { maskError: createMask(development, failed) },
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
  return handle

  async function handle(c: Context): Promise<Response> {
    const request = c.req.raw
    if (!isPlainJson(request)) return problem(WRONG_TYPE)
    const { call, found } = await look(c)
    const isForged = found.failure?.code === 'csrf_failed'
    if (isForged || (isRequired && !found.context)) return refuse(found.failure ?? new AuthError('credential_missing'))
    const outgoing = (c.env as Partial<Bindings> | undefined)?.outgoing
    const cookies = [...(found.delivery?.cookies ?? [])]
    const requestId = String(outgoing?.getHeader('x-request-id') ?? '')
    const answer = await yoga.fetch(request, { call, found, requestId, cookies })
    for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
    return answer
  }

  async function look(c: Context): Promise<Pick<Caller, 'call' | 'found'>> {
    const { headers } = c.req.raw
    // A query by GET is no link to follow: with cookies it needs what a mutation needs, so that no other site can time it.
    const head = { method: 'POST', header: (name: string) => headers.get(name) ?? undefined }
    const incoming = (c.env as Partial<Bindings> | undefined)?.incoming
    const peer = auth.peer(incoming?.socket?.remoteAddress, head)
    const found = await auth.authenticate(head, peer)
    return { call: { head, peer, authentication: async () => found }, found }
  }

  /** As REST refuses, with a body that GraphQL clients read. */
  function refuse(error: AuthError): Response {
    const { status, headers } = auth.reject(error, { method: 'POST' })
    const body = JSON.stringify({ errors: [refusal(error, development)] })
    return new Response(body, { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })
  }
}

/** What @hono/node-server leaves in the environment. */
interface Bindings {
  readonly incoming: { readonly socket?: { readonly remoteAddress?: string } }
  readonly outgoing: { getHeader(name: string): unknown }
}

/** A form or a text can be sent by a page of another site without asking; JSON cannot. */
function isPlainJson({ method, headers }: Request): boolean {
  const said = headers.get('content-type')
  if (method === 'GET' && said === null) return true
  const [type = ''] = (said ?? '').split(';', 1)
  return (
    type.trim().toLowerCase() === 'application/json' && (headers.get('content-encoding') ?? 'identity') === 'identity'
  )
}

/** Counts before anything runs, and keeps the schema from strangers in production. */
function limits(development: boolean): Plugin<Caller> {
  return {
    onParse: ({ setParseFn }) =>
      setParseFn((source, options) => parse(source, { ...options, maxTokens: LIMITS.tokens })),
    onValidate({ context, addValidationRule, setValidationFn }) {
      for (const rule of limitRules) addValidationRule(rule)
      const isOpen = development || (context as unknown as Caller).found.context !== undefined
      if (!isOpen) addValidationRule(NoSchemaIntrospectionCustomRule)
      setValidationFn((schema, document, rules, options, typeInfo) =>
        validate(schema, document, rules, { ...options, hideSuggestions: !isOpen }, typeInfo),
      )
    },
  }
}

/** Beside the answer: why the token was not good, whatever fields were asked for, and where the log tells of a fault. */
function told(): Plugin<Caller> {
  return {
    onExecutionResult({ result, context, setResult }) {
      if (!result || Symbol.asyncIterator in result || Array.isArray(result)) return
      const { found, requestId } = context as unknown as Caller
      const { errors, extensions } = result as ExecutionResult
      const code = found.failure?.code
      const isFault = errors?.some((error) => error.extensions?.code === 'store_failed') === true
      if (code === undefined && !isFault) return
      setResult({ ...result, extensions: { ...extensions, ...(code && { code }), ...(isFault && { requestId }) } })
    },
  }
}
