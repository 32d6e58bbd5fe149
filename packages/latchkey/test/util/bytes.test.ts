/** Base64url that has one spelling, constant-time comparison that survives unequal lengths, keys per purpose (cases 24, 42-48, 71). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeBase64url,
  encodeBase64url,
  equalBytes,
  equalText,
  hkdf,
  hmacSha256,
  randomId,
  sha256,
} from '../../src/util/bytes.js'

test('what was encoded decodes to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(decodeBase64url(encodeBase64url(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('text that decodes at all is the only spelling of its bytes', () => {
  const text = fc.string({ unit: fc.constantFrom(...'AZaz09-_+/= Ł\n'), maxLength: 8 })
  fc.assert(
    fc.property(text, (spelling) => {
      const bytes = decodeBase64url(spelling)
      if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(spelling)
    }),
    { numRuns: 2_000 },
  )
})

test.each(['=', 'QQ==', 'QUI=', 'A', 'QUJDR', 'Q+', 'Q/', 'QR', 'QUJ', ' QQ', 'QQ\n', 'Q Q', 'QUŁD', '。'])(
  '%j is not canonical',
  (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  },
)

test.each([
  ['', ''],
  ['QQ', 'A'],
  ['QUI', 'AB'],
  ['w6k', 'é'],
])('%j is %j', (text, expected) => {
  expect(decodeBase64url(text)?.toString('utf8')).toBe(expected)
  expect(encodeBase64url(expected)).toBe(text)
})

test('a view is encoded, not the whole of its buffer', () => {
  expect(encodeBase64url(new Uint8Array([1, 65, 2]).subarray(1, 2))).toBe('QQ')
})

test('identifiers are random and as long as asked', () => {
  expect(new Set(Array.from({ length: 100 }, () => randomId())).size).toBe(100)
  expect(randomId()).toMatch(/^[\w-]{22}$/)
  expect(randomId(32)).toMatch(/^[\w-]{43}$/)
})

test('no random id is taken for an option of a command line', () => {
  for (let made = 0; made < 2_000; made += 1) expect(randomId()).not.toMatch(/^-/)
})

test('equality holds for equal content only, and lengths may differ (case 71)', () => {
  expect(equalBytes(Buffer.from('ab'), Buffer.from('ab'))).toBe(true)
  expect(equalBytes(Buffer.from('ab'), Buffer.from('ac'))).toBe(false)
  expect(equalBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false)
  expect(equalText('é', 'é')).toBe(true)
  expect(equalText('é', 'e')).toBe(false)
  expect(equalText('', 'a')).toBe(false)
})

test('digests are the published ones', () => {
  expect(sha256('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hmacSha256(Buffer.from('Jefe'), 'what do ya want for nothing?').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('a derived key is for one label only (case 24)', () => {
  const secret = Buffer.alloc(32, 7)
  expect(hkdf(secret, 'csrf')).toEqual(hkdf(secret, 'csrf'))
  expect(hkdf(secret, 'csrf')).not.toEqual(hkdf(secret, 'refresh'))
  expect(hkdf(secret, 'csrf', 64)).toHaveLength(64)
})
