/** Signing compact JWS, RFC 7515 section 5.1: once, or many times under one header. */
import { AuthError } from '../errors.js'
import { encodeBase64url } from '../util/bytes.js'
import { type AlgorithmRow, algorithm } from './algorithms.js'
import { readHeader } from './header.js'
import { macText } from './hmac.js'
import type { Key } from './key.js'
import { maxTokenBytes } from './limits.js'
import { signBytes } from './signature.js'

// Base64url of an RSA signature at 8,192 bits, and its dot: whatever is signed must fit what `parseJws` may read.
const longestSignature = 1_367

// Most processes sign one kind of token: its header is encoded and checked once.
let last = { json: '', prefix: '' }

const payload = Buffer.allocUnsafeSlow(3 * maxTokenBytes)

/** What a signer writes into every header. */
export interface SignerOptions {
  readonly typ?: string
}

/**
 * One token. `alg` and `kid` come from the key and stand first; `header` adds to them, and `kid: undefined` leaves it out.
 * Throws `options_invalid` if the header names another `alg`, the key cannot sign, or the token would be too large to be read again.
 */
export function signJws(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  key: Key,
): string {
  const row = rowOf(key)
  return sign(encodeHeader(key, header), claims, key, row)
}

/** A signer for many tokens of one kind: its header is encoded once. Throws as `signJws` does. */
export function createSigner(
  key: Key,
  options: SignerOptions = {},
): (claims: Readonly<Record<string, unknown>>) => string {
  const row = rowOf(key)
  const prefix = encodeHeader(key, options.typ === undefined ? {} : { typ: options.typ })
  return (claims) => sign(prefix, claims, key, row)
}

function sign(prefix: string, claims: Readonly<Record<string, unknown>>, key: Key, row: AlgorithmRow): string {
  const input = prefix + encodePayload(JSON.stringify(claims))
  if (input.length > maxTokenBytes - longestSignature) throw tooLarge()
  if (row.kty === 'oct') return `${input}.${macText(row, key.material, input, input.length)}`
  return `${input}.${signBytes(row, key, Buffer.from(input, 'latin1')).toString('base64url')}`
}

/** By way of a buffer that is kept: a new one for each token would cost more than the encoding. */
function encodePayload(json: string): string {
  // A character is at most three bytes of UTF-8.
  if (json.length * 3 > payload.length) throw tooLarge()
  return payload.toString('base64url', 0, payload.write(json, 'utf8'))
}

function encodeHeader(key: Key, header: Readonly<Record<string, unknown>>): string {
  const kid = key.kid === undefined ? {} : { kid: key.kid }
  // Whoever names the algorithm too says where it stands: systems of the past wrote `typ` first.
  const first = Object.hasOwn(header, 'alg') ? {} : { alg: key.alg }
  const full: Readonly<Record<string, unknown>> = { ...first, ...(first.alg ? {} : header), ...kid, ...header }
  if (full.alg !== key.alg) throw unfit(`the key is for ${key.alg} only`)
  const json = JSON.stringify(full)
  if (json === last.json) return last.prefix
  const text = encodeBase64url(json)
  // Nothing leaves here that would be refused on its way back in.
  readHeader(text, text.length)
  last = { json, prefix: `${text}.` }
  return last.prefix
}

function rowOf(key: Key): AlgorithmRow {
  const row = algorithm(key.alg)
  if (row === undefined) throw unfit('the key has no known algorithm')
  return row
}

const tooLarge = () => unfit('the claims are too large for a token')

const unfit = (hint: string): AuthError => new AuthError('options_invalid', { reason: 'key_policy', hint })
