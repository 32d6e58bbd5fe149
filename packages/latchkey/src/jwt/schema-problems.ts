/** What is told of claims that a schema refuses: where and which rule, never the value. */
import { AuthError, type Problem } from '../errors.js'
import type { Claims } from './jws.js'

/** Throws `claims_invalid` with the problems found, at most ten: where and which rule, never the value. */
export type ClaimsCheck = (claims: Claims) => void

const maxProblems = 10
const maxPath = 256

/** `claims_invalid` with the first ten problems that differ, in the order given. */
export function refusal(found: Iterable<Problem>, hint?: string): AuthError {
  const problems = new Map<string, Problem>()
  for (const problem of found) {
    const { path, rule, message } = problem
    problems.set(`${path} ${rule} ${message}`, path.length > maxPath ? { path: cut(path), rule, message } : problem)
    if (problems.size === maxProblems) break
  }
  return new AuthError('claims_invalid', {
    reason: 'schema',
    problems: problems.size > 0 ? [...problems.values()] : [generic('')],
    ...(hint !== undefined && { hint }),
  })
}

/** The problem of which no more can be told than its place. */
export const generic = (path: string): Problem => ({ path, rule: 'format', message: 'is not as the schema demands' })

/** The names in a path can be the token's own, and as long as a token. */
const cut = (path: string): string => `${path.slice(0, maxPath)}...`

/** RFC 6901 section 3. */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
