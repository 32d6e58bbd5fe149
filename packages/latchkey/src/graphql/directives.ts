/** The directives: their SDL, and what they mean. */
import { type ConstDirectiveNode, valueFromASTUntyped } from 'graphql'
import { AuthError } from '../errors.js'
import { anybody, authenticated, hasPermission, type Rule, requiresScopes } from './rule.js'

/**
 * The directives as SDL, to stand in front of the type definitions of a schema. `@authenticated` and `@requiresScopes` are named and
 * shaped as in Apollo Federation.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { directives, protect } from 'latchkey/graphql'
 * const schema = protect(buildSchema(`${directives}
 *   type Query @authenticated { me: String, salaries: [Int!] @hasPermission(allOf: ["hr:read"]), health: String @public }
 * `))
 * ```
 */
export const directives = /* GraphQL */ `
"Any caller with a good credential."
directive @authenticated on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
"All scopes of at least one of the lists."
directive @requiresScopes(scopes: [[String!]!]!) on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
"All of the permissions, or one of them."
directive @hasPermission(allOf: [String!], anyOf: [String!]) on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
"Everybody, and said so."
directive @public on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
`

const makers: Readonly<Record<string, (args: Arguments) => Rule>> = {
  public: () => anybody,
  authenticated: () => authenticated,
  requiresScopes: ({ scopes }) => requiresScopes(scopes as never),
  // A variable of a directive that is absent and one that is null mean the same.
  hasPermission: ({ allOf, anyOf }) =>
    hasPermission({ ...(allOf != null && { allOf }), ...(anyOf != null && { anyOf }) } as never),
}

type Arguments = Readonly<Record<string, unknown>>

/** The rule of a directive; `undefined` for directives of others. Throws `options_invalid`. */
export function ruleOf({ name, arguments: given = [] }: ConstDirectiveNode): Rule | undefined {
  const make = Object.hasOwn(makers, name.value) ? makers[name.value] : undefined
  if (!make) return undefined
  const args = Object.fromEntries(given.map((one) => [one.name.value, valueFromASTUntyped(one.value)]))
  try {
    return make(args)
  } catch (error) {
    throw error instanceof AuthError
      ? error
      : new AuthError('options_invalid', { hint: `@${name.value}`, cause: error })
  }
}
