/** Errors as GraphQL shows them: refusals with their code, faults masked. */
import { GraphQLError } from 'graphql'
import { AuthError } from 'latchkey'

/** A refusal as an error of a field or of a request. */
export function refusal(
  error: AuthError,
  development: boolean,
): { message: string; extensions: Record<string, unknown> } {
  const { code, message, problems, layer, retryAfter, hint } = error
  return {
    message,
    extensions: {
      code,
      ...(problems && { problems }),
      ...(layer && { layer }),
      ...(retryAfter !== undefined && { retryAfter: Math.max(1, Math.ceil(retryAfter)) }),
      ...(development && hint !== undefined && { hint }),
    },
  }
}

/** Makes the function that decides what callers read of an error; `failed` learns what they do not. */
export function createMask(development: boolean, failed: (error: unknown) => void) {
  return (error: unknown): Error => {
    const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
    // An error of graphql-js itself speaks of the document only.
    if (cause instanceof GraphQLError) return cause === error ? cause : (error as GraphQLError)
    const told = blame(cause, failed)
    const { message, extensions } = refusal(told, development)
    const at = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {}
    return new GraphQLError(message, { ...at, extensions } as object)
  }
}

function blame(cause: unknown, failed: (error: unknown) => void): AuthError {
  if (cause instanceof AuthError && cause.status < 500) return cause
  failed(cause)
  if (cause instanceof AuthError && cause.code !== 'options_invalid') return cause
  return new AuthError('store_failed')
}
