/** Whether an operation asks for anything that is not for everybody: a bad credential is refused then before anything runs. */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Bound } from './collect.js'

export interface Asking {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/** By the text and the variables alone. What only the value of an argument needs shows when its field is resolved. */
export function needsSomebody({ schema, document, operationName, variables }: Asking, bound: Bound): boolean {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === 'FragmentDefinition' ? [[one.name.value, one] as const] : [])),
  )
  const operation = operationOf(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!operation || !root) return false
  const defaults = new Map(operation.variableDefinitions?.map((one) => [one.variable.name.value, one.defaultValue]))
  const seen = new Set<string>()
  return inSet(operation.selectionSet, root)

  function inSet({ selections }: SelectionSetNode, parent: GraphQLCompositeType): boolean {
    return selections.some((selection) => {
      if (!isIncluded(selection)) return false
      if (selection.kind === 'Field') return inField(selection, parent)
      if (selection.kind === 'FragmentSpread') {
        const key = `${selection.name.value} ${parent.name}`
        if (seen.has(key)) return false
        seen.add(key)
      }
      const fragment = selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection
      if (!fragment) return false
      const type = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent
      return isCompositeType(type) && inSet(fragment.selectionSet, type)
    })
  }

  function inField({ name, selectionSet }: FieldNode, parent: GraphQLCompositeType): boolean {
    const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]
    if (types.some((type) => (bound.get(type.name)?.get(name.value)?.rules ?? []).length > 0)) return true
    const field = isObjectType(parent) || 'getFields' in parent ? parent.getFields()[name.value] : undefined
    const type = field && getNamedType(field.type)
    return selectionSet !== undefined && isCompositeType(type) && inSet(selectionSet, type)
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
