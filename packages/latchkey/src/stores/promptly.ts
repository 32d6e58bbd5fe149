/** A shared limit store that answers at once or not at all: whoever asks has a limit of its own to fall back on. */
import { AuthError } from '../errors.js'
import { inTime } from '../util/deadline.js'
import type { LimitStore } from './port.js'

const PATIENCE_SECONDS = 0.4
/** After a failure nobody waits for another one this long. */
const REST_MILLISECONDS = 1_000

export function promptly({ consume, reward }: LimitStore): LimitStore {
  let restsUntil = 0
  return {
    consume: (charges, now) => ask(() => consume(charges, now)),
    reward: (charges, now) => ask(() => reward(charges, now)),
  }

  async function ask<T>(use: () => Promise<T>): Promise<T> {
    if (performance.now() < restsUntil) throw unanswered()
    try {
      return await inTime(use(), PATIENCE_SECONDS, unanswered)
    } catch (error) {
      restsUntil = performance.now() + REST_MILLISECONDS
      throw error
    }
  }
}

const unanswered = (): AuthError => new AuthError('store_failed', { hint: 'the shared throttle does not answer' })
