/** Waiting for other processes without blocking this one: a locked database is asked again, a little later each time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AuthError } from '../../errors.js'

const PATIENCE_MS = 2_000
const LONGEST_PAUSE_MS = 40

/** Until when a call that starts now may wait. Monotonic: a clock that is set must not end or prolong it. */
export const patience = (): number => performance.now() + PATIENCE_MS

/** Runs `work` until the database is not locked. Throws `store_failed` when that takes until `deadline`. */
export async function whenFree<T>(work: () => T | Promise<T>, deadline: number = patience()): Promise<T> {
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (performance.now() >= deadline) {
        throw new AuthError('store_failed', {
          hint: 'another process keeps the database locked',
          retryAfter: 1,
          cause: error,
        })
      }
    }
    // At random, so that processes which collided once do not collide again.
    await sleep(pause * (0.5 + Math.random()))
  }
}

const BUSY = 5
const LOCKED = 6

// Not every call of every driver carries the number of the error; the text is SQLite's own and constant.
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
  return code === BUSY || code === LOCKED || error.message.startsWith('database is locked')
}
