/** Whether an asymmetric key is strong enough, and of the kind its algorithm needs (RFC 8725 section 3.5, NIST SP 800-56B). */
import { createPublicKey, type KeyObject } from 'node:crypto'
import type { AlgorithmRow } from './algorithms.js'
import { unfit } from './unfit.js'

/** Throws `options_invalid` for a weak public key or one of another kind. */
export function checkStrength(key: KeyObject, row: AlgorithmRow): void {
  if (row.kty === 'RSA') checkRsa(key)
  if (row.kty === 'EC' && (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== row.curve)) {
    throw unfit(`${row.name} needs a key on the curve ${row.crv}`)
  }
  if (row.kty === 'OKP') checkEd25519(key)
}

function checkRsa(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'rsa') throw unfit('this algorithm needs an RSA key')
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < 2_048 || modulusLength > 8_192) throw unfit('an RSA modulus has 2,048 to 8,192 bits')
  if (publicExponent < 65_537n || publicExponent >= 1n << 32n || publicExponent % 2n === 0n) {
    throw unfit('an RSA exponent is odd, at least 65,537 and below 2^32')
  }
  const modulus = BigInt(`0x${exported(key, 'n').toString('hex')}`)
  if (modulus % 2n === 0n || hasRocaFingerprint(modulus)) throw unfit('the RSA modulus is factorable')
}

const rocaPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
]

/**
 * CVE-2017-15361: the broken library made primes k * M + (65537^a mod M), with M a product of small primes, so its moduli are
 * powers of 65537 modulo every one of them. Another modulus passes all these tests with a chance below 2^-27.
 */
function hasRocaFingerprint(modulus: bigint): boolean {
  return rocaPrimes.every((prime) => powersOf65537(prime).has(Number(modulus % BigInt(prime))))
}

function powersOf65537(prime: number): Set<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power)
  return powers
}

const fieldPrime = (1n << 255n) - 19n
// The y of every point whose order divides 8: under such a key, signatures can be made that fit any message.
const lowOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
])

function checkEd25519(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'ed25519') throw unfit('EdDSA needs an Ed25519 key')
  const littleEndian = exported(key, 'x')
  const y = BigInt(`0x${littleEndian.reverse().toString('hex')}`) & ((1n << 255n) - 1n)
  if (y >= fieldPrime || lowOrder.has(y)) throw unfit('the Ed25519 key is a point of small order or not canonical')
}

function exported(key: KeyObject, member: 'n' | 'x'): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return Buffer.from(publicKey.export({ format: 'jwk' })[member] ?? '', 'base64url')
}
