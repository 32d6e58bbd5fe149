/** What a command is given and what it answers: commands print nothing themselves, so that text and JSON are one answer. */
import type { Config } from '../config/load.js'
import type { ServerAuth } from '../config/open.js'
import type { Exit } from './failure.js'
import type { Io } from './io.js'

export interface Task<O extends object = Readonly<Record<string, unknown>>> {
  readonly io: Io
  readonly json: boolean
  /** The arguments of the command line, in order. */
  readonly args: readonly string[]
  readonly options: O
  /** Reads the configuration, at first use. */
  config(): Config
}

/** One JSON value, the same as text for people, and the exit code where it is not 0. */
export interface Answer {
  readonly value: unknown
  readonly text: string
  readonly exit?: Exit
}

/** A command; `undefined` for one that has said everything itself. */
export type Command<O extends object = Readonly<Record<string, unknown>>> = (
  task: Task<O>,
) => Promise<Answer | undefined>

/** Opens the auth for the time of some work. */
export async function withAuth<T>(
  task: Pick<Task, 'config' | 'io'>,
  work: (auth: ServerAuth) => Promise<T>,
): Promise<T> {
  const { openAuth } = await import('../config/open.js')
  const auth = openAuth(task.config(), task.io.clock)
  try {
    return await work(auth)
  } finally {
    await auth.close()
  }
}
