/** What a document may ask for at most. Everything is counted before anything is executed, in time that grows with its text alone. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Lexer,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql'
import { AuthError, type Problem } from '../errors.js'

/** The limits of a document. */
export interface Limits {
  /** Bytes of its text. Default 65,536. */
  readonly bytes: number
  /** Default 1,000. */
  readonly tokens: number
  /** Fields inside fields. Default 8; introspection may go 16 deep. */
  readonly depth: number
  /** Default 15. */
  readonly aliases: number
  /** Fields of queries and mutations themselves. Default 10. */
  readonly rootFields: number
  /** Values for variables. Default 1,000. */
  readonly variables: number
  /** Mutations that look at a password or a refresh token. Default 1: no document is a dictionary. */
  readonly credentialChecks: number
}

export const LIMITS: Limits = {
  bytes: 65_536,
  tokens: 1_000,
  depth: 8,
  aliases: 15,
  rootFields: 10,
  variables: 1_000,
  credentialChecks: 1,
}

/** The usual introspection query is this deep. */
const INTROSPECTION_DEPTH = 16

/** Before the text is parsed: a parser takes its time, too. Throws `request_too_large`, `request_invalid`. */
export function checkSource(text: string, { bytes, tokens }: Limits): void {
  if (text.length > bytes || Buffer.byteLength(text) > bytes) throw new AuthError('request_too_large')
  const lexer = new Lexer(new Source(text))
  try {
    for (let count = 0; lexer.advance().kind !== TokenKind.EOF; count += 1)
      if (count === tokens) throw tooMuch(`A document may have ${tokens} tokens at most.`)
  } catch (error) {
    // What cannot be read is the parser's to refuse, at the place where it stands.
    if (error instanceof AuthError) throw error
  }
}

/** What a document comes to. Throws `request_invalid` for the first limit that it exceeds. */
export function checkDocument(document: DocumentNode, limits: Limits, credentialChecks: readonly string[]): Measures {
  const measures = measure(document)
  const { depth, introspectionDepth, aliases, roots } = measures
  if (depth > limits.depth || introspectionDepth > INTROSPECTION_DEPTH)
    throw tooMuch(`Fields may stand ${limits.depth} deep at most.`)
  if (aliases > limits.aliases) throw tooMuch(`A document may have ${limits.aliases} aliases at most.`)
  if (roots.query.length + roots.mutation.length > limits.rootFields)
    throw tooMuch(`A document may have ${limits.rootFields} fields at the root at most.`)
  if (roots.mutation.filter((name) => credentialChecks.includes(name)).length > limits.credentialChecks)
    throw tooMuch(`A document may have ${limits.credentialChecks} mutations that check credentials at most.`)
  return measures
}

/** Throws `request_invalid` for more values than there is any use for. */
export function checkVariables(variables: unknown, limits: Limits): void {
  if (typeof variables === 'object' && variables !== null && Object.keys(variables).length > limits.variables)
    throw tooMuch(`A request may have ${limits.variables} variables at most.`)
}

const tooMuch = (message: string): AuthError => {
  const problem: Problem = { path: 'query', rule: 'long', message }
  return new AuthError('request_invalid', { problems: [problem] })
}

/** What a document comes to, whichever of its operations is run. */
export interface Measures {
  readonly depth: number
  readonly introspectionDepth: number
  readonly aliases: number
  /** The names of the fields at the roots. */
  readonly roots: { readonly query: readonly string[]; readonly mutation: readonly string[] }
  /** Whether it asks for the schema. */
  readonly introspects: boolean
}

function measure({ definitions }: DocumentNode): Measures {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const one of definitions) if (one.kind === 'FragmentDefinition') fragments.set(one.name.value, one)
  const operations = definitions.filter((one): one is OperationDefinitionNode => one.kind === 'OperationDefinition')
  let aliases = 0
  let introspectionDepth = 0
  let introspects = false
  // Each fragment is measured once, however often it is spread: a chain of fragments that spread the next one twice would never end.
  const heights = new Map<string, number>()
  const depth = Math.max(0, ...operations.map(({ selectionSet }) => height(selectionSet)))
  for (const name of fragments.keys()) heightOf(name)
  const roots = { query: rootsOf('query'), mutation: rootsOf('mutation') }
  return { depth, introspectionDepth, aliases, roots, introspects }

  function height({ selections }: SelectionSetNode): number {
    let most = 0
    for (const selection of selections) {
      if (selection.kind === 'FragmentSpread') most = Math.max(most, heightOf(selection.name.value))
      else if (selection.kind === 'InlineFragment') most = Math.max(most, height(selection.selectionSet))
      else {
        if (selection.alias) aliases += 1
        const below = 1 + (selection.selectionSet ? height(selection.selectionSet) : 0)
        const name = selection.name.value
        const isIntrospection = name === '__schema' || name === '__type'
        if (isIntrospection) introspects = true
        if (isIntrospection) introspectionDepth = Math.max(introspectionDepth, below)
        else most = Math.max(most, below)
      }
    }
    return most
  }

  function heightOf(name: string): number {
    const known = heights.get(name)
    if (known !== undefined) return known
    // Zero while it is open: a cycle is refused elsewhere.
    heights.set(name, 0)
    const fragment = fragments.get(name)
    const found = fragment ? height(fragment.selectionSet) : 0
    heights.set(name, found)
    return found
  }

  function rootsOf(kind: 'query' | 'mutation'): readonly string[] {
    const names: string[] = []
    const seen = new Set<string>()
    const open = operations.filter(({ operation }) => operation === kind).map(({ selectionSet }) => selectionSet)
    for (let set = open.pop(); set; set = open.pop())
      for (const selection of set.selections) {
        if (selection.kind === 'Field') names.push(selection.name.value)
        else if (selection.kind === 'InlineFragment') open.push(selection.selectionSet)
        else if (!seen.has(selection.name.value)) {
          seen.add(selection.name.value)
          const fragment = fragments.get(selection.name.value)
          if (fragment) open.push(fragment.selectionSet)
        }
      }
    return names
  }
}
