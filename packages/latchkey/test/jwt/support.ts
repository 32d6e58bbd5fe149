/** What the tests of this folder share: refusals as values, vectors as data, hand-made tokens. */
import { createSecretKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AuthError, type ErrorCode, type Reason } from '../../src/errors.js'
import { type Algorithm, algorithm } from '../../src/jwt/algorithms.js'
import { macText } from '../../src/jwt/hmac.js'
import { importKey, type Key } from '../../src/jwt/key.js'
import { signBytes } from '../../src/jwt/signature.js'

export interface Refusal {
  readonly code: ErrorCode
  readonly reason: Reason | undefined
}

/** How a call was refused, `undefined` if it was not. Anything but an AuthError fails the test that asks. */
export function refusal(run: () => unknown): Refusal | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return { code: error.code, reason: error.reason }
  }
}

export const invalid = (reason: Reason): Refusal => ({ code: 'token_invalid', reason })
export const keyPolicy: Refusal = { code: 'options_invalid', reason: 'key_policy' }

const folder = fileURLToPath(new URL('../vectors/', import.meta.url))

export const vectorText = (path: string): string => readFileSync(join(folder, path), 'utf8')
export const vectorBytes = (path: string): Buffer => readFileSync(join(folder, path))
// biome-ignore lint/suspicious/noExplicitAny: vectors have the shape their publisher gave them
export const vector = (path: string): any => JSON.parse(vectorText(path))
export const vectorNames = (path: string): string[] => readdirSync(join(folder, path)).sort()

// Keys printed in the vectors, which `importKey` rightly refuses as published or as repeating themselves.
const printed = new Set([
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])

/** The key of a vector. */
export function vectorKey(jwk: Record<string, unknown>, alg: Algorithm): Key {
  if (typeof jwk.k !== 'string' || !printed.has(jwk.k)) return importKey({ jwk }, alg)
  return secretKey(Buffer.from(jwk.k, 'base64url'), alg)
}

/** A key that passed no policy, for tests of the layers below it. */
export const secretKey = (secret: Uint8Array, alg: Algorithm): Key => ({
  kid: undefined,
  alg,
  material: createSecretKey(secret),
})

/** A genuinely signed token with any header and payload text, also such as the library would not sign. */
export function forge(header: string | Uint8Array, payload: string | Uint8Array, key: Key): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  return `${input}.${signatureOf(input, key)}`
}

/** The signature of any text under any algorithm. */
export function signatureOf(input: string, key: Key): string {
  const row = algorithm(key.alg)
  if (row === undefined) throw new Error('no such algorithm')
  if (row.kty === 'oct') return macText(row, key.material, input, input.length)
  return signBytes(row, key, Buffer.from(input, 'latin1')).toString('base64url')
}
