/** A key bound to one algorithm: imported only if it is strong enough and agrees with what it says about itself. */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { hkdf, sha256 } from '../util/bytes.js'
import { type Algorithm, type AlgorithmRow, algorithm } from './algorithms.js'
import { isKid } from './header.js'
import { checkPurpose, jwkMaterial, readJwk } from './jwk.js'
import { pemMaterial } from './pem.js'
import { checkSecret, readSecret } from './secret.js'
import { isSignature, signBytes } from './signature.js'
import { checkStrength } from './strength.js'
import { unfit } from './unfit.js'

/** Key material, bound to one algorithm. */
export interface Key {
  readonly kid: string | undefined
  /** The only algorithm that this key signs or verifies (RFC 8725 section 3.1). */
  readonly alg: Algorithm
  /** A secret, a private key (it signs and verifies) or a public one (it verifies). */
  readonly material: KeyObject
  /** The public half; absent for a secret. */
  readonly public?: KeyObject
}

/** Where key material comes from. A secret is text as it stands, text behind `base64:` or `hex:`, or bytes. */
export type KeyInput = { readonly jwk: unknown } | { readonly pem: string } | { readonly secret: string | Uint8Array }

/** How key material is imported. */
export interface ImportOptions {
  /** Overrides the JWK's own. */
  readonly kid?: string
  /** `true`: the key must be able to sign. `false`: it must be a public key or a secret. Unset: either. */
  readonly sign?: boolean
}

/** A public key as a JWKS publishes it. */
export type PublicJwk = Readonly<JsonWebKey & { kty: string; alg: Algorithm; use: 'sig'; kid?: string }>

/** A key with everything in it, for sealing. */
export type PrivateJwk = PublicJwk

/**
 * Imports a key for one algorithm. Throws `options_invalid` (reason `key_policy`) if it is weak, published, of another kind, or
 * says of itself that it is for something else.
 */
export function importKey(input: KeyInput, alg: Algorithm, options: ImportOptions = {}): Key {
  const row = algorithm(alg)
  if (row === undefined) throw unfit('unknown algorithm')
  const { kid: ownKid, sign } = options
  if (ownKid !== undefined && !isKid(ownKid)) throw unfit('a kid is 1-128 characters of A-Z a-z 0-9 . _ : ~ + / = @ -')
  const { material, kid } = read(input, row, sign)
  return bind(material, row, ownKid ?? kid, sign)
}

/** A new key; its `kid` is its thumbprint. RSA keys have 2,048 bits. */
export function generateKey(alg: Algorithm): Key {
  const row = algorithm(alg)
  if (row === undefined) throw unfit('unknown algorithm')
  const key = bind(generateMaterial(row), row, undefined, true)
  return Object.freeze({ ...key, kid: thumbprint(key) })
}

/** The RFC 7638 thumbprint. Of a secret it is derived by HKDF: a plain hash would let anybody test guesses. */
export function thumbprint(key: Key): string {
  if (key.public === undefined) return hkdf(key.material.export(), `latchkey/kid/${key.alg}`).toString('base64url')
  const { kty, crv, x, y, n, e } = key.public.export({ format: 'jwk' })
  // The required members in lexicographic order; those of other key types are undefined and vanish.
  return sha256(JSON.stringify({ crv, e, kty, n, x, y })).toString('base64url')
}

/** What the world may know; `undefined` for a secret. */
export function publicJwk(key: Key): PublicJwk | undefined {
  return key.public === undefined ? undefined : asJwk(key, key.public)
}

/** Everything, for sealing. Throws `options_invalid` for a key that can only verify. */
export function privateJwk(key: Key): PrivateJwk {
  if (key.material.type === 'public') throw unfit('the private part of this key is missing')
  return asJwk(key, key.material)
}

function asJwk(key: Key, material: KeyObject): PublicJwk {
  const jwk = material.export({ format: 'jwk' })
  return Object.freeze({
    ...jwk,
    kty: jwk.kty ?? '',
    ...(key.kid === undefined ? {} : { kid: key.kid }),
    alg: key.alg,
    use: 'sig',
  })
}

function read(input: KeyInput, row: AlgorithmRow, sign: boolean | undefined): { material: KeyObject; kid?: string } {
  if ('secret' in input) {
    if (row.kty !== 'oct') throw unfit(`${row.name} needs a key pair, not a secret`)
    return { material: createSecretKey(readSecret(input.secret, row)) }
  }
  if ('pem' in input) {
    if (row.kty === 'oct') throw unfit(`${row.name} needs a secret: a PEM key is not one`)
    return { material: pemMaterial(input.pem) }
  }
  const jwk = readJwk(input.jwk)
  checkPurpose(jwk, row, sign)
  return { material: jwkMaterial(jwk, row), ...(isKid(jwk.kid) ? { kid: jwk.kid } : {}) }
}

function bind(material: KeyObject, row: AlgorithmRow, kid: string | undefined, sign: boolean | undefined): Key {
  if (sign === true && material.type === 'public') throw unfit('signing needs the private key')
  if (sign === false && material.type === 'private') throw unfit('a private key where a public one belongs')
  if (row.kty === 'oct') {
    checkSecret(material.export(), row)
    return Object.freeze({ kid, alg: row.name, material })
  }
  const publicKey = material.type === 'private' ? createPublicKey(material) : material
  checkStrength(publicKey, row)
  const key: Key = Object.freeze({ kid, alg: row.name, material, public: publicKey })
  if (material.type === 'private') checkPair(key, row)
  return key
}

/** A JWK may join the halves of two pairs: what it signs must verify. */
function checkPair(key: Key, row: Exclude<AlgorithmRow, { kty: 'oct' }>): void {
  const probe = randomBytes(32)
  if (!isSignature(row, key, probe, signBytes(row, key, probe))) throw unfit('the halves of the key pair do not match')
}

/**
 * Read back from its encoding. A key as Node 20 hands it out has one lock with the job that made it: where that job is collected while the
 * key is written as a JWK, the thread waits for itself for ever (seen after 300 to 4,250 keys; Node 22 to 26 do not).
 */
function generateMaterial(row: AlgorithmRow): KeyObject {
  if (row.kty === 'oct') return createSecretKey(randomBytes(row.bytes))
  return createPrivateKey({ key: generatePair(row).privateKey, type: 'pkcs8', format: 'der' })
}

const publicKeyEncoding = { type: 'spki', format: 'der' } as const
const privateKeyEncoding = { type: 'pkcs8', format: 'der' } as const

function generatePair(row: Exclude<AlgorithmRow, { kty: 'oct' }>): { readonly privateKey: Buffer } {
  if (row.kty === 'RSA')
    return generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding, privateKeyEncoding })
  if (row.kty === 'EC')
    return generateKeyPairSync('ec', { namedCurve: row.curve, publicKeyEncoding, privateKeyEncoding })
  return generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding })
}
