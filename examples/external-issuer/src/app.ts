/** An API that knows nobody beforehand: whoever another issuer signed a token for is a user here from the first request on. */
import express, { type Response } from 'express'
import { AuthError, createAuth, modelPermissions, signedIn } from 'latchkey'
import { authenticate, authorize } from 'latchkey/express'
import { externalPyjwt } from 'latchkey/presets'
import { allUsers, shown } from './users.js'

export interface Options {
  readonly database: string
  readonly secret: string
  /** Of the issuer, in PEM. */
  readonly publicKey: string
  /** JSON Schema of the claims; the one of the preset if there is none. */
  readonly schema: object | undefined
}

export function externalIssuer({ database, secret, publicKey, schema }: Options) {
  const auth = createAuth({
    database,
    secret,
    preset: externalPyjwt({ JWT_PUBLIC_KEY: publicKey, ...(schema && { token_schema: schema }) }),
  })

  const app = express().disable('x-powered-by')
  const list = '/users'
  const one = '/users/:id'
  app.use(authenticate(auth))
  app.all([list, one], (_request, response, next) => {
    response.set('allow', 'GET, HEAD, OPTIONS')
    next()
  })
  app.get(list, authorize(signedIn), async (_request, response) => {
    response.json((await allUsers(auth.users)).map(shown))
  })
  app.get(one, authorize(signedIn), async (request, response) => {
    const user = await auth.users.byId(String(request.params.id))
    if (user) response.json(shown(user))
    else refuse(response, new AuthError('not_found'))
  })
  // Writing would need a permission of its own, and then there would still be nothing to write with.
  app.all([list, one], authorize(modelPermissions('users.user')), (request, response) => {
    refuse(response, new AuthError('method_not_allowed'), request.method)
  })
  return { app, auth }

  function refuse(response: Response, error: AuthError, method = 'GET'): void {
    const { status, headers, body } = auth.reject(error, { method })
    response.writeHead(status, headers).end(body)
  }
}
