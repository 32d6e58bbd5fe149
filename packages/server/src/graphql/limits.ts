/** What a document may ask for at most. Everything is counted before anything is executed. */
import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

export const LIMITS = { tokens: 1_000, depth: 8, aliases: 15, rootFields: 10, credentialChecks: 1 } as const

/** The usual introspection query is this deep; how wide it may become is limited by graphql-js itself. */
const INTROSPECTION_DEPTH = 16

/** Mutations that look at a password or a refresh token: one in a document, so that no document is a dictionary. */
const CREDENTIAL_CHECKS: readonly string[] = ['login', 'refresh']

export type Rule = (context: ValidationContext) => ASTVisitor

export const limitRules: readonly Rule[] = [limitDepth, limitAliases, limitRootFields, limitCredentialChecks]

function limitDepth(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition({ selectionSet }) {
      if (isDeeper(selectionSet, LIMITS.depth, (name) => context.getFragment(name) ?? undefined))
        refuse(context, `Fields may stand ${LIMITS.depth} deep at most.`)
    },
  }
}

type FindFragment = (name: string) => FragmentDefinitionNode | undefined

/**
 * A fragment is looked at once at each depth, however often it is spread: a chain of fragments that each spread the next one twice
 * would never end. So does a cycle, which another rule refuses.
 */
function isDeeper(
  { selections }: SelectionSetNode,
  levels: number,
  find: FindFragment,
  seen: Set<string> = new Set(),
): boolean {
  return selections.some((selection) => {
    if (selection.kind === 'FragmentSpread') {
      const name = selection.name.value
      const key = `${levels} ${name}`
      const fragment = seen.has(key) ? undefined : find(name)
      seen.add(key)
      return fragment !== undefined && isDeeper(fragment.selectionSet, levels, find, seen)
    }
    if (selection.kind === 'InlineFragment') return isDeeper(selection.selectionSet, levels, find, seen)
    if (levels === 0) return true
    const below = (isIntrospection(selection) ? INTROSPECTION_DEPTH : levels) - 1
    return selection.selectionSet !== undefined && isDeeper(selection.selectionSet, below, find, seen)
  })
}

const isIntrospection = ({ name }: FieldNode): boolean => name.value === '__schema' || name.value === '__type'

function limitAliases(context: ValidationContext): ASTVisitor {
  return counting(context, LIMITS.aliases, 'aliases', (field) => field.alias !== undefined)
}

/** A fragment counts once: two fields of one name in one place are one. */
function limitRootFields(context: ValidationContext): ASTVisitor {
  const schema = context.getSchema()
  const roots = [schema.getQueryType(), schema.getMutationType()]
  return counting(context, LIMITS.rootFields, 'fields at the root', () =>
    roots.some((root) => root && root === context.getParentType()),
  )
}

function limitCredentialChecks(context: ValidationContext): ASTVisitor {
  const mutation = context.getSchema().getMutationType()
  return counting(
    context,
    LIMITS.credentialChecks,
    'mutations that check credentials',
    (field) => context.getParentType() === mutation && CREDENTIAL_CHECKS.includes(field.name.value),
  )
}

function counting(
  context: ValidationContext,
  most: number,
  what: string,
  counts: (field: FieldNode) => boolean,
): ASTVisitor {
  let count = 0
  return {
    Field(field) {
      if (!counts(field)) return
      count += 1
      // Once is enough: ten thousand complaints would be an attack of their own.
      if (count === most + 1) refuse(context, `A document may have ${most} ${what} at most.`)
    },
  }
}

const refuse = (context: ValidationContext, message: string): void =>
  context.reportError(new GraphQLError(message, { extensions: { code: 'request_invalid' } }))
