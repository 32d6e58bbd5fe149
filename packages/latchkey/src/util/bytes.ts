/** Bytes: strict base64url, randomness, digests, derived keys and the one place where secrets are compared. */
import { createHash, createHmac, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'

/** Base64url without padding, RFC 4648 section 5. Text is encoded as UTF-8. */
export function encodeBase64url(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return Buffer.from(bytes, 'utf8').toString('base64url')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/**
 * The bytes of canonical base64url, or `undefined` for padding, foreign characters, impossible lengths or set trailing bits:
 * whatever passes has exactly one spelling.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** A random identifier in base64url; 16 bytes are 22 characters. None begins with `-`: command lines would take it for an option. */
export function randomId(bytes = 16): string {
  const id = randomBytes(bytes).toString('base64url')
  return id.startsWith('-') ? randomId(bytes) : id
}

/** SHA-256 of bytes, or of text as UTF-8. */
export const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest()

/** HMAC-SHA-256 of bytes, or of text as UTF-8. */
export const hmacSha256 = (key: Uint8Array | KeyObject, data: Uint8Array | string): Buffer =>
  createHmac('sha256', key).update(data).digest()

/** Equality in constant time. Unequal lengths answer at once: the length is public wherever this is used. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

/** `equalBytes` for text. */
export const equalText = (a: string, b: string): boolean => equalBytes(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))

/** A key for one purpose, named by its label, so that no two purposes share one (HKDF-SHA-256, RFC 5869). */
export const hkdf = (secret: Uint8Array, label: string, length = 32): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), label, length))
