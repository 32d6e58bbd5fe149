/** Compact JWS, RFC 7515 sections 3.1 and 5.2: strict reading and verifying. Nothing here reveals unproved claims, but for an `iss` to choose a key by. */
import { AuthError, type Reason } from '../errors.js'
import { claimLimits, decodeUtf8, isJsonError, type JsonLimits, parseJson } from '../util/json.js'
import { readLatin1, writeBase64url, writeLatin1 } from '../util/raw.js'
import { algorithm } from './algorithms.js'
import { type JwsHeader, readHeader, rememberHeader } from './header.js'
import { isMac } from './hmac.js'
import type { Key } from './key.js'
import { defaultTokenBytes, maxTokenBytes } from './limits.js'
import { isSignature } from './signature.js'

export type { JwsHeader } from './header.js'
export { createSigner, type SignerOptions, signJws } from './sign.js'

/** What a verified token says; deep-frozen. */
export type Claims = Readonly<Record<string, unknown>>

/** A token whose form is right and whose signature nobody has looked at: its claims cannot be had from here. */
export interface Jws {
  readonly header: JwsHeader
  readonly token: string
  /** Where the first dot is. */
  readonly headerEnd: number
  /** Where the second dot is: the signature covers everything before it. */
  readonly payloadEnd: number
}

/** What a token must not exceed. */
export interface JwsLimits {
  /** Characters of the whole token; 8,192 unless set, never above 16,384. */
  readonly maxBytes?: number
}

// `parseJws` decodes one token at a time into these; `verifyJws` decodes it again if another one came between.
const signingInput = Buffer.allocUnsafeSlow(maxTokenBytes)
const payload = Buffer.allocUnsafeSlow(maxTokenBytes)
const signature = Buffer.allocUnsafeSlow(maxTokenBytes)
const payloadLimits: JsonLimits = { ...claimLimits, freeze: true }
let decoded: Jws | undefined
let payloadBytes = 0
// What `claimedIssuer` parsed last, so that a token is not parsed twice.
let peeked: Jws | undefined
let peekedClaims: unknown
// A view of `signature`, kept while signatures have one length: making it costs as much as decoding.
let given = signature.subarray(0, 0)

/**
 * Reads the form of a token: three parts, each in canonical base64url, and a header that asks for nothing we do not do.
 * Takes anything, throws `token_invalid` only, and needs no memory that grows with hostile input.
 */
export function parseJws(token: unknown, limits?: JwsLimits): Jws {
  if (typeof token !== 'string') throw refused('malformed')
  // Written so that a limit of NaN refuses.
  if (!(token.length <= Math.min(limits?.maxBytes ?? defaultTokenBytes, maxTokenBytes))) throw refused('too_large')
  const headerEnd = token.indexOf('.')
  const payloadEnd = token.indexOf('.', headerEnd + 1)
  // A third dot makes it a JWE or nonsense.
  if (headerEnd < 1 || payloadEnd === -1 || token.indexOf('.', payloadEnd + 1) !== -1) throw refused('structure')
  const header = readHeader(token, headerEnd)
  if (payloadEnd + 1 === token.length) throw refused('structure')
  const jws = { header, token, headerEnd, payloadEnd }
  decode(jws)
  return jws
}

/**
 * The claims of a token that `key` signed. The signature comes first; only then is the payload parsed.
 * Throws `token_invalid` with the reason.
 */
export function verifyJws(jws: Jws, key: Key): Claims {
  if (jws.payloadEnd === jws.headerEnd + 1) throw refused('structure')
  prove(jws, key)
  return peeked === jws ? (peekedClaims as Claims) : readClaims()
}

/**
 * The `iss` that a token claims, whatever it is, before anything is proved: good for choosing whose keys to try, and for nothing
 * else (RFC 8725 section 3.8). Throws `token_invalid` with the reason for a payload that holds no claims.
 */
export function claimedIssuer(jws: Jws): unknown {
  const claims = unprovenClaims(jws)
  return Object.hasOwn(claims, 'iss') ? claims.iss : undefined
}

/** What a token says of itself: nothing, until somebody proves that token. Throws `token_invalid` with the reason. */
export function unprovenClaims(jws: Jws): Claims {
  if (jws.payloadEnd === jws.headerEnd + 1) throw refused('structure')
  if (decoded !== jws) decode(jws)
  const claims = readClaims()
  peeked = jws
  peekedClaims = claims
  return claims
}

/** The payload, of any kind, of a JWS that `key` signed. Throws `token_invalid` with the reason. */
export function verifyBytes(jws: Jws, key: Key): Buffer {
  prove(jws, key)
  return Buffer.from(payload.subarray(0, payloadBytes))
}

function prove(jws: Jws, key: Key): void {
  // One key, one algorithm (RFC 8725 section 3.1): the header may agree with the key, it never chooses.
  const row = key.alg === jws.header.alg ? algorithm(key.alg) : undefined
  if (row === undefined) throw refused('alg_mismatch')
  if (decoded !== jws) decode(jws)
  const genuine =
    row.kty === 'oct'
      ? isMac(row, key.material, jws.token, jws.payloadEnd, given)
      : isSignature(row, key, signed(jws), given)
  if (!genuine) throw refused('signature')
  rememberHeader(jws.token, jws.headerEnd, jws.header)
}

function signed(jws: Jws): Buffer {
  writeLatin1(signingInput, jws.token, 0, jws.payloadEnd)
  return signingInput.subarray(0, jws.payloadEnd)
}

/** The claims of the token that was decoded last. */
function readClaims(): Claims {
  const text = payloadText()
  const claims = text === undefined ? undefined : parsePayload(text)
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw refused('payload_json')
  return claims as Claims
}

/** Nearly every payload is ASCII, which needs no check for ill-formed sequences and makes a string that parses faster. */
function payloadText(): string | undefined {
  const text = readLatin1(payload, payloadBytes)
  return Buffer.byteLength(text) === payloadBytes ? text : decodeUtf8(payload.subarray(0, payloadBytes))
}

function parsePayload(text: string): unknown {
  try {
    return parseJson(text, payloadLimits)
  } catch (error) {
    if (!isJsonError(error)) throw error
    throw refused(error.reason === 'json' ? 'payload_json' : error.reason)
  }
}

/** Decodes payload and signature, or throws: node's decoder is lenient, so all that it lets pass is excluded here. */
function decode(jws: Jws): void {
  const { token, headerEnd, payloadEnd } = jws
  decoded = undefined
  // It reads the standard alphabet too, and of characters above U+00FF the low byte alone.
  if (token.includes('+') || token.includes('/') || Buffer.byteLength(token) !== token.length) throw refused('b64')
  payloadBytes = decodePart(payload, token.slice(headerEnd + 1, payloadEnd))
  const signatureBytes = decodePart(signature, token.slice(payloadEnd + 1))
  if (given.length !== signatureBytes) given = signature.subarray(0, signatureBytes)
  decoded = jws
}

function decodePart(into: Buffer, text: string): number {
  const bytes = writeBase64url(into, text)
  // It skips what it cannot read and stops at padding: both leave fewer bytes than the characters stand for.
  const rest = text.length % 4
  if (rest === 1 || bytes !== (text.length * 3) >> 2) throw refused('b64')
  if (rest !== 0 && !endsWithZeroBits(text, rest)) throw refused('b64')
  return bytes
}

/** The last character of an incomplete group carries 4 or 2 bits that mean nothing: set, they would be a second spelling. */
function endsWithZeroBits(text: string, rest: number): boolean {
  const last = text.charCodeAt(text.length - 1)
  return (sextets[last] ?? 0) % (rest === 2 ? 16 : 4) === 0
}

const sextets = new Uint8Array(128)
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].entries()) {
  sextets[character.charCodeAt(0)] = value
}

const refused = (reason: Reason): AuthError => new AuthError('token_invalid', { reason })
