/** The door `/graphql`. */
import type { Context } from 'hono'
import type { ServerAuth } from '../config/open.js'

export type GraphqlHandler = (c: Context) => Promise<Response>

export interface GraphqlParts {
  readonly auth: ServerAuth
  readonly isRequired: boolean
  readonly development: boolean
  readonly failed: (error: unknown) => void
}

export function createGraphql(_parts: GraphqlParts): GraphqlHandler {
  return async (c) => c.json({ data: null })
}
