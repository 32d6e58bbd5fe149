/** The door `latchkey/graphql`: the same tokens and the same permissions, down to the field. */
export { type ApolloAuth, apolloAuth } from './apollo.js'
export { callOf, type GraphqlCall } from './call.js'
export type { GraphqlContext } from './caller.js'
export { contextOf } from './context.js'
export { directives } from './directives.js'
export type { GraphqlAuth, GraphqlOptions } from './gate.js'
export {
  type GraphqlHttpHooks,
  type GraphqlHttpOptions,
  type GraphqlHttpRequest,
  graphqlHttpOptions,
} from './graphql-http.js'
export {
  type GraphqlWsConnection,
  type GraphqlWsHooks,
  type GraphqlWsOptions,
  graphqlWsOptions,
} from './graphql-ws.js'
export type { Limits } from './limits.js'
export { mercuriusAuth } from './mercurius.js'
export { withAuthMutations } from './mutations.js'
export { type ProtectOptions, protect } from './protect.js'
export {
  anybody,
  authenticated,
  hasPermission,
  type ObjectRule,
  objectRule,
  type Rule,
  type RuleFacts,
  requiresScopes,
  withRules,
} from './rule.js'
export { type YogaPlugin, yogaPlugin } from './yoga.js'
