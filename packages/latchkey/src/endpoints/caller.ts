/** Who calls an operation that is for signed-in callers only. */
import { AuthError } from '../errors.js'
import type { AuthContext } from '../guard/context.js'
import type { User } from '../stores/port.js'
import type { Call } from './surface.js'

/** Throws what is against the credential, or `credential_missing`. */
export async function caller<U extends User>(call: Call<U>): Promise<AuthContext<U>> {
  const { context, failure } = await call.authentication()
  if (!context) throw failure ?? new AuthError('credential_missing')
  return context
}

/** The caller's id here, and their session if they came with one of ours. Throws as `caller`, `user_inactive` for one who is no user here, and `permission_denied` by API token. */
export async function callingUser<U extends User>(
  call: Call<U>,
): Promise<{ readonly userId: string; readonly sessionId: string | undefined }> {
  const { userId, sessionId, via } = await caller(call)
  // A token for scripts is no sign-in: whoever finds one must neither see the sessions of its owner nor end them.
  if (via === 'api-token') throw new AuthError('permission_denied', { hint: 'an API token is no session' })
  if (userId === undefined) throw new AuthError('user_inactive', { reason: 'user_gone' })
  return { userId, sessionId }
}
