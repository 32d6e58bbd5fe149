/** HMAC secrets from configuration: how they may be written, and which are too weak to sign with (RFC 7518 section 3.2). */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { HmacRow } from './algorithms.js'
import { isPublished } from './published.js'
import { unfit } from './unfit.js'

/** The bytes of a secret: text as it stands, or behind `base64:` or `hex:`. Throws `options_invalid` if it cannot be read. */
export function readSecret(secret: unknown, row: HmacRow): Uint8Array {
  if (typeof secret !== 'string') return fromBytes(secret)
  // White space at the ends, from a file or a shell, must not make a short or published secret look better than it is.
  if (secret !== secret.trim()) checkSecret(fromText(secret.trim()), row)
  return fromText(secret)
}

/**
 * Throws `options_invalid` if these bytes are too short for the algorithm, repeat themselves, were published, or are really a
 * public key (CVE-2016-10555 and its many successors).
 */
export function checkSecret(bytes: Uint8Array, row: HmacRow): void {
  if (bytes.length < row.bytes)
    throw unfit(`${row.name} needs a secret of at least ${row.bytes} bytes: openssl rand -base64 48`)
  if (isKeyText(bytes)) throw unfit('the secret is a public or private key, not a secret')
  if (period(bytes) < row.bytes || new Set(bytes).size < 8) throw unfit('the secret repeats itself')
  if (isPublished(bytes)) throw published()
}

const published = () => unfit('this secret is on a published list')

function fromBytes(secret: unknown): Uint8Array {
  if (!(secret instanceof Uint8Array)) throw unfit('a secret is text or bytes')
  return Uint8Array.from(secret)
}

function fromText(text: string): Uint8Array {
  if (text.startsWith('base64:')) return decoded(text.slice(7).trim(), 'base64')
  if (text.startsWith('hex:')) return decoded(text.slice(4).trim(), 'hex')
  return Buffer.from(text, 'utf8')
}

/** Either alphabet of base64, padded or not; whatever does not encode back to the same text was mistyped. */
function decoded(text: string, encoding: 'base64' | 'hex'): Uint8Array {
  const bytes = Buffer.from(text, encoding)
  const plain = (value: string) =>
    encoding === 'hex' ? value.toLowerCase() : value.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '')
  if (plain(bytes.toString(encoding)) !== plain(text)) throw unfit(`the secret is not valid ${encoding}`)
  return bytes
}

/** The length of the shortest word whose repetition makes the whole; a word counts once, however often it is written. */
function period(bytes: Uint8Array): number {
  for (let length = 1; length <= bytes.length / 2; length++) {
    if (bytes.every((byte, at) => at < length || byte === bytes[at - length])) return length
  }
  return bytes.length
}

/** PEM, OpenSSH, JWK and JWKS texts, DER, and DER in base64. */
function isKeyText(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('utf8').trim()
  if (/-----BEGIN |^(ssh|ecdsa)-/.test(text)) return true
  if (/^\uFEFF?\s*[[{]/.test(text) && isJson(text)) return true
  return isDer(Buffer.from(bytes)) || isDer(Buffer.from(text.replace(/\s/g, ''), 'base64'))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''))
    return true
  } catch {
    return false
  }
}

function isDer(key: Buffer): boolean {
  // Every DER key is a SEQUENCE; parsing is kept for those.
  if (key[0] !== 0x30) return false
  const attempts = [
    () => createPublicKey({ key, format: 'der', type: 'spki' }),
    () => createPublicKey({ key, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
  ]
  return attempts.some((attempt) => {
    try {
      attempt()
      return true
    } catch {
      return false
    }
  })
}
