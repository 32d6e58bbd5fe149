/** Which rules an operation will ask: a bad credential is refused where there are any, before anything runs. */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Bound } from './collect.js'
import { keyOf, type Rule } from './rule.js'
import type { Rules } from './verdicts.js'

export interface Asking {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/** Tells which rules the operations of one document ask. */
export type Needs = (asking: Asking, bound: Bound) => Rules

/**
 * Remembers them where no variable has a say. By the text and the variables alone: what only the value of an argument brings along
 * shows when its field is resolved.
 */
export function createNeeds(): Needs {
  let schema: Bound | undefined
  let known: { readonly name: Asking['operationName']; readonly rules: Rules }[] = []
  return (asking, bound) => {
    const name = asking.operationName
    if (schema === bound) for (const one of known) if (one.name === name) return one.rules
    const operation = operationOf(asking.document, name)
    const { rules, isFixed } = rulesOf(operation, asking, bound)
    // Names that no operation has are without number.
    if (operation && isFixed) {
      known = [...(schema === bound ? known : []), { name, rules }]
      schema = bound
    }
    return rules
  }
}

function rulesOf(
  operation: OperationDefinitionNode | undefined,
  { schema, document, variables }: Asking,
  bound: Bound,
): { readonly rules: Rules; readonly isFixed: boolean } {
  const rules = new Map<unknown, Rule>()
  let isFixed = true
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === 'FragmentDefinition' ? [[one.name.value, one] as const] : [])),
  )
  const root = operation && schema.getRootType(operation.operation)
  if (!operation || !root) return { rules, isFixed }
  const defaults = new Map(operation.variableDefinitions?.map((one) => [one.variable.name.value, one.defaultValue]))
  const seen = new Set<string>()
  inSet(operation.selectionSet, root)
  return { rules, isFixed }

  function inSet({ selections }: SelectionSetNode, parent: GraphQLCompositeType): void {
    for (const selection of selections) {
      if (!isIncluded(selection)) continue
      if (selection.kind === 'Field') {
        inField(selection, parent)
        continue
      }
      if (selection.kind === 'FragmentSpread') {
        const key = `${selection.name.value} ${parent.name}`
        if (seen.has(key)) continue
        seen.add(key)
      }
      const fragment = selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection
      if (!fragment) continue
      const type = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent
      if (isCompositeType(type)) inSet(fragment.selectionSet, type)
    }
  }

  function inField({ name, selectionSet }: FieldNode, parent: GraphQLCompositeType): void {
    const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]
    for (const type of types)
      for (const rule of bound.get(type.name)?.get(name.value)?.rules ?? []) rules.set(keyOf(rule), rule)
    const field = 'getFields' in parent ? parent.getFields()[name.value] : undefined
    const type = field && getNamedType(field.type)
    if (selectionSet && isCompositeType(type)) inSet(selectionSet, type)
  }

  function isIncluded({ directives = [] }: SelectionNode): boolean {
    return directives.every(({ name, arguments: given }) => {
      if (name.value !== 'skip' && name.value !== 'include') return true
      const value = given?.find((one) => one.name.value === 'if')?.value
      const said =
        value?.kind === 'Variable' ? ofVariable(value.name.value) : value?.kind === 'BooleanValue' && value.value
      return said === undefined || said === (name.value === 'include')
    })
  }

  function ofVariable(name: string): unknown {
    isFixed = false
    const given = variables?.[name]
    if (given !== undefined) return given
    const fallback = defaults.get(name)
    return fallback?.kind === 'BooleanValue' ? fallback.value : undefined
  }
}

/** The one that is run; the first of several where nobody says which. */
function operationOf(
  { definitions }: DocumentNode,
  name: string | null | undefined,
): OperationDefinitionNode | undefined {
  return definitions.find(
    (one): one is OperationDefinitionNode =>
      one.kind === 'OperationDefinition' && (name == null || name === '' || one.name?.value === name),
  )
}
