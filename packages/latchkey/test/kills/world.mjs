/** What the killed server and its clients agree on, and chance that can be repeated. */

export const ISSUER = 'https://api.example.com'
export const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'

/** Long enough that a slow machine restarts within it: an honest retry must never be too late. */
export const GRACE_SECONDS = 40

/** Few, so that what ends all sessions of a user meets other sessions of that user. */
export const USERS = ['ann', 'bob', 'cid', 'dot']

export const CLIENTS_PER_USER = 2

/** The password of a user after so many changes. */
export const password = (user, version) => `the good password ${version} of ${user}`

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
