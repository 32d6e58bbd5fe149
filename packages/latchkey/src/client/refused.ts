/** A refusal of the server, as an error. */
import type { ProblemAnswer } from '../endpoints/wire.js'

/** What `login`, `logout`, `refresh` and `ready` are rejected with when the server says no; a network that fails is the `TypeError` of `fetch`. */
export interface Refused extends Error {
  /** The HTTP status. */
  readonly status: number
  /** The code of the catalogue, such as `login_failed`; `undefined` where somebody else answered, a proxy for example. */
  readonly code: string | undefined
  /** The whole body (RFC 9457). */
  readonly problem: ProblemAnswer | undefined
  /** Seconds after which it makes sense to try again, where the server says so. */
  readonly retryAfter: number | undefined
}

/**
 * Whether an error is a refusal of the server.
 *
 * @example
 * ```ts
 * import { createClient, isRefused } from 'latchkey/client'
 * const api = createClient('/auth')
 * try {
 *   await api.login({ username: 'ada', password: 'analytical engine' })
 * } catch (error) {
 *   if (isRefused(error) && error.code === 'login_throttled') console.log(`Wait ${error.retryAfter} seconds.`)
 *   else throw error
 * }
 * ```
 */
export const isRefused = (error: unknown): error is Refused => error instanceof Error && 'problem' in error

/** The error for an answer that is none of success. */
export async function refusalOf(response: Response): Promise<Refused> {
  const problem = await problemOf(response)
  return Object.assign(new Error(problem?.title ?? `The server answered ${response.status}.`), {
    name: 'Refused',
    status: response.status,
    code: problem?.code,
    problem,
    // A page of another origin may not see this header; a date in it is not worth its bytes.
    retryAfter: Number(response.headers.get('retry-after')) || undefined,
  })
}

/** The problem details of an answer, which can still be read by somebody else. */
export async function problemOf(response: Response): Promise<ProblemAnswer | undefined> {
  if (!/json/.test(response.headers.get('content-type') ?? '')) return undefined
  const body = (await response
    .clone()
    .json()
    .catch(() => undefined)) as ProblemAnswer | undefined
  return typeof body?.code === 'string' ? body : undefined
}
