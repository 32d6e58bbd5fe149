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
