/** Keys, claims and tokens that every candidate gets alike, made by node:crypto alone. */
import { constants, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/** What node:crypto has to be told for an algorithm. */
export function parameters(alg) {
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
  if (alg.startsWith('ES')) return { hash, input: { dsaEncoding: 'ieee-p1363' } }
  if (!alg.startsWith('PS')) return { hash, input: {} }
  return { hash, input: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } }
}

/** A secret of 64 characters, or a key pair in PEM; RSA keys have 2,048 bits. */
export function makeKeys(alg) {
  if (alg.startsWith('HS')) return { secret: randomBytes(48).toString('base64url') }
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519', encoding)
  if (curves[alg]) return generateKeyPairSync('ec', { namedCurve: curves[alg], ...encoding })
  return generateKeyPairSync('rsa', { modulusLength: 2048, ...encoding })
}

export const issuer = 'https://api.example.com'

/** The claims of an access token as Latchkey issues it (RFC 9068), good for an hour. */
export function makeClaims(now = Math.floor(Date.now() / 1000)) {
  const id = () => randomBytes(16).toString('base64url')
  const who = { iss: issuer, aud: issuer, sub: id(), client_id: 'latchkey' }
  return { ...who, exp: now + 3600, iat: now, jti: id(), sid: id(), rev: now * 1000 }
}

/** A token with the header that all peers take, and what else stands in it. */
export function makeToken(alg, { secret, privateKey }, claims = makeClaims(), more = {}) {
  const text = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${text({ alg, typ: 'JWT', ...more })}.${text(claims)}`
  const { hash, input: rest } = parameters(alg)
  const signature = secret
    ? createHmac(hash, secret).update(input).digest('base64url')
    : sign(hash, Buffer.from(input), { key: privateKey, ...rest }).toString('base64url')
  return `${input}.${signature}`
}

/** Texts as a server gets them with each request: new every time, so that no engine has hashed or compared them before. */
export function freshly(texts, order = (i) => i % texts.length) {
  let from = 0
  return (count) => {
    const fresh = Array.from({ length: count }, (_, i) => copy(texts[order(from + i)]))
    from += count
    return fresh
  }
}

const copy = (text) => Buffer.from(text, 'latin1').toString('latin1')
