/** When an access token is refreshed: not by a timer, but with the first request after a moment that is drawn at random. */

/** Seconds by the server's clock. */
export interface Term {
  readonly expiresAt: number
  readonly refreshAt: number
}

/**
 * The moment lies in the last third of the token's life, and that is at least a minute unless it would be more than half of it: who
 * wants to present a stolen refresh token together with its owner has to guess (the server forgives a repetition within seconds).
 */
export function termOf(expiresAt: number, lifetime: number, random: () => number): Term {
  const window = Math.min(Math.max(60, lifetime / 3), lifetime / 2)
  return { expiresAt, refreshAt: expiresAt - window * random() }
}

/** `late` from the second at which the token expires. */
export const ageOf = ({ expiresAt, refreshAt }: Term, now: number): 'fresh' | 'due' | 'late' =>
  now >= expiresAt ? 'late' : now >= refreshAt ? 'due' : 'fresh'
