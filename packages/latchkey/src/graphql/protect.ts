/** Makes the rules of a schema hold: around the resolvers themselves, so that no way to a field leads past them. */
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import type { Guard } from '../guard/guards.js'
import { judgeAgain } from './caller.js'
import { type Bound, collect, type FieldRules } from './collect.js'
import { type Around, aroundOf } from './field-callers.js'
import type { ObjectRule, Rule } from './rule.js'
import { askCaller, askObject, forgetVerdicts, type Operation, operationOf } from './verdicts.js'

/** How strictly a schema is read. */
export interface ProtectOptions {
  /** Whether a field that nothing is said of stops the start. Default true; with false it is open to everybody. */
  readonly denyByDefault?: boolean
  /** Rules by the name of a type or a field, for schemas whose text cannot carry them: `{ 'Post.draft': ownPost }`. */
  readonly rules?: Readonly<Record<string, Rule | Guard | readonly (Rule | Guard)[]>>
}

type Resolver = GraphQLFieldResolver<unknown, unknown>

interface Protection {
  readonly bound: Bound
  readonly options: ProtectOptions
}

/** On the schema itself, where each operation looks it up; what is made of a schema does not take it along. */
const PROTECTION: unique symbol = Symbol('latchkey.graphql.protection')

const protectionOf = (schema: GraphQLSchema): Protection | undefined =>
  (schema as { [PROTECTION]?: Protection })[PROTECTION]

/** What stands behind a resolver of ours: a schema that was made from a protected one takes these along. */
const inner = new WeakMap<Resolver, Resolver>()

/**
 * Makes the rules of an executable schema hold, and gives the same schema back: its resolvers are replaced, and a resolver whose
 * rules do not hold never runs. Rules are directives, `extensions.latchkey` (`withRules`) and the option `rules`. The context of each
 * operation needs `auth`: `contextOf(auth)` puts it there. A schema that is protected twice, as one that two servers serve, keeps the
 * rules of both. Throws `options_invalid` with every field that nothing is said of, and
 * everything that makes no sense.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { directives, objectRule, protect } from 'latchkey/graphql'
 * const schema = buildSchema(`${directives}
 *   type Query @public { posts: [Post!]! }
 *   type Post @public { title: String!, draft: String @authenticated }
 * `)
 * protect(schema, { rules: { 'Post.draft': objectRule(({ parent, auth }) => parent.authorId === auth?.userId) } })
 * ```
 */
export function protect(schema: GraphQLSchema, options: ProtectOptions = {}): GraphQLSchema {
  const rules = both(protectionOf(schema)?.options.rules, options.rules)
  const bound = collect(schema, rules, options.denyByDefault ?? true)
  const around = aroundOf(schema)
  const streams = schema.getSubscriptionType()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const found = bound.get(type.name)?.get(field.name)
      if (type === streams) guardStream(field, found)
      else guardField(field, found, around?.(type))
    }
  }
  return Object.assign(schema, { [PROTECTION]: { bound, options: { ...options, rules } } })
}

type Named = NonNullable<ProtectOptions['rules']>

/** What one server was told of a schema the other must not lift by saying nothing. */
function both(known: Named = {}, given: Named = {}): Named {
  const rules: Record<string, Named[string]> = { ...known }
  for (const [path, more] of Object.entries(given)) {
    const before = [known[path] ?? []].flat()
    rules[path] = [...before, ...[more].flat().filter((rule) => !before.includes(rule))]
  }
  return rules
}

/** What binds the fields of a protected schema; `undefined` for any other. */
export const boundBy = (schema: GraphQLSchema): Bound | undefined => protectionOf(schema)?.bound

/** The same again for a schema whose resolvers changed, or that was made from another one, if that is so. */
export function protectAgain(schema: GraphQLSchema, options: ProtectOptions): void {
  const known = protectionOf(schema)
  if (known && !isBare(schema, known.bound)) return
  protect(schema, known?.options ?? options)
}

function isBare(schema: GraphQLSchema, bound: Bound): boolean {
  for (const [typeName, fields] of bound) {
    const type = schema.getType(typeName)
    if (!isObjectType(type)) return true
    const present = type.getFields()
    for (const name of fields.keys()) {
      const resolve = present[name]?.resolve
      if (!resolve || !inner.has(resolve)) return true
    }
  }
  return false
}

function guardField(
  field: GraphQLField<unknown, unknown>,
  rules: FieldRules | undefined,
  around: ReturnType<Around> | undefined,
): void {
  const own = bare(field.resolve)
  const resolve = rules ? guarded(rules, own ?? defaultFieldResolver) : own
  if (around) field.resolve = remember(own ?? defaultFieldResolver, around(field, resolve ?? defaultFieldResolver))
  else if (resolve) field.resolve = resolve
}

/** A stream lives longer than a request: whoever reads it is judged when it begins and at every event. */
function guardStream(field: GraphQLField<unknown, unknown>, rules: FieldRules | undefined): void {
  if (rules) field.subscribe = guarded(rules, bare(field.subscribe) ?? defaultFieldResolver)
  const resolve = bare(field.resolve) ?? defaultFieldResolver
  const each = rules ? guarded(rules, resolve) : resolve
  field.resolve = remember(resolve, async (source, args, context, info) => {
    await judgeAgain(context)
    forgetVerdicts(context)
    return each(source, args, context, info)
  })
}

function guarded({ rules, inputs }: FieldRules, resolve: Resolver): Resolver {
  return remember(resolve, (source, args, context, info) => {
    const supplied = inputs?.(args) ?? []
    const all = supplied.length === 0 ? rules : [...rules, ...supplied]
    const waiting = ask(all, 0, { parent: source, args, context, info }, operationOf(context, info))
    return waiting ? waiting.then(() => resolve(source, args, context, info)) : resolve(source, args, context, info)
  })
}

/** Without a promise where no rule needs one: a list of a thousand items would make a thousand of them. */
function ask(
  rules: readonly Rule[],
  first: number,
  facts: Parameters<typeof askObject>[1],
  operation: Operation,
): void | Promise<void> {
  for (let at = first; at < rules.length; at += 1) {
    const rule = rules[at] as Rule
    const waiting =
      rule.kind === 'caller' ? askCaller(rule, facts.context, operation) : askObject(rule as ObjectRule, facts)
    if (waiting) return waiting.then(() => ask(rules, at + 1, facts, operation))
  }
  return undefined
}

function remember(resolve: Resolver, wrapper: Resolver): Resolver {
  inner.set(wrapper, resolve)
  return wrapper
}

/** The resolver as the application wrote it. */
function bare(resolve: Resolver | undefined): Resolver | undefined {
  return resolve && (inner.get(resolve) ?? resolve)
}
