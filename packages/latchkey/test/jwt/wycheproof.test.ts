/** Wycheproof: the JWS layer, key sets, the combined file, and the primitives under the algorithms (cases 61-73). */
import { createPublicKey, createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Algorithm, algorithm } from '../../src/jwt/algorithms.js'
import { isMac, macText } from '../../src/jwt/hmac.js'
import { importJwkSet } from '../../src/jwt/jwks.js'
import { parseJws, verifyBytes } from '../../src/jwt/jws.js'
import type { Key } from '../../src/jwt/key.js'
import { isSignature } from '../../src/jwt/signature.js'
import { count } from '../count.js'
import { refusal, vector, vectorKey, vectorNames } from './support.js'

interface Case {
  readonly tcId: number
  readonly comment: string
  readonly jws?: string
  readonly jwe?: string
  readonly result: string
}
interface Group {
  readonly public?: Record<string, unknown>
  readonly private?: Record<string, unknown>
  readonly tests: readonly Case[]
}
interface Override {
  readonly tcId: number
  readonly published: string
  readonly ours: string
}

const all: readonly Algorithm[] = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]
const overrides: readonly Override[] = vector('wycheproof/OVERRIDES.json').overrides

/** Imports the key or key set of a group and verifies the token: 'valid', or 'invalid' when either refuses. */
function verdict(jwk: Record<string, unknown>, token: string): string {
  const refused = refusal(() => {
    const jws = parseJws(token)
    verifyBytes(
      jws,
      'keys' in jwk ? fromSet(jwk, jws.header.kid) : vectorKey(jwk, (jwk.alg ?? jws.header.alg) as Algorithm),
    )
  })
  return refused === undefined ? 'valid' : 'invalid'
}

function fromSet(set: Record<string, unknown>, kid: string | undefined): Key {
  const secrets = (set.keys as { kty: string }[]).some((jwk) => jwk.kty === 'oct')
  const { keys } = importJwkSet(set, { algorithms: all, secrets })
  const key = keys.find((candidate) => kid === undefined || candidate.kid === kid)
  return key ?? vectorKey({}, 'HS256')
}

function run(file: string, expected: number, choose: (test: Case) => Case): void {
  const groups: readonly Group[] = vector(`wycheproof/${file}`).testGroups
  const cases = groups.flatMap((group) =>
    group.tests.map((entry) => ({ jwk: group.public ?? group.private ?? {}, entry: choose(entry) })),
  )

  test.each(cases.map(({ jwk, entry }) => ({ jwk, entry, name: `${entry.tcId} ${entry.comment}` })))(
    '$name',
    ({ jwk, entry }) => {
      expect(verdict(jwk, entry.jws ?? entry.jwe ?? '')).toBe(entry.result)
    },
  )
  test('no test of the file was left out', () => {
    expect(cases).toHaveLength(expected)
    count(`Wycheproof ${file}`, cases.length)
  })
}

describe('JWS (case 73)', () => {
  run('json_web_signature_test.json', 401, (entry) => {
    const override = overrides.find(({ tcId }) => tcId === entry.tcId)
    return override === undefined ? entry : { ...entry, result: override.ours }
  })

  test('every override still contradicts the published verdict it names', () => {
    const groups: readonly Group[] = vector('wycheproof/json_web_signature_test.json').testGroups
    const published = new Map(groups.flatMap(({ tests }) => tests.map(({ tcId, result }) => [tcId, result])))
    expect(overrides).toHaveLength(8)
    count('Wycheproof overrides', overrides.length)
    for (const { tcId, published: before, ours } of overrides) {
      expect([tcId, published.get(tcId)]).toEqual([tcId, before])
      expect(ours).not.toBe(before)
    }
  })
})

describe('JWK sets (cases 13-20, 122)', () => {
  run('json_web_key_test.json', 26, (entry) => entry)
})

describe('combined (case 41: a JWE is refused, valid or not)', () => {
  run('json_web_crypto_test.json', 83, (entry) => (entry.jwe === undefined ? entry : { ...entry, result: 'invalid' }))
})

describe('primitives (case 72)', () => {
  const names = vectorNames('wycheproof/primitives')
  const total = { run: 0 }

  test.each(names)('%s', (name) => {
    for (const group of vector(`wycheproof/primitives/${name}`).testGroups) {
      for (const entry of group.tests) {
        const genuine = verifyPrimitive(name, group, entry)
        // 'acceptable' is a signature that a lenient verifier may take (one, an old PKCS #1 without NULL): we do not.
        expect([entry.tcId, entry.comment, genuine]).toEqual([entry.tcId, entry.comment, entry.result === 'valid'])
        total.run++
      }
    }
  })
  test('all 1,552 were run', () => {
    expect(total.run).toBe(1_552)
    count('Wycheproof primitives', total.run)
  })
})

const algorithmOf: Readonly<Record<string, Algorithm>> = {
  'ecdsa_secp256r1_sha256_p1363_test.json': 'ES256',
  'ecdsa_secp384r1_sha384_p1363_test.json': 'ES384',
  'ecdsa_secp521r1_sha512_p1363_test.json': 'ES512',
  'ed25519_test.json': 'EdDSA',
  'hmac_sha256_test.json': 'HS256',
  'rsa_pss_2048_sha256_mgf1_32_test.json': 'PS256',
  'rsa_signature_2048_sha256_test.json': 'RS256',
}

// biome-ignore lint/suspicious/noExplicitAny: vectors have the shape their publisher gave them
function verifyPrimitive(name: string, group: any, entry: any): boolean {
  const row = algorithm(algorithmOf[name])
  const message = Buffer.from(entry.msg, 'hex')
  if (row === undefined) throw new Error(`no algorithm for ${name}`)
  if (row.kty === 'oct') {
    const tag = Buffer.from(entry.tag, 'hex')
    const material = createSecretKey(Buffer.from(entry.key, 'hex'))
    const text = message.toString('latin1')
    if (group.tagSize === 256) return isMac(row, material, text, message.length, tag)
    // A truncated tag is right only as a part of the MAC; as a MAC it never is (case 68).
    expect(isMac(row, material, text, message.length, tag)).toBe(false)
    return Buffer.from(macText(row, material, text, message.length), 'base64url')
      .subarray(0, tag.length)
      .equals(tag)
  }
  const material = createPublicKey({ key: Buffer.from(group.publicKeyDer, 'hex'), format: 'der', type: 'spki' })
  return isSignature(row, { material, public: material }, message, Buffer.from(entry.sig, 'hex'))
}
