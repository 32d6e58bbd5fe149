/** As much of a client of the API as a subscription needs, and what it is told when the session is over. */
import type { Client, Identified } from './types.js'

/** A client of the API, or anything else that has tokens and can get the next one. */
export type TokenSource = Pick<Client<Identified>, 'user' | 'headers' | 'refresh' | 'onChange'>

/** The end of a subscription that no refresh mends. `code`: why it ended, as the server said it. */
export const over = (code: string): Error =>
  Object.assign(new Error(`The subscription is over: ${code}`), { name: 'Over', code })

export const isOver = (error: unknown): boolean => error instanceof Error && error.name === 'Over'

/** Seconds to wait before one more attempt: none for the first, then twice as long each time, never all clients at once. */
export const pauseOf = (attempts: number): number =>
  attempts === 0 ? 0 : Math.min(30, 2 ** attempts) * (0.5 + Math.random() / 2)

export const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))

/** What lived this long ended for a reason of its own, and not because it was begun. */
export const STEADY_SECONDS = 10
