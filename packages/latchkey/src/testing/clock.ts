/** A clock that tests move by hand. */
import { type Clock, seconds } from '../util/time.js'

/** Whole seconds since the epoch; it stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Goes on by seconds, or by text such as `30s`, `15m`, `12h`, `30d`. Throws `options_invalid` for anything else. */
  advance(by: string | number): void
  /** Goes to a second since the epoch, ahead or back. */
  set(to: number): void
}

/**
 * A clock for `createAuth({ clock })`, so that tests wait for nothing. It begins now, unless told otherwise.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { testClock } from 'latchkey/testing'
 * const clock = testClock()
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'memory', secret: process.env.LATCHKEY_SECRET ?? '', clock })
 * clock.advance('6m') // every access token has expired
 * ```
 */
export function testClock(start: number = Math.floor(Date.now() / 1000)): TestClock {
  let now = start
  return Object.assign(() => now, {
    advance(by: string | number): void {
      now += seconds(by, 'advance')
    },
    set(to: number): void {
      now = to
    },
  })
}

/** A clock that nobody here may move: it is the application's. */
export function lockedClock(read: Clock): TestClock {
  const locked = (): never => {
    throw new TypeError(
      'this auth was made with a clock of its own: give one `testClock()` to `createAuth({ clock })` and to `testAuth(auth, { clock })`',
    )
  }
  return Object.assign(() => read(), { advance: locked, set: locked })
}
