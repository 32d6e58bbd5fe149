/** Progress of work whose end is known: a bar on stderr where somebody watches, a line at the beginning and one at the end elsewhere. */
import { EXIT } from './failure.js'
import type { Io } from './io.js'

export interface Bar {
  /** How far the work is, of `max`. */
  at(position: number, message: string): void
  done(message: string): void
  failed(message: string): void
}

const WIDTH = 40

/** Says that work began. With `--json` nobody reads along. */
export async function bar(io: Io, json: boolean, message: string, max: number): Promise<Bar> {
  if (json) return { at: () => {}, done: () => {}, failed: () => {} }
  if (!io.isTerminal) {
    io.err(`${message} ...\n`)
    return { at: () => {}, done: (last) => io.err(`${last}\n`), failed: (last) => io.err(`${last}\n`) }
  }
  const { progress } = await import('@clack/prompts')
  const drawn = progress({ max: WIDTH, size: WIDTH, output: process.stderr })
  drawn.start(message)
  // Ctrl-C ends the process from in there, as if all were well.
  const interrupted = (): void => {
    process.exitCode = EXIT.interrupted
  }
  process.once('exit', interrupted)
  let shown = 0
  return {
    at(position, next) {
      const wanted = Math.min(WIDTH, Math.floor((position / Math.max(max, 1)) * WIDTH))
      if (wanted > shown) drawn.advance(wanted - shown, next)
      else drawn.message(next)
      shown = Math.max(shown, wanted)
    },
    done(last) {
      process.off('exit', interrupted)
      drawn.stop(last)
    },
    failed(last) {
      process.off('exit', interrupted)
      drawn.error(last)
    },
  }
}
