/** What proves that a password may be changed: the current one, or that this very change took place already. */
import { AuthError } from '../errors.js'
import type { Hasher } from './passwords.js'

interface Proof {
  readonly current: string
  readonly next: string
  /** Takes a point of the throttle. */
  readonly guess: () => Promise<void>
}

/**
 * Throws `login_failed`. With `next` the answer to an earlier try got lost between the new hash and the end of the sessions:
 * whoever asks again must get that end, and can no longer know a current password other than the next one.
 */
export async function provedBy(
  hasher: Hasher,
  hash: string | null,
  { current, next, guess }: Proof,
): Promise<'current' | 'next'> {
  if ((await hasher.verify(hash, current)).ok) return 'current'
  // A second look is a second guess, and whoever has none left gets the answer to the first.
  const isPaid = await guess().then(
    () => true,
    () => false,
  )
  if (isPaid && (await hasher.verify(hash, next)).ok) return 'next'
  throw new AuthError('login_failed')
}
