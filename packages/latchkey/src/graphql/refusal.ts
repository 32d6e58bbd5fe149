/** A refusal as GraphQL tells it: the code, and what was missing. */
import { GraphQLError } from 'graphql'
import type { AuthError } from '../errors.js'

/** What was refused, behind the errors that tell it: a preset has its own words for it. */
const told = new WeakMap<object, AuthError>()

/** The refusal that an error was made of. */
export const refusalBehind = (error: unknown): AuthError | undefined =>
  typeof error === 'object' && error !== null ? told.get(error) : undefined

/** An AuthError as an error of GraphQL; `extensions.code` is its code. `hint`: tell what is for operators, too. */
export function toGraphQLError(error: AuthError, { hint = false, more = {} }: RefusalOptions = {}): GraphQLError {
  const { code, message, problems, missing, layer, retryAfter } = error
  const made = new GraphQLError(message, {
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
  told.set(made, error)
  return made
}

interface RefusalOptions {
  readonly hint?: boolean
  readonly more?: Readonly<Record<string, unknown>>
}
