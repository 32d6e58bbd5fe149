/** The limit: node:crypto with a KeyObject, and JSON; nothing is checked but the signature. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { parameters } from '../../lib/tokens.mjs'

export function verifying({ alg, keys }) {
  const { hash, input } = parameters(alg)
  const read = (text) => JSON.parse(Buffer.from(text, 'base64url').toString())
  const secret = keys.secret && createSecretKey(Buffer.from(keys.secret))
  const key = keys.publicKey && { key: createPublicKey(keys.publicKey), ...input }
  const genuine = secret
    ? (text, given) => timingSafeEqual(createHmac(hash, secret).update(text).digest(), given)
    : (text, given) => verify(hash, Buffer.from(text), key, given)
  return (token) => {
    const [header, payload, signature] = token.split('.')
    read(header)
    const good = genuine(token.slice(0, -signature.length - 1), Buffer.from(signature, 'base64url'))
    if (!good) throw new Error('refused')
    return read(payload)
  }
}

export function signing({ alg, keys }) {
  const { hash, input } = parameters(alg)
  const write = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = { alg, typ: 'JWT' }
  const secret = keys.secret && createSecretKey(Buffer.from(keys.secret))
  const key = keys.privateKey && { key: createPrivateKey(keys.privateKey), ...input }
  const signed = secret
    ? (text) => createHmac(hash, secret).update(text).digest('base64url')
    : (text) => sign(hash, Buffer.from(text), key).toString('base64url')
  return (claims) => {
    const text = `${write(header)}.${write(claims)}`
    return `${text}.${signed(text)}`
  }
}
