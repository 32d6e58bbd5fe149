/** A refusal as GraphQL tells it: the code, and what was missing. */
import { GraphQLError } from 'graphql'
import type { AuthError } from '../errors.js'

/** An AuthError as an error of GraphQL; `extensions.code` is its code. `hint`: tell what is for operators, too. */
export function toGraphQLError(error: AuthError, { hint = false, more = {} }: RefusalOptions = {}): GraphQLError {
  const { code, message, problems, missing, layer, retryAfter } = error
  return new GraphQLError(message, {
    extensions: {
      code,
      ...(missing && { missing }),
      ...(layer && { layer }),
      ...(problems && { problems }),
      ...(retryAfter !== undefined && { retryAfter: Math.max(1, Math.ceil(retryAfter)) }),
      ...(hint && error.hint !== undefined && { hint: error.hint }),
      ...more,
    },
  })
}

interface RefusalOptions {
  readonly hint?: boolean
  readonly more?: Readonly<Record<string, unknown>>
}
