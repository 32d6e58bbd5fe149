/** Work that lost against others is done again, a little later. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AuthError } from '../../errors.js'
import { STALE } from './postgres-servers.js'

const TIMES = 3

/** Serialization failure, deadlock, and a name that was free when it was looked at: the next look sees who was faster. */
const LOST = new Set(['40001', '40P01', '23505'])

/** Runs `work` again, at most three times; `work` must have left nothing behind when it throws. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let time = 1; ; time++) {
    try {
      return await work()
    } catch (error) {
      if (time > TIMES || !canSucceed(codeOf(error))) throw told(error)
    }
    // At random, so that those who collided once do not collide again.
    await sleep(time * 20 * Math.random())
  }
}

const canSucceed = (code: string): boolean => LOST.has(code) || STALE.has(code)

const codeOf = (error: unknown): string => String(Object(error).code)

/** Beyond a third of a page of an index: PostgreSQL cannot look such a key up, so nobody can have it. */
const TOO_LONG = '54000'

function told(error: unknown): unknown {
  if (codeOf(error) === TOO_LONG) return new AuthError('request_invalid', { hint: 'a key is too long', cause: error })
  return error
}
