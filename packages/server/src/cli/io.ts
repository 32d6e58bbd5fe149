/** What a command sees of the world around it: a process, or a test that plays one. */
import type { Readable } from 'node:stream'
import type { Clock } from 'latchkey'

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Readable
  /** Whether somebody sits there: only then are passwords asked for, and progress is drawn. */
  readonly isTerminal: boolean
  /** Seconds since the epoch. */
  readonly clock: Clock
  out(text: string): void
  err(text: string): void
  /** Settles when the command is asked to stop. */
  stopped(): Promise<void>
}

/** The process itself. */
export function processIo(): Io {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    isTerminal: process.stdin.isTTY === true && process.stderr.isTTY === true,
    clock: () => Math.floor(Date.now() / 1000),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stopped,
  }
}

/** Once: a second signal ends the process as if nobody listened. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop)
      resolve()
    }
    for (const signal of signals) process.on(signal, stop)
  })
}

const signals = ['SIGTERM', 'SIGINT'] as const
