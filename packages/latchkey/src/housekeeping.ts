/** Housekeeping: what nobody can use any more is deleted in small steps, once an hour and on demand. */
import type { Stores } from './stores/port.js'
import type { Clock } from './util/time.js'

/** How many rows were deleted. */
export interface Pruned {
  readonly sessions: number
  readonly epochs: number
  readonly apiTokens: number
}

export interface Housekeeping {
  prune(progress?: (done: number) => void): Promise<Pruned>
  start(): void
  stop(): void
}

/** Small enough that no request waits for a batch. */
const BATCH = 100
const HOUR_MILLISECONDS = 3_600_000
/** Ended sessions and API tokens stay this long, so that whoever comes late with one is still told why. */
const KEEP_SECONDS = 86_400

export function createHousekeeping(stores: Stores, clock: Clock, failed: (error: unknown) => void): Housekeeping {
  let timer: NodeJS.Timeout | undefined
  return { prune, start, stop: () => clearInterval(timer) }

  function start(): void {
    timer ??= setInterval(() => void prune().catch(failed), HOUR_MILLISECONDS)
    timer.unref()
  }

  async function prune(progress: (done: number) => void = () => {}): Promise<Pruned> {
    const before = clock() - KEEP_SECONDS
    let done = 0
    const sessions = await drain((limit) => stores.sessions.prune(before, limit))
    const epochs = await drain((limit) => stores.revocations.prune(before, limit))
    const apiTokens = await drain((limit) => stores.apiTokens.prune(before, limit))
    return { sessions, epochs, apiTokens }

    async function drain(step: (limit: number) => Promise<number>): Promise<number> {
      let total = 0
      for (;;) {
        const deleted = await step(BATCH)
        total += deleted
        done += deleted
        progress(done)
        if (deleted < BATCH) return total
        // Others get their turn between two batches.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
}
