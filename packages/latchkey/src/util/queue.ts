/** A bounded queue: so many tasks at a time, so many waiting, and everybody beyond is sent away at once. */
import { AuthError } from '../errors.js'

export interface QueueOptions {
  /** Tasks that run at a time. */
  readonly workers: number
  /** Tasks that may wait. */
  readonly waiting: number
  /** What one task takes, roughly; only `retryAfter` is made of it. */
  readonly secondsPerTask: number
}

export type Queue = <T>(task: () => Promise<T>) => Promise<T>

/** Makes a queue. It throws `overloaded` with `retryAfter` where a task finds no place. */
export function createQueue({ workers, waiting, secondsPerTask }: QueueOptions): Queue {
  const line: (() => void)[] = []
  let running = 0
  return run

  async function run<T>(task: () => Promise<T>): Promise<T> {
    await place()
    try {
      return await task()
    } finally {
      leave()
    }
  }

  async function place(): Promise<void> {
    if (running < workers) {
      running += 1
      return
    }
    if (line.length >= waiting) {
      throw new AuthError('overloaded', { retryAfter: Math.ceil((waiting * secondsPerTask) / workers) || 1 })
    }
    await new Promise<void>((resolve) => line.push(resolve))
  }

  // The place is handed over, not freed: a newcomer cannot slip in before the one who waits.
  function leave(): void {
    const next = line.shift()
    if (next) next()
    else running -= 1
  }
}
