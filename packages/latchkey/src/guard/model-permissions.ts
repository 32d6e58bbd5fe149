/** The guard that takes the permission from the method: reading, adding, changing and deleting are four of them. */
import { AuthError } from '../errors.js'
import { type Guard, permission } from './guards.js'

const ACTIONS: Readonly<Record<string, string>> = {
  GET: 'view',
  HEAD: 'view',
  OPTIONS: 'view',
  POST: 'add',
  PUT: 'change',
  PATCH: 'change',
  DELETE: 'delete',
}

/**
 * Passes for callers who may do with a model what the method of the request does: `users.user:view` for GET, HEAD and OPTIONS, `:add`
 * for POST, `:change` for PUT and PATCH, `:delete` for DELETE; `users.user:*` is all of them. Reading needs `view`: nobody reads
 * for being signed in. Throws `credential_missing`, `permission_denied`, `user_inactive`, `method_not_allowed` for any other
 * method, and `options_invalid` where a guard is asked without a request.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { createAuth, modelPermissions } from 'latchkey'
 * import { authenticate, authorize } from 'latchkey/express'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const app = express()
 * app.use(authenticate(auth))
 * app.use('/users', authorize(modelPermissions('users.user')))
 * ```
 */
export function modelPermissions(model: string): Guard {
  if (typeof model !== 'string' || !/^[\w.-]{1,200}$/.test(model))
    throw new AuthError('options_invalid', { hint: 'modelPermissions() takes the name of a model, such as users.user' })
  const guards = new Map(Object.entries(ACTIONS).map(([method, action]) => [method, permission(`${model}:${action}`)]))
  return (auth, request) => {
    if (!auth) throw new AuthError('credential_missing')
    if (!request)
      throw new AuthError('options_invalid', { hint: 'modelPermissions() needs the method: guard(auth, { method })' })
    const guard = guards.get(request.method)
    if (!guard) throw new AuthError('method_not_allowed')
    return guard(auth)
  }
}
