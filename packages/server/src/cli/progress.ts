/** Progress of long work on stderr: a spinner where somebody watches, a line at the beginning and one at the end elsewhere. */
import type { Io } from './io.js'

export interface Progress {
  update(message: string): void
  done(message: string): void
}

/** Says that work began. With `--json` nobody reads along. */
export async function progress(io: Io, json: boolean, message: string): Promise<Progress> {
  if (json) return { update: () => {}, done: () => {} }
  if (!io.isTerminal) {
    io.err(`${message} ...\n`)
    return { update: () => {}, done: (last) => io.err(`${last}\n`) }
  }
  const { spinner } = await import('@clack/prompts')
  const spinning = spinner({ output: process.stderr })
  spinning.start(message)
  return { update: (next) => spinning.message(next), done: (last) => spinning.stop(last) }
}
