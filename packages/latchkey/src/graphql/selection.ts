/** What a client asks of a field's answer. */
import {
  type GraphQLDirective,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Whether a member of an answer is asked for, in a fragment too; what is skipped is not. */
export function asksFor({ fieldNodes, fragments, variableValues }: GraphQLResolveInfo, member: string): boolean {
  const seen = new Set<string>()
  return fieldNodes.some(({ selectionSet }) => selectionSet && isIn(selectionSet))

  function isIn({ selections }: SelectionSetNode): boolean {
    return selections.some((selection) => {
      if (said(GraphQLSkipDirective, selection) === true || said(GraphQLIncludeDirective, selection) === false)
        return false
      if (selection.kind === 'Field') return selection.name.value === member
      if (selection.kind === 'InlineFragment') return isIn(selection.selectionSet)
      const name = selection.name.value
      const fragment = seen.has(name) ? undefined : fragments[name]
      seen.add(name)
      return fragment !== undefined && isIn(fragment.selectionSet)
    })
  }

  function said(directive: GraphQLDirective, node: SelectionNode): unknown {
    return getDirectiveValues(directive, node, variableValues)?.if
  }
}
