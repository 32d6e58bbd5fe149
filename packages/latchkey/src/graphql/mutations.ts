/** Signing in and out by GraphQL: the same operations as the endpoints, counted by the same throttle. */
import {
  extendSchema,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLScalarType,
  type GraphQLSchema,
  parse,
} from 'graphql'
import type { Auth } from '../auth.js'
import { setCookies } from '../endpoints/by-hand.js'
import type { MutationCall } from '../endpoints/graphql-surface.js'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { type Caller, callerOn } from './caller.js'
import { withFieldCallers } from './field-callers.js'
import { nativeMutations } from './native-mutations.js'
import { anybody } from './rule.js'
import { asksFor } from './selection.js'

/**
 * The same schema with the mutations `tokenAuth`, `verifyToken`, `refreshToken`, `revokeToken`, `deleteTokenCookie` and
 * `deleteRefreshTokenCookie`, which do what the endpoints do: they are open to everybody, throttled together with REST, and set cookies
 * where tokens travel in cookies. A preset brings its own. Throws `options_invalid` where the schema has one of them already. To be
 * called before `protect` or a server's plugin.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { createAuth } from 'latchkey'
 * import { directives, protect, withAuthMutations } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const schema = protect(withAuthMutations(buildSchema(`${directives} type Query { me: String @authenticated }`), auth))
 * ```
 */
export function withAuthMutations<U extends User, C extends object>(
  schema: GraphQLSchema,
  auth: Pick<Auth<U, C>, 'operations' | 'graphql' | 'authenticate'>,
): GraphQLSchema {
  const {
    types,
    mutations,
    fields: callers,
  } = auth.graphql ?? nativeMutations(auth as unknown as Pick<Auth, 'operations'>)
  const known = schema.getMutationType()
  const name = known?.name ?? 'Mutation'
  const head = known ? `extend type ${name}` : `extend schema { mutation: ${name} } type ${name}`
  const fields = Object.values(mutations).map(({ sdl }) => sdl)
  const extended = extend(schema, `${types} ${head} { ${fields.join('\n')} }`)
  const found = (extended.getMutationType() as GraphQLObjectType).getFields()
  for (const [field, { run }] of Object.entries(mutations)) {
    const one = found[field]
    if (!one) continue
    one.resolve = async (_source, args, context, info) => {
      const { call, deliver } = callOf(context, info)
      const { data, cookies = [] } = await run(args, call)
      deliver(cookies)
      return data
    }
    open(one)
  }
  for (const definition of parse(types).definitions) {
    if (definition.kind === 'ObjectTypeDefinition') open(extended.getType(definition.name.value))
    if (definition.kind === 'ScalarTypeDefinition') {
      const scalar = extended.getType(definition.name.value) as GraphQLScalarType
      scalar.serialize = (value) => value
    }
  }
  return callers ? withFieldCallers(extended, callers, auth as unknown as Pick<Auth, 'authenticate'>) : extended
}

/** As the rule `@public` would, which the schema need not have. */
function open(element: unknown): void {
  const one = element as { extensions: Record<string, unknown> }
  one.extensions = { ...one.extensions, latchkey: [anybody] }
}

function extend(schema: GraphQLSchema, text: string): GraphQLSchema {
  try {
    return extendSchema(schema, parse(text))
  } catch (cause) {
    throw new AuthError('options_invalid', { hint: `withAuthMutations: ${(cause as Error).message}`, cause })
  }
}

interface Asking {
  readonly call: MutationCall
  readonly deliver: (cookies: readonly string[]) => void
}

function callOf(context: unknown, info: GraphQLResolveInfo): Asking {
  const caller: Caller | undefined = callerOn(context)
  if (!caller) throw new AuthError('options_invalid', { hint: 'the GraphQL context has no caller: contextOf(auth)' })
  const { head, peer, found, response } = caller
  return {
    call: { head, peer, authentication: async () => found, asksFor: (member) => asksFor(info, member) },
    deliver: (cookies) => (response ? setCookies(response, cookies) : void caller.cookies.push(...cookies)),
  }
}
