/** Changing a password in a users table of the application's own. */
import { AuthError } from '../errors.js'
import type { Events } from '../events.js'
import type { User, UserStore } from '../stores/port.js'
import { refuse } from './new-account.js'
import type { Hasher } from './passwords.js'
import { checkNewPassword } from './policy.js'
import { provedBy } from './proof.js'
import type { Throttle } from './throttle.js'

/** Checks the current password, sets the next and ends every session but `spare`. Throws `request_invalid`, `login_failed`, `login_throttled`, `conflict`, `not_found`. */
export type ChangePassword<U extends User> = (
  user: U,
  current: string,
  next: string,
  spare: string | undefined,
) => Promise<void>

export interface OwnTableParts<U extends User> {
  readonly users: UserStore<U>
  readonly hasher: Hasher
  readonly throttle: Throttle
  readonly events: Events
  end(userId: string, because: 'password', spare?: string): Promise<void>
}

export function createOwnTable<U extends User>({
  users,
  hasher,
  throttle,
  events,
  end,
}: OwnTableParts<U>): ChangePassword<U> {
  return async (user, current, next, spare) => {
    const login = loginOf(user)
    if (!users.setPasswordHash || login === undefined) {
      throw new AuthError('not_found', {
        hint: 'the users table has no setPasswordHash, or its users no username or email',
      })
    }
    refuse(checkNewPassword(next, { username: login }))
    const attempt = { account: login, address: undefined }
    await throttle.consume(attempt)
    const found = await users.findByLogin(login)
    const hash = found?.user.id === user.id ? found.passwordHash : null
    const proof = await provedBy(hasher, hash, { current, next, guess: () => throttle.consume(attempt) })
    await throttle.reward(attempt)
    if (proof === 'current' && !(await users.setPasswordHash(user.id, await hasher.hash(next), hash)))
      throw new AuthError('conflict')
    await end(user.id, 'password', spare)
    events.emit('password.changed', { userId: user.id, sessionId: spare })
  }
}

function loginOf(user: User): string | undefined {
  const { username, email } = user as { username?: unknown; email?: unknown }
  return [username, email].find((one): one is string => typeof one === 'string')
}
