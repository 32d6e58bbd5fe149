/** How a command fails: a code for machines, a sentence and a hint for people, and the exit code of the process. */
import { AuthError } from 'latchkey'

/** The exit codes, as `latchkey --help` and docs/commands.md print them. */
export const EXIT = {
  ok: 0,
  /** Refused, or failed. */
  failed: 1,
  usage: 2,
  /** The store does not answer (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The configuration does not allow a safe start (EX_CONFIG). */
  config: 78,
  /** Ctrl-C at a prompt. */
  interrupted: 130,
} as const

export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** What the command line throws on purpose. */
export interface Failure extends Error {
  readonly name: 'Failure'
  readonly code: string
  readonly hint: string | undefined
  readonly exit: Exit
}

export function failure(exit: Exit, code: string, message: string, hint?: string): Failure {
  return Object.assign(new Error(message), { name: 'Failure' as const, code, hint, exit })
}

export const usage = (message: string, hint?: string): Failure => failure(EXIT.usage, 'usage', message, hint)

export const misconfigured = (message: string, hint?: string): Failure =>
  failure(EXIT.config, 'options_invalid', message, hint)

/** Whatever was thrown, as a failure: refusals keep their code, and a fault of ours shows no more than its name. */
export function asFailure(error: unknown): Failure {
  if (isFailure(error)) return error
  if (!(error instanceof AuthError)) return failure(EXIT.failed, 'failed', `This failed: ${sentenceOf(error)}`)
  const { code, message, problems } = error
  if (code === 'options_invalid') return misconfigured(message, error.hint)
  const exit = code === 'store_failed' || code === 'overloaded' ? EXIT.unavailable : EXIT.failed
  const told = problems?.map((problem) => `${problem.path}: ${problem.message}`).join(' ')
  return failure(exit, code, message, told ?? error.hint)
}

const isFailure = (error: unknown): error is Failure => error instanceof Error && error.name === 'Failure'

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : 'nobody knows why')
