/** The guard of djwto's `jwt_perm_required`: by what the token says of its user. */
import { AuthError } from '../../errors.js'
import type { Guard } from '../../guard/guards.js'

/**
 * Passes for callers whose token has all of these in `user.perms`. Tokens say what the user might do when they were made, and are refused
 * once that has changed. Throws `credential_missing`, `claims_invalid` for a token without any, `permission_denied`.
 *
 * @example
 * ```ts
 * import { jwtPermRequired } from 'latchkey/presets'
 * const mayWrite = jwtPermRequired('blog.add_post')
 * ```
 */
export function jwtPermRequired(...perms: readonly [string, ...string[]]): Guard {
  return (auth) => {
    if (!auth) throw new AuthError('credential_missing')
    const { perms: held } = (auth.claims.user ?? {}) as { readonly perms?: unknown }
    if (!Array.isArray(held) || held.length === 0) throw new AuthError('claims_invalid', { problems: [NO_PERMS] })
    const missing = perms.filter((one) => !held.includes(one))
    if (missing.length > 0) throw new AuthError('permission_denied', { missing })
  }
}

export const NO_PERMS = { path: 'user.perms', rule: 'required', message: 'Invalid permissions for jwt token.' } as const
