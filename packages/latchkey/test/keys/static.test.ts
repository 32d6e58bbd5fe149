/** Promises of the keyring of one configured key. */
import { expect, test } from 'vitest'
import { generateKey, importKey, publicJwk } from '../../src/jwt/key.js'
import { staticKeyring } from '../../src/keys/static.js'
import { codeOf, SECRET } from './fixtures.js'

test('a secret signs, verifies tokens with and without its name, and is never published', async () => {
  const key = importKey({ secret: SECRET }, 'HS256', { kid: 'mine' })
  const ring = staticKeyring(key)
  expect(ring.signer()).toBe(key)
  expect(ring.find(undefined, 'HS256')).toBe(key)
  expect(ring.find('mine', 'HS256')).toBe(key)
  expect(ring.find('other', 'HS256')).toBeUndefined()
  expect(ring.find('mine', 'HS512')).toBeUndefined()
  expect(await ring.jwks()).toEqual({ keys: [] })
  expect(await ring.list()).toEqual([{ kid: 'mine', alg: 'HS256', state: 'active' }])
})

test('a key without a name verifies whatever name a token gives', () => {
  const key = importKey({ secret: SECRET }, 'HS256')
  expect(staticKeyring(key).find('any', 'HS256')).toBe(key)
})

test('a key pair publishes its public half', async () => {
  const key = generateKey('ES256')
  const { keys } = await staticKeyring(key).jwks()
  expect(keys).toEqual([publicJwk(key)])
  expect(keys[0]).not.toHaveProperty('d')
})

test('a key that can only verify does not start', async () => {
  const key = importKey({ jwk: publicJwk(generateKey('ES256')) }, 'ES256')
  expect(await codeOf(() => staticKeyring(key))).toBe('options_invalid')
})

test('a configured key is not rotated, and its set never changes', async () => {
  const ring = staticKeyring(generateKey('EdDSA'))
  await ring.open()
  ring.noticed(7)
  expect(await codeOf(() => ring.rotate({ emergency: true }))).toBe('options_invalid')
  expect(ring.generation).toBe(1)
  expect(ring.usableUntil).toBe(Number.POSITIVE_INFINITY)
})
