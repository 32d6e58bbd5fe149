/** What graphql-http and graphql-ws leave to their options: an operation as it comes, read and validated, and as it goes on to be executed. */
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql'

/** An operation as a client sends it. */
export interface OperationPayload {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Record<string, unknown> | null | undefined
}

/** What `execute` and `subscribe` take. */
export interface OperationArgs {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variableValues?: Record<string, unknown> | null | undefined
  // biome-ignore lint/suspicious/noExplicitAny: what an application adds is its own.
  readonly contextValue?: any
}

/** The document of a query, or what is wrong with it. */
export function readDocument(
  schema: GraphQLSchema,
  query: string,
  rules: readonly ValidationRule[],
): DocumentNode | readonly GraphQLError[] {
  let document: DocumentNode
  try {
    document = parse(query)
  } catch (error) {
    return [error as GraphQLError]
  }
  const problems = validate(schema, document, [...specifiedRules, ...rules])
  return problems.length > 0 ? problems : document
}
