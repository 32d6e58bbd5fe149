/** Hand-made tokens: any header, any payload, any text between the dots, and a genuine signature over it. */
import { createHmac } from 'node:crypto'
import type { ErrorCode, Reason } from '../../errors.js'
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import type { Key } from '../../jwt/key.js'
import { signBytes } from '../../jwt/signature.js'
import { encodeBase64url } from '../../util/bytes.js'
import { classOf, type DefectClass, defectClasses } from './classes.js'

/** One token and how it must be answered. */
export interface Defect {
  readonly name: string
  /** What is wrong with it; `undefined` for a token that must be accepted. */
  readonly class: DefectClass | undefined
  /** What that means, in one sentence; empty for a token that must be accepted. */
  readonly meaning: string
  /** The case of the security catalogue. */
  readonly case: number
  /** Usually text; what a careless caller may pass otherwise. */
  readonly token: unknown
  /** The reason for logs, where every door must agree on it. */
  readonly reason: Reason | undefined
  /** Any of these codes is right; none at all: the token is accepted. */
  readonly codes: readonly ErrorCode[]
  /** Whether it fits into an HTTP header as it stands. */
  readonly sendable: boolean
}

/** From what the defective tokens are forged. */
export interface DefectContext {
  /** The key that signs access tokens: a secret, or the private part of a pair. */
  readonly key: Key
  /** The claims of a good access token. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly now: number
  /** The `typ` of access tokens; `at+jwt` unless set. */
  readonly typ?: string
  /** The header of a good token; `alg`, `kid` and `typ` unless set. */
  readonly header?: Readonly<Record<string, unknown>>
  /** The longest life of an access token in seconds; an hour unless set. */
  readonly maxLifetime?: number
}

export interface Forger {
  readonly key: Key
  /** The header of a good token, with changes. */
  header(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** A genuinely signed token: texts and bytes go in as they are, objects as JSON. */
  token(header: Part, payload: Part): string
  /** A genuinely signed token with changed claims. */
  claims(changes: Readonly<Record<string, unknown>>): string
  /** The signature over any text. */
  sign(input: string): string
}

export type Part = string | Uint8Array | Readonly<Record<string, unknown>>

export function forger({ key, claims, typ = 'at+jwt', header: usual }: DefectContext): Forger {
  const base = usual ?? { alg: key.alg, kid: key.kid, typ }
  const header = (changes: Readonly<Record<string, unknown>> = {}) => ({ ...base, ...changes })
  const sign = (input: string) => signatureOf(input, key)
  const token = (head: Part, payload: Part) => {
    const input = `${encodePart(head)}.${encodePart(payload)}`
    return `${input}.${sign(input)}`
  }
  return { key, header, token, sign, claims: (changes) => token(header(), { ...claims, ...changes }) }
}

export const encodePart = (part: Part): string =>
  encodeBase64url(typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part))

/** What `key` signs, whatever the text says of its algorithm. */
export function signatureOf(input: string, key: Key, alg: Algorithm = key.alg): string {
  const row = algorithm(alg)
  if (row === undefined) throw new TypeError('no such algorithm')
  if (row.kty === 'oct') return createHmac(row.hash, key.material).update(input).digest('base64url')
  return encodeBase64url(signBytes(row, { ...key }, Buffer.from(input, 'utf8')))
}

/** HMAC-SHA-256 under bytes that no policy would take for a key. */
export const macOf = (input: string, secret: string | Uint8Array): string =>
  createHmac('sha256', secret).update(input).digest('base64url')

export const bad = (
  number: number,
  name: string,
  token: unknown,
  reason: Reason,
  code: ErrorCode = 'token_invalid',
): Defect => {
  const found = classOf(number, name)
  if (!found) throw new TypeError(`${number} ${name} is in no class`)
  const { meaning } = defectClasses[found]
  return { name, class: found, meaning, case: number, token, reason, codes: [code], sendable: isSendable(token) }
}

export const good = (number: number, name: string, token: string): Defect => ({
  name,
  class: undefined,
  meaning: '',
  case: number,
  token,
  reason: undefined,
  codes: [],
  sendable: isSendable(token),
})

const isSendable = (token: unknown): boolean =>
  typeof token === 'string' && token.length <= 10_000 && /^[!-~]+$/.test(token)
