/** Walks a schema and gathers, for each field of each object, every rule that binds it, wherever it is written. */
import {
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import { AuthError, type Problem } from '../errors.js'
import { createReader, type Reader, type Written } from './elements.js'
import { collectInputs, type InputRules } from './inputs.js'
import { keyOf, type Rule } from './rule.js'

/** What binds one field. */
export interface FieldRules {
  readonly path: string
  /** Without the public ones. */
  readonly rules: readonly Rule[]
  readonly inputs: InputRules | undefined
}

/** The fields of a schema that something binds, by the names of type and field. */
export type Bound = ReadonlyMap<string, ReadonlyMap<string, FieldRules>>

/** Rules for what cannot carry them in its own text: `{ 'Post.draft': ownPost, Query: authenticated }`. */
type MoreRules = Readonly<Record<string, unknown>>

/** Throws `options_invalid` with all that is wrong: rules that mean nothing, and, with `denyByDefault`, the fields without any. */
export function collect(schema: GraphQLSchema, more: MoreRules, denyByDefault: boolean): Bound {
  const reader = createReader(more)
  const inputs = collectInputs(schema, reader)
  const bound = new Map<string, Map<string, FieldRules>>()
  const unruled: string[] = []
  const contradictions: string[] = []
  reader.refuse(schema, 'schema')
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    if (isInterfaceType(type)) readInterface(type)
    else if (isObjectType(type)) bound.set(type.name, ofObject(type))
    else readOther(type, reader)
  }
  const problems = [...reader.problems, ...contradictions, ...(denyByDefault ? unruled : [])]
  if (problems.length > 0) throw refused(problems)
  return bound

  function ofObject(type: GraphQLObjectType): Map<string, FieldRules> {
    const fields = new Map<string, FieldRules>()
    const own = reader.read(type, type.name)
    const interfaces = interfacesOf(type)
    const inherited = interfaces.flatMap((one) => closed(read(one, one.name)))
    for (const field of Object.values(type.getFields())) {
      const path = `${type.name}.${field.name}`
      const written = reader.read(field, path)
      const above = interfaces.flatMap((one) => {
        const its = one.getFields()[field.name]
        return its ? [{ its, written: read(its, `${one.name}.${field.name}`) }] : []
      })
      // What a field says of itself lifts what its own type says of all, and nothing else.
      const ofType = written && isOpen(written) ? undefined : own
      const fromAbove = [...inherited, ...above.flatMap((one) => closed(one.written))]
      const said = [written, own, ...above.map((one) => one.written)].some((one) => one !== undefined)
      if (!said && inherited.length === 0) unruled.push(`${path}: no rule`)
      if (isOpen(written ?? ofType ?? []) && fromAbove.length > 0)
        contradictions.push(`${path}: public, and an interface says otherwise`)
      const rules = unique([...closed(written), ...closed(ofType), ...fromAbove])
      const taken = inputs.ofArguments([field, ...above.map((one) => one.its)], path)
      if (rules.length > 0 || taken) fields.set(field.name, { path, rules, inputs: taken })
    }
    return fields
  }

  function readInterface(type: GraphQLInterfaceType): void {
    reader.read(type, type.name)
    for (const field of Object.values(type.getFields())) reader.read(field, `${type.name}.${field.name}`)
  }

  /** Read once for itself; its problems need not be said for each of its implementations. */
  function read(element: Parameters<Reader['read']>[0], path: string): Written {
    return createReader({ [path]: more[path] }).read(element, path)
  }
}

/** Also those that only an interface names: a schema that nobody validated may leave them out. */
function interfacesOf(type: GraphQLObjectType | GraphQLInterfaceType): readonly GraphQLInterfaceType[] {
  const found = new Set<GraphQLInterfaceType>()
  const open = [...type.getInterfaces()]
  for (let one = open.pop(); one; one = open.pop()) {
    if (found.has(one)) continue
    found.add(one)
    open.push(...one.getInterfaces())
  }
  return [...found]
}

function readOther(type: ReturnType<GraphQLSchema['getTypeMap']>[string], reader: Reader): void {
  reader.refuse(type, type.name)
  if (isEnumType(type)) for (const value of type.getValues()) reader.refuse(value, `${type.name}.${value.name}`)
}

const isOpen = (rules: readonly Rule[]): boolean => rules.length > 0 && rules.every(({ kind }) => kind === 'public')

const closed = (written: Written): readonly Rule[] => (written ?? []).filter(({ kind }) => kind !== 'public')

/** A rule that stands twice is asked once. */
function unique(rules: readonly Rule[]): readonly Rule[] {
  const seen = new Set<unknown>()
  return rules.filter((rule) => {
    const key = keyOf(rule)
    return !seen.has(key) && seen.add(key)
  })
}

function refused(lines: readonly string[]): AuthError {
  const problems: Problem[] = lines.map((line) => {
    const [path = '', message = ''] = line.split(/: (.*)/s)
    return { path, rule: message === 'no rule' ? 'required' : 'format', message }
  })
  return new AuthError('options_invalid', {
    hint: `the schema does not say who may see what: ${lines.join('; ')}`,
    problems,
  })
}
