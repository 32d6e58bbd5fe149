/** hono/jwt with a secret or a PEM, the way its middleware calls it. */
import { sign, verify } from 'hono/jwt'

export const verifying =
  ({ alg, keys }) =>
  (token) =>
    verify(token, keys.secret ?? keys.publicKey, alg)

export const signing =
  ({ alg, keys }) =>
  (claims) =>
    sign(claims, keys.secret ?? keys.privateKey, alg)
