/**
 * What Python's jsonschema says of claims that a schema refuses: the words alone, for callers who read them. Whether claims are
 * refused is decided elsewhere, by the validator of the pipeline.
 */
import { repr } from './python.js'

/** A rule that was broken: the sentence, and the part of the schema that has the rule. */
export interface Fault {
  readonly message: string
  readonly schema: object
}

interface Deep extends Fault {
  readonly depth: number
}

type Schema = Readonly<Record<string, unknown>>
type Members = Readonly<Record<string, unknown>>

/** The fault that the original tells: the one nearest to the root, and of those the first. `undefined` for rules it has no words for here. */
export function firstFault(value: unknown, schema: object): Fault | undefined {
  let best: Deep | undefined
  for (const fault of faultsOf(value, schema as Schema, 0)) if (!best || fault.depth < best.depth) best = fault
  return best && { message: best.message, schema: best.schema }
}

/** In the order of the schema's own members, as the original goes through them. */
function* faultsOf(value: unknown, schema: Schema, depth: number): Iterable<Deep> {
  for (const [keyword, rule] of Object.entries(schema)) {
    for (const message of RULES[keyword]?.(value, rule, schema) ?? []) yield { message, schema, depth }
    if (keyword === 'properties' && isMembers(value) && isMembers(rule))
      for (const [name, part] of Object.entries(rule))
        if (Object.hasOwn(value, name) && isMembers(part)) yield* faultsOf(value[name], part, depth + 1)
    if (keyword === 'items' && Array.isArray(value) && isMembers(rule))
      for (const item of value) yield* faultsOf(item, rule, depth + 1)
  }
}

type Rule = (value: unknown, rule: unknown, schema: Schema) => readonly string[]

const says = (broken: boolean, message: () => string): readonly string[] => (broken ? [message()] : [])

const number =
  (is: (value: number, limit: number) => boolean, words: string): Rule =>
  (value, limit) =>
    says(typeof value === 'number' && is(value, limit as number), () => `${repr(value)} is ${words} ${repr(limit)}`)

const size =
  (sizeOf: (value: unknown) => number | undefined, is: (size: number, limit: number) => boolean, words: string): Rule =>
  (value, limit) => {
    const size = sizeOf(value)
    return says(size !== undefined && is(size, limit as number), () => `${repr(value)} ${words}`)
  }

const below = (one: number, other: number): boolean => one < other
const above = (one: number, other: number): boolean => one > other
const lengthOf = (value: unknown) => (typeof value === 'string' ? [...value].length : undefined)
const itemsOf = (value: unknown) => (Array.isArray(value) ? value.length : undefined)
const membersOf = (value: unknown) => (isMembers(value) ? Object.keys(value).length : undefined)

const RULES: Readonly<Record<string, Rule>> = Object.assign(Object.create(null), {
  type: (value, rule) => {
    const types = [rule].flat()
    return says(
      !types.some((type) => isOfType(value, type)),
      () => `${repr(value)} is not of type ${types.map(repr).join(', ')}`,
    )
  },
  required: (value, names) =>
    isMembers(value) && Array.isArray(names)
      ? names.filter((name) => !Object.hasOwn(value, name)).map((name) => `${repr(name)} is a required property`)
      : [],
  enum: (value, values) =>
    says(
      Array.isArray(values) && !values.some((one) => same(one, value)),
      () => `${repr(value)} is not one of ${repr(values)}`,
    ),
  const: (value, wanted) => says(!same(value, wanted), () => `${repr(wanted)} was expected`),
  minLength: size(lengthOf, below, 'is too short'),
  maxLength: size(lengthOf, above, 'is too long'),
  pattern: (value, pattern) =>
    says(
      typeof value === 'string' && !new RegExp(String(pattern), 'u').test(value),
      () => `${repr(value)} does not match ${repr(pattern)}`,
    ),
  minItems: size(itemsOf, below, 'is too short'),
  maxItems: size(itemsOf, above, 'is too long'),
  minProperties: size(membersOf, below, 'does not have enough properties'),
  maxProperties: size(membersOf, above, 'has too many properties'),
  minimum: number(below, 'less than the minimum of'),
  maximum: number(above, 'greater than the maximum of'),
  exclusiveMinimum: number((one, other) => one <= other, 'less than or equal to the minimum of'),
  exclusiveMaximum: number((one, other) => one >= other, 'greater than or equal to the maximum of'),
  additionalProperties: (value, rule, { properties }) => {
    if (rule !== false || !isMembers(value)) return []
    const extra = Object.keys(value).filter((name) => !isMembers(properties) || !Object.hasOwn(properties, name))
    const verb = extra.length === 1 ? 'was' : 'were'
    return says(
      extra.length > 0,
      () => `Additional properties are not allowed (${extra.map(repr).join(', ')} ${verb} unexpected)`,
    )
  },
} satisfies Record<string, Rule>)

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'null') return value === null
  return type === 'object' ? isMembers(value) : typeof value === type
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equal as JSON, whatever the order of members. */
function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => same(item, other[at]))
  if (!isMembers(one) || !isMembers(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
  )
}
