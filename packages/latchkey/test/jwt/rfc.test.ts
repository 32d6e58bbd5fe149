/** The examples printed in RFC 7515, 7520, 7638, 7797 and 8037 (cases 27, 38, 41, 74). */
import { describe, expect, test } from 'vitest'
import type { Algorithm } from '../../src/jwt/algorithms.js'
import { parseJws, signJws, verifyBytes } from '../../src/jwt/jws.js'
import { importKey, thumbprint } from '../../src/jwt/key.js'
import { encodeBase64url } from '../../src/util/bytes.js'
import { count } from '../count.js'
import { invalid, refusal, signatureOf, vector, vectorKey, vectorNames } from './support.js'

interface RfcVector {
  readonly id: string
  readonly alg: Algorithm
  readonly jwk: Record<string, unknown>
  readonly privateJwk?: Record<string, unknown>
  readonly compact: string
  readonly result: string
  readonly thumbprint?: string
}

const rfc: readonly RfcVector[] = vector('rfc/rfc7515-rfc8037.json').vectors

describe('RFC 7515 appendix A and RFC 8037 appendix A', () => {
  test.each(rfc.filter(({ result }) => result === 'valid'))('$id is accepted', ({ jwk, alg, compact }) => {
    const payload = verifyBytes(parseJws(compact), vectorKey(jwk, alg))
    expect(encodeBase64url(payload)).toBe(compact.split('.')[1])
  })

  test('RFC 7515 A.5, the unsecured token, is refused by its algorithm', () => {
    const unsecured = rfc.find(({ alg }) => (alg as string) === 'none')
    expect(refusal(() => parseJws(unsecured?.compact))).toEqual(invalid('alg'))
  })

  test('RFC 8037 A.4 is reproduced to the byte, and A.3 gives its thumbprint', () => {
    const [vector8037] = rfc.filter(({ id }) => id === 'rfc8037-A.4')
    if (vector8037?.privateJwk === undefined) throw new Error('the vector is gone')
    const key = importKey({ jwk: vector8037.privateJwk }, 'EdDSA')
    const input = vector8037.compact.slice(0, vector8037.compact.lastIndexOf('.'))
    expect(`${input}.${signatureOf(input, key)}`).toBe(vector8037.compact)
    expect(thumbprint(key)).toBe(vector8037.thumbprint)
  })

  test('the vectors were all run', () => {
    expect(rfc).toHaveLength(6)
    count('RFC 7515 and 8037', rfc.length)
  })
})

describe('the JOSE cookbook (RFC 7520, 7797)', () => {
  const accepted = ['4_1', '4_2', '4_3', '4_4', 'curve25519/jws']
  const files = ['jws', 'rfc7797', 'curve25519', 'jwe'].flatMap((folder) =>
    vectorNames(`ietf-jose-cookbook/${folder}`)
      .filter((name) => name.endsWith('.json'))
      .map((name) => `${folder}/${name}`),
  )

  test.each(files.filter((name) => accepted.some((part) => name.includes(part))))(
    '%s: the compact form is accepted',
    (name) => {
      const { input, output } = vector(`ietf-jose-cookbook/${name}`)
      const key = vectorKey({ ...input.key, use: 'sig' }, input.alg)
      expect(verifyBytes(parseJws(output.compact), key).toString('utf8')).toBe(input.payload)
    },
  )

  test.each(files.filter((name) => !accepted.some((part) => name.includes(part))))(
    '%s: no form of it is accepted',
    (name) => {
      const { input, output } = vector(`ietf-jose-cookbook/${name}`)
      for (const form of Object.values(output)) {
        const token = typeof form === 'string' ? form : JSON.stringify(form)
        expect(refusal(() => verifyBytes(parseJws(token), vectorKey(input.key, input.alg)))?.code).toBe('token_invalid')
      }
    },
  )

  test.each(files)('%s: the JSON serializations are refused, also as objects (case 38)', (name) => {
    const { output } = vector(`ietf-jose-cookbook/${name}`)
    for (const form of [output.json, output.json_flat].filter((value) => value !== undefined)) {
      expect(refusal(() => parseJws(form))).toEqual(invalid('malformed'))
      expect(refusal(() => parseJws(JSON.stringify(form)))?.code).toBe('token_invalid')
    }
  })

  test('a nested token is refused by its five parts (case 41)', () => {
    const nested = vector('ietf-jose-cookbook/6.nesting_signatures_and_encryption.json')
    expect(refusal(() => parseJws(nested.encrypt.output.compact))).toEqual(invalid('structure'))
  })

  test('the files were all run', () => {
    expect(files).toHaveLength(25)
    count('JOSE cookbook', files.length + 1)
  })
})

test('RFC 7638 section 3.1: the thumbprint of the RSA example', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  const key = importKey({ jwk: { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' } }, 'RS256')
  expect(thumbprint(key)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
})

test('what this library signs is laid out as the RFCs print it', () => {
  const [a1] = rfc
  if (a1 === undefined) throw new Error('the vector is gone')
  const token = signJws({ typ: 'JWT' }, { iss: 'joe' }, vectorKey(a1.jwk, a1.alg))
  expect(token).toMatch(/^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJpc3MiOiJqb2UifQ\.[A-Za-z0-9_-]{43}$/)
})
