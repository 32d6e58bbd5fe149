/** jose with a KeyObject; it checks dates and the algorithm. */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'

export function verifying({ alg, keys }) {
  const key = keys.secret ? createSecretKey(Buffer.from(keys.secret)) : createPublicKey(keys.publicKey)
  return (token) => jwtVerify(token, key, { algorithms: [alg] })
}

export function signing({ alg, keys }) {
  const key = keys.secret ? createSecretKey(Buffer.from(keys.secret)) : createPrivateKey(keys.privateKey)
  return (claims) => new SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT' }).sign(key)
}
