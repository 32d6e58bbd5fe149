/** jsonwebtoken, with a KeyObject or with the text that most applications hand it; it checks dates and the algorithm. */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'

export function verifying({ alg, keys, text }) {
  const key = keys.secret ? createSecretKey(Buffer.from(keys.secret)) : createPublicKey(keys.publicKey)
  const given = text ? (keys.secret ?? keys.publicKey) : key
  return (token) => jsonwebtoken.verify(token, given, { algorithms: [alg] })
}

export function signing({ alg, keys, text }) {
  const key = keys.secret ? createSecretKey(Buffer.from(keys.secret)) : createPrivateKey(keys.privateKey)
  const given = text ? (keys.secret ?? keys.privateKey) : key
  return (claims) => jsonwebtoken.sign(claims, given, { algorithm: alg })
}
