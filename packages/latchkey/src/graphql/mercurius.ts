/** The plugin for Fastify that stands around Mercurius. */
import { type DocumentNode, GraphQLError } from 'graphql'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { callerOn, type GraphqlContext, withCaller } from './caller.js'
import { headOfRequest } from './context.js'
import { createDocuments } from './document.js'
import { createGate, type Gate, type GraphqlAuth, type GraphqlOptions, type Refused } from './gate.js'
import { boundBy, protectAgain } from './protect.js'

// biome-ignore lint/suspicious/noExplicitAny: Fastify's types are the application's; none of them is needed to use this.
type Any = any

/** What the context function found out that must be said where Mercurius formats errors. */
const REFUSED: unique symbol = Symbol('latchkey.graphql.refused')

interface MercuriusContext {
  readonly reply?: Any
  readonly [REFUSED]?: Refused
}

type Given = [
  source?: string | DocumentNode,
  context?: MercuriusContext,
  variables?: Record<string, unknown>,
  operationName?: string | null,
]

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
  const documents = createDocuments(gate.checkText)
  // Without a scope of its own, as mercurius itself: `app.graphql` is for everybody.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'latchkey',
  })

  async function plugin(app: Any, serverOptions: Any): Promise<void> {
    const { context: more, graphql = {} } = serverOptions
    if (serverOptions.subscription)
      throw new AuthError('options_invalid', { hint: `mercuriusAuth: subscription: ${SOCKETS}` })
    await app.register(mercurius, {
      ...serverOptions,
      graphql: { ...graphql, parseOptions: { maxTokens: gate.limits.tokens, ...graphql.parseOptions } },
      context: more
        ? async (request: Any, reply: Any) =>
            withCaller(await more(request, reply), (await identify(request, reply)) as GraphqlContext)
        : identify,
      errorFormatter: formatter.format,
    })
    app.graphql = admitting(app.graphql)
    // Loaders and resolvers may be defined until then.
    app.addHook('onReady', async () => {
      protectAgain(app.graphql.schema, options)
      for (const name of CHANGES) again(app.graphql, name)
    })
  }

  /** Whoever is refused is told so where Mercurius formats errors, also those of a body that Fastify could not read. */
  function identify(request: Any, reply: Any): object | Promise<object> {
    const head = headOfRequest(request.raw)
    const refused = (error: unknown): object => ({ auth: undefined, [REFUSED]: gate.refuse(error, head) })
    try {
      gate.checkHead(head)
      const found = gate.identify(request.raw, reply.raw, head)
      return found instanceof Promise ? found.catch(refused) : found
    } catch (error) {
      return refused(error)
    }
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

  /**
   * Whatever is asked goes through this one function: by a route, in a list, by a name that stands for a document, by the hand of the
   * application. Hooks of Mercurius stand there, too, and wait four times for what is there at once.
   */
  function admitting(graphql: Any): Any {
    return new Proxy(graphql, {
      apply(run, app, given: Given) {
        const [, context] = given
        const stop = (error: unknown) => Promise.reject(formatter.remember(gate.refuse(error, headOn(context))))
        const refused = context?.[REFUSED]
        if (refused) return Promise.reject(refused.error)
        try {
          const waiting = admit(given)
          if (waiting) return waiting.then(() => Reflect.apply(run, app, given), stop)
        } catch (error) {
          return stop(error)
        }
        return Reflect.apply(run, app, given)
      },
    })

    function admit([source, context, variables, operationName]: Given): void | Promise<void> {
      const { schema } = graphql
      if (!boundBy(schema)) protectAgain(schema, options)
      gate.checkVariables(variables)
      const document = typeof source === 'string' ? documents.read(source) : source
      // What is no GraphQL Mercurius says in its own words, but would take for a document in JSON.
      if (document) return gate.admit({ schema, document, operationName, variables }, context)
      if (/^\s*\{\s*"/.test(source as string)) throw new AuthError('request_invalid')
    }
  }
}

const CHANGES = ['defineResolvers', 'defineLoaders', 'extendSchema', 'replaceSchema', 'transformSchema']

/** They parse without limits, validate nothing, mask no error and wait for no `connection_init`. */
const SOCKETS = 'sockets of Mercurius know no limits; serve them by graphqlWsOptions(auth, { schema })'

const headOn = (context: MercuriusContext | undefined) =>
  callerOn(context)?.head ?? (context?.reply && headOfRequest(context.reply.request.raw))

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
    const refused = context[REFUSED] ?? refusals.get(errors[0]) ?? refusals.get(errors[0]?.originalError)
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
