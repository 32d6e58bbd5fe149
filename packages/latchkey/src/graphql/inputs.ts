/** Rules of arguments and input fields: they bind when a value is supplied, however deep and however it got there. */
import { isDeepStrictEqual } from 'node:util'
import * as graphql from 'graphql'
import {
  coerceInputValue,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type ValueNode,
} from 'graphql'
import type { Reader } from './elements.js'
import type { Rule } from './rule.js'

/** One argument or input field: its rules, and where to look on. */
interface Input {
  readonly name: string
  readonly rules: readonly Rule[]
  readonly type: GraphQLInputType
  fallback(): unknown
}

/** The rules that the supplied arguments bring along. */
export type InputRules = (args: Readonly<Record<string, unknown>>) => readonly Rule[]

export interface Inputs {
  /** Of a field and of the same field of its interfaces; `undefined` where no argument can bring a rule along. */
  ofArguments(
    fields: readonly { readonly name: string; readonly args: readonly GraphQLArgument[] }[],
    path: string,
  ): InputRules | undefined
}

export function collectInputs(schema: GraphQLSchema, reader: Reader): Inputs {
  const types = new Map<string, readonly Input[]>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isInputObjectType(type)) continue
    const fields = Object.values(type.getFields())
    types.set(
      type.name,
      fields.map((field) => inputOf(field, `${type.name}.${field.name}`)),
    )
  }
  const ruled = ruledTypes(types)
  return { ofArguments }

  function ofArguments([field, ...above]: Parameters<Inputs['ofArguments']>[0], path: string): InputRules | undefined {
    const inputs = (field?.args ?? []).map((arg) => {
      const input = inputOf(arg, `${path}.${arg.name}`)
      const inherited = above.flatMap((one) => one.args.filter(({ name }) => name === arg.name))
      return {
        ...input,
        rules: [...input.rules, ...inherited.flatMap((one) => inputOf(one, `${path}.${arg.name}`).rules)],
      }
    })
    if (!inputs.some(isRuled)) return undefined
    return (args) => {
      const found: Rule[] = []
      gather(inputs, args, found)
      return found
    }
  }

  function inputOf(input: GraphQLArgument | GraphQLInputField, path: string): Input {
    const rules = (reader.read(input, path) ?? []).filter(({ kind }) => kind !== 'public')
    return { name: input.name, rules, type: input.type, fallback: fallbackOf(input) }
  }

  /** Values are as GraphQL coerced them: variables and defaults are in their places. */
  function gather(inputs: readonly Input[], values: Readonly<Record<string, unknown>>, found: Rule[]): void {
    for (const input of inputs) {
      if (!isRuled(input) || !Object.hasOwn(values, input.name)) continue
      const value = values[input.name]
      // Whoever supplies what stands there anyway supplies nothing.
      const fallback = input.fallback()
      if (fallback !== undefined && isDeepStrictEqual(value, fallback)) continue
      found.push(...input.rules)
      descend(input.type, value, found)
    }
  }

  function descend(given: GraphQLInputType, value: unknown, found: Rule[]): void {
    const type = getNullableType(given)
    if (value === null || value === undefined) return
    if (isListType(type)) {
      for (const item of Array.isArray(value) ? value : [value]) descend(type.ofType, item, found)
    } else if (isInputObjectType(type) && ruled.has(type.name)) {
      gather(types.get(type.name) ?? [], value as Readonly<Record<string, unknown>>, found)
    }
  }

  function isRuled({ rules, type }: Input): boolean {
    return rules.length > 0 || ruled.has(nameOf(type))
  }
}

/** Of graphql 17, which has it under this name; 16 has no need of it. */
const coerceLiteral = (literal: ValueNode, type: GraphQLInputType): unknown =>
  (graphql as { coerceInputLiteral?: typeof graphql.valueFromAST }).coerceInputLiteral?.(literal, type)

/** graphql 17 keeps a default as it was written: it is coerced when it is first asked for, because its type is not complete before. */
function fallbackOf(input: GraphQLArgument | GraphQLInputField): () => unknown {
  const { defaultValue, type } = input
  const { default: written } = input as { default?: { literal?: ValueNode; value?: unknown } }
  if (defaultValue !== undefined || !written) return () => defaultValue
  let known: { readonly value: unknown } | undefined
  return () => {
    known ??= { value: written.literal ? coerceLiteral(written.literal, type) : coerceInputValue(written.value, type) }
    return known.value
  }
}

/** The input types in which, at any depth, a rule stands: all others are never looked into. */
function ruledTypes(types: ReadonlyMap<string, readonly Input[]>): ReadonlySet<string> {
  const ruled = new Set<string>()
  for (let before = -1; before < ruled.size; ) {
    before = ruled.size
    for (const [name, fields] of types)
      if (fields.some(({ rules, type }) => rules.length > 0 || ruled.has(nameOf(type)))) ruled.add(name)
  }
  return ruled
}

function nameOf(type: GraphQLInputType): string {
  const inner = isNonNullType(type) || isListType(type) ? (type.ofType as GraphQLInputType) : undefined
  return inner ? nameOf(inner) : (type as { name: string }).name
}
