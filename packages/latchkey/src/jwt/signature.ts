/** Asymmetric signatures by algorithm row, through the synchronous one-shot calls of node:crypto. */
import {
  constants,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
  type VerifyKeyObjectInput,
  verify,
} from 'node:crypto'
import { AuthError } from '../errors.js'
import type { EcRow, OkpRow, RsaRow } from './algorithms.js'

export type SignatureRow = RsaRow | EcRow | OkpRow

/** The part of a key that signs and verifies. */
interface Material {
  readonly material: KeyObject
  readonly public?: KeyObject
}

interface Verifier {
  readonly input: VerifyKeyObjectInput
  /** The exact length: of r and s, or of the modulus (RFC 8017 section 8.2.2). */
  readonly bytes: number
}

// Built once per key: these objects cost more than their use does.
const verifiers = new WeakMap<Material, Verifier>()
const signers = new WeakMap<Material, SignKeyObjectInput>()

/** True if the signature is genuine. Answers `false`, and never throws, for bytes of any length and content. */
export function isSignature(row: SignatureRow, key: Material, data: Uint8Array, signature: Uint8Array): boolean {
  const verifier = verifiers.get(key) ?? prepareVerifier(row, key)
  if (signature.length !== verifier.bytes) return false
  try {
    return verify(row.kty === 'OKP' ? null : row.hash, data, verifier.input, signature)
  } catch {
    return false
  }
}

/** The signature in the form that JWS prescribes. Throws `options_invalid` if the key has no private part. */
export function signBytes(row: SignatureRow, key: Material, data: Uint8Array): Buffer {
  return sign(row.kty === 'OKP' ? null : row.hash, data, signers.get(key) ?? prepareSigner(row, key))
}

function prepareVerifier(row: SignatureRow, key: Material): Verifier {
  const material = key.public ?? key.material
  const bits = material.asymmetricKeyDetails?.modulusLength ?? 0
  const bytes = row.kty === 'RSA' ? Math.ceil(bits / 8) : row.signatureBytes
  const verifier = { input: { key: material, ...parameters(row) }, bytes }
  verifiers.set(key, verifier)
  return verifier
}

function prepareSigner(row: SignatureRow, key: Material): SignKeyObjectInput {
  if (key.material.type !== 'private') {
    throw new AuthError('options_invalid', {
      reason: 'key_policy',
      hint: 'this key can verify only: its private part is missing',
    })
  }
  const input = { key: key.material satisfies KeyObject, ...parameters(row) }
  signers.set(key, input)
  return input
}

function parameters(row: SignatureRow): { dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number } {
  if (row.kty === 'EC') return { dsaEncoding: 'ieee-p1363' }
  if (row.kty === 'OKP') return {}
  if (row.saltBytes === undefined) return { padding: constants.RSA_PKCS1_PADDING }
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: row.saltBytes }
}
