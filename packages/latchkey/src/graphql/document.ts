/** What servers leave to their options: an operation as it comes, read and validated, and as it goes on to be executed. */
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql'
import { createCache } from '../util/cache.js'

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

/** The longest text that is kept, and how many: read, together, they take some megabytes. */
const LENGTH = 4_096
const KEPT = 200

/** Documents that come again are read once, for servers that keep theirs to themselves. */
export interface Documents {
  /** `undefined` for what is no document. */
  read(text: string): DocumentNode | undefined
}

/** `check` throws for what must not even be parsed. */
export function createDocuments(check: (text: string) => void): Documents {
  const known = createCache<string, DocumentNode>(KEPT)
  return { read: (text) => known.get(text) ?? keep(text) }

  function keep(text: string): DocumentNode | undefined {
    check(text)
    try {
      const document = parse(text, { noLocation: true })
      if (text.length <= LENGTH) known.set(text, document)
      return document
    } catch {
      return undefined
    }
  }
}
