/** The plugin for Fastify that stands around Mercurius. */
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { callerOn, type GraphqlContext } from './caller.js'
import { headOfRequest } from './context.js'
import { createGate, type Gate, type GraphqlAuth, type GraphqlOptions, type Refused } from './gate.js'
import { boundBy, protectAgain } from './protect.js'

// biome-ignore lint/suspicious/noExplicitAny: Fastify's types are the application's; none of them is needed to use this.
type Any = any

interface MercuriusContext {
  readonly reply?: Any
}

/** Who was found out to make a request, on the request. */
const KNOWN: unique symbol = Symbol('latchkey.graphql.known')

/**
 * Latchkey in Mercurius: a Fastify plugin to register in its place, with its options. The rules of the schema hold, `context.auth` is
 * who calls, documents have limits, and a bad credential is answered 401 where an operation needs somebody. Fastify does not start
 * (`options_invalid`) with a schema that does not say who may see what, nor with Mercurius's own sockets (`subscription`): they run
 * documents that nobody validated. `graphqlWsOptions` serves them at the same address.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { mercuriusAuth } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const plugin = (mercurius: object) => mercuriusAuth(auth, mercurius) // app.register(plugin(mercurius), { schema, resolvers })
 * ```
 */
export function mercuriusAuth<U extends User, C extends object>(
  auth: GraphqlAuth<U, C>,
  mercurius: object,
  options: GraphqlOptions = {},
): (app: Any, serverOptions: Any) => Promise<void> {
  const gate = createGate(auth as unknown as GraphqlAuth, options)
  const formatter = createFormatter(gate)
  // Without a scope of its own, as mercurius itself: `app.graphql` is for everybody.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'latchkey',
  })

  async function plugin(app: Any, serverOptions: Any): Promise<void> {
    const { context: more, additionalRouteOptions: routes = {}, graphql = {} } = serverOptions
    if (serverOptions.subscription)
      throw new AuthError('options_invalid', { hint: `mercuriusAuth: subscription: ${SOCKETS}` })
    // Declared, as Fastify wants it: all requests keep one shape.
    if (!app.hasRequestDecorator(KNOWN)) app.decorateRequest(KNOWN, null)
    await app.register(mercurius, {
      ...serverOptions,
      additionalRouteOptions: {
        ...routes,
        preParsing: [checkHead, ...[routes.preParsing ?? []].flat()],
        preHandler: [identify, ...[routes.preHandler ?? []].flat()],
      },
      graphql: { ...graphql, parseOptions: { maxTokens: gate.limits.tokens, ...graphql.parseOptions } },
      context: more
        ? async (request: Any, reply: Any) => ({ ...(await more(request, reply)), ...knownOf(request) })
        : knownOf,
      errorFormatter: formatter.format,
    })
    app.graphql.addHook('preExecution', preExecution)
    // Loaders and resolvers may be defined until then.
    app.addHook('onReady', async () => {
      protectAgain(app.graphql.schema, options)
      for (const name of CHANGES) again(app.graphql, name)
    })
  }

  /** Before the body is read: there Fastify would have an answer of its own. */
  function checkHead(request: Any, reply: Any, payload: unknown, done: Done): void {
    try {
      gate.checkHead(headOfRequest(request.raw))
      done(null, payload)
    } catch (error) {
      refuse(error, request, reply)
    }
  }

  /** In a hook of Fastify, which waits for nothing that is there at once; Mercurius waits for each of its own. */
  function identify(request: Any, reply: Any, done: Done): void {
    const refused = (error: unknown): void => refuse(error, request, reply)
    const identified = (known: GraphqlContext): void => {
      request[KNOWN] = known
      done()
    }
    try {
      checkTexts(request)
      const found = gate.identify(request.raw, reply.raw)
      if (found instanceof Promise) found.then(identified, refused)
      else identified(found)
    } catch (error) {
      refused(error)
    }
  }

  function checkTexts({ body, query: { query, variables } }: Any): void {
    // A list only where the application chose to take lists.
    const asked = Array.isArray(body) ? body : [body ?? { query, variables }]
    for (const one of asked) {
      // What is no GraphQL Mercurius would take for a document in JSON, past the parser that counts.
      if (/^\s*\{\s*"/.test(one?.query)) throw new AuthError('request_invalid')
      gate.checkText(one?.query, one?.variables)
    }
  }

  function refuse(error: unknown, request: Any, reply: Any): void {
    const { status, headers, error: told } = gate.refuse(error, headOfRequest(request.raw))
    reply
      .code(status)
      .headers(headers)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ errors: [told] }))
  }

  /** What changes the schema of a running server changes what is around its resolvers. */
  function again(graphql: Any, name: string): void {
    const change = graphql[name]
    if (typeof change !== 'function') return
    graphql[name] = (...given: unknown[]) => {
      const answer = change(...given)
      protectAgain(graphql.schema, options)
      return answer
    }
  }

  function preExecution(
    schema: GraphQLSchema,
    document: DocumentNode,
    context: MercuriusContext,
    variables?: Record<string, unknown>,
  ): void | Promise<void> {
    if (!boundBy(schema)) protectAgain(schema, options)
    const { body, query } = context.reply?.request ?? {}
    const operationName = body?.operationName ?? query?.operationName
    const stop = (error: unknown): never => {
      throw formatter.remember(gate.refuse(error, headOn(context)))
    }
    try {
      return gate.admit({ schema, document, operationName, variables }, context)?.catch(stop)
    } catch (error) {
      return stop(error)
    }
  }
}

type Done = (error?: Error | null, payload?: unknown) => void

/** Nobody where the request never came so far: Mercurius asks for a context for its errors, too. */
const knownOf = (request: Any): object => request[KNOWN] ?? { auth: undefined }

const CHANGES = ['defineResolvers', 'defineLoaders', 'extendSchema', 'replaceSchema', 'transformSchema']

/** They parse without limits, validate nothing, mask no error and wait for no `connection_init`. */
const SOCKETS = 'sockets of Mercurius know no limits; serve them by graphqlWsOptions(auth, { schema })'

const headOn = (context: MercuriusContext) =>
  callerOn(context)?.head ?? (context.reply && headOfRequest(context.reply.request.raw))

interface Formatter {
  /** A refusal as an error that is told apart from others when it comes back. */
  remember(refused: Refused): GraphQLError
  format(
    execution: { data?: unknown; errors: readonly Any[] },
    context: MercuriusContext,
  ): { statusCode: number; response: Any }
}

function createFormatter(gate: Gate): Formatter {
  const refusals = new WeakMap<object, Refused>()
  return { remember, format }

  function remember(refused: Refused): GraphQLError {
    refusals.set(refused.error, refused)
    return refused.error
  }

  function format({ data, errors }: { data?: unknown; errors: readonly Any[] }, context: MercuriusContext) {
    const refused = refusals.get(errors[0]) ?? refusals.get(errors[0]?.originalError)
    if (refused) {
      context.reply?.headers(refused.headers)
      return { statusCode: refused.status, response: { data: null, errors: [refused.error.toJSON()] } }
    }
    const status = errors[0]?.originalError?.statusCode ?? errors[0]?.statusCode
    // A document that is not valid comes as one error that holds the others.
    const all = errors.flatMap((error) =>
      Array.isArray(error.originalError?.errors) ? error.originalError.errors : [error],
    )
    return { statusCode: data ? 200 : (status ?? 200), response: { data: data ?? null, errors: all.map(told) } }

    function told(error: Any): unknown {
      // Their own words about a request that they cannot read.
      const isRequest = /^(MER|FST)_/.test(error.originalError?.code ?? error.code ?? '')
      return isRequest ? new GraphQLError(error.message).toJSON() : gate.present(error, context).toJSON()
    }
  }
}
