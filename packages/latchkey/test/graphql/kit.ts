/** Callers of a schema without a server: contexts of real tokens, and what a document gets with them. */
import { execute, type GraphQLSchema, parse, validate } from 'graphql'
import { contextOf } from '../../src/graphql/index.js'
import { signedIn } from '../auth-kit.js'

export type Kit = Awaited<ReturnType<typeof callers>>
// biome-ignore lint/suspicious/noExplicitAny: answers are read member by member, and every member is asserted.
export type Json = any

/** Alice, who has `posts:*`, and a function that runs documents as her, as nobody, or with any other token. */
export async function callers() {
  const kit = await signedIn({ development: false })
  const who = contextOf(kit.auth)
  const request = (token?: string) =>
    new Request('http://localhost/graphql', {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
  const context = (token?: string) => who(request(token))
  return { ...kit, context, run }

  async function run(schema: GraphQLSchema, source: string, options: RunOptions = {}): Promise<Json> {
    const { token, variables, rootValue } = options
    const document = parse(source)
    const problems = validate(schema, document)
    if (problems.length > 0) throw problems[0]
    const contextValue = options.context ?? (await context(token))
    const result = await execute({ schema, document, contextValue, variableValues: variables ?? {}, rootValue })
    return JSON.parse(JSON.stringify(result))
  }
}

export interface RunOptions {
  readonly token?: string
  readonly variables?: Record<string, unknown>
  readonly rootValue?: unknown
  readonly context?: unknown
}

/** The code of each error, by the path of its field. */
export const codes = ({ errors = [] }: Json): Record<string, string> =>
  Object.fromEntries(
    errors.map((error: Json) => [(error.path ?? []).join('.'), error.extensions?.code ?? error.message]),
  )
