/** The door `latchkey/graphql`: the same tokens and the same permissions, down to the field. */
export { contextOf } from './context.js'
export { directives } from './directives.js'
export { type ProtectOptions, protect } from './protect.js'
export { anybody, authenticated, hasPermission, objectRule, type Rule, requiresScopes, withRules } from './rule.js'
