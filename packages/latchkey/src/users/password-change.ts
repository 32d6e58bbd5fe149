/** Changing a password: by the user who knows the current one, or by an operator; either way the sessions end after it. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { AccountStore } from '../stores/port.js'
import { refuse } from './new-account.js'
import type { Hasher } from './passwords.js'
import { checkNewPassword, isTooLong } from './policy.js'
import { provedBy } from './proof.js'
import type { Throttle } from './throttle.js'

export interface PasswordParts {
  readonly store: AccountStore
  readonly hasher: Hasher
  readonly throttle: Throttle
  readonly events: Events
  /** Ends the sessions of a user, all but the spared one. */
  end(userId: string, because: 'password' | 'disabled' | 'deleted', spare?: string): Promise<void>
}

export interface PasswordChange {
  /**
   * Sets a password without knowing the current one, for operators; ends every session.
   * Throws `not_found` and `request_invalid`.
   */
  setPassword(id: string, next: string): Promise<void>
  /**
   * Changes a password by who knows the current one; ends every session but `spare`. Throws `request_invalid` (path
   * `password`) before the current one is looked at, `login_failed` where it is wrong, `login_throttled` by the same
   * budget as a login, of which a wrong one takes two points, `conflict` where the password was changed meanwhile. Who repeats
   * a change whose answer got lost is known by `next`.
   */
  changePassword(id: string, current: string, next: string, spare?: string): Promise<void>
}

/** Makes both ways. The order is: the new hash first, the epoch after it, the answer last. */
export function createPasswordChange({ store, hasher, throttle, events, end }: PasswordParts): PasswordChange {
  return { setPassword, changePassword }

  async function setPassword(id: string, next: string): Promise<void> {
    const account = await store.findById(id)
    if (!account) throw new AuthError('not_found')
    refuse(checkNewPassword(next, account))
    // An operator overrules whatever stands, so nothing is expected of it.
    if (!(await store.change(id, { passwordHash: await hasher.hash(next) }, {}))) throw new AuthError('not_found')
    await ended(id)
  }

  async function changePassword(id: string, current: string, next: string, spare?: string): Promise<void> {
    const account = await store.findById(id)
    if (!account?.active || isTooLong(current)) throw new AuthError('login_failed')
    refuse(checkNewPassword(next, account))
    const attempt = { account: account.username, address: undefined }
    await throttle.consume(attempt)
    const found = await store.findByLogin(account.username)
    const hash = found?.user.id === id ? found.passwordHash : null
    const proof = await provedBy(hasher, hash, { current, next, guess: () => throttle.consume(attempt) })
    await throttle.reward(attempt)
    if (proof === 'current' && !(await store.setPasswordHash(id, await hasher.hash(next), hash)))
      throw new AuthError('conflict')
    await ended(id, spare)
  }

  async function ended(id: string, spare?: string): Promise<void> {
    await end(id, 'password', spare)
    events.emit('password.changed', { userId: id, sessionId: spare })
  }
}
