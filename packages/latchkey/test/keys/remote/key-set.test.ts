/** What the header of a token finds in a set: the key of that name and algorithm, or the only one there can be (cases 16, 35). */
import { expect, test } from 'vitest'
import { generateKey, thumbprint } from '../../../src/jwt/key.js'
import { createKeySet } from '../../../src/keys/remote/key-set.js'
import { named } from './kit.js'

const a = named('a')
const b = named('b')
const ed = { ...generateKey('EdDSA'), kid: 'ed' }
const unnamed = { ...generateKey('ES256'), kid: undefined }
const another = { ...generateKey('ES256'), kid: undefined }

test('a name finds its key, and only for the algorithm of that key', () => {
  const set = createKeySet([a, ed])
  expect(set.find('a', 'ES256')).toBe(a)
  expect(set.find('ed', 'EdDSA')).toBe(ed)
  expect(set.find('a', 'EdDSA')).toBeUndefined()
  expect(set.find('a', 'HS256')).toBeUndefined()
  expect(set.find('b', 'ES256')).toBeUndefined()
})

test('without a name the only key of the algorithm is meant, and where there are two, none', () => {
  expect(createKeySet([a, ed]).find(undefined, 'ES256')).toBe(a)
  expect(createKeySet([a, b]).find(undefined, 'ES256')).toBeUndefined()
  expect(createKeySet([a, b, named('c')]).find(undefined, 'ES256')).toBeUndefined()
  expect(createKeySet([]).find(undefined, 'ES256')).toBeUndefined()
})

test('a key without a name is found by its thumbprint', () => {
  const set = createKeySet([unnamed, another])
  expect(set.find(thumbprint(unnamed), 'ES256')).toBe(unnamed)
  expect(set.find(thumbprint(another), 'ES256')).toBe(another)
  expect(set.find('x', 'ES256')).toBeUndefined()
})

test('only where keys are configured a single one without a name takes a token of any name', () => {
  expect(createKeySet([unnamed]).find('x', 'ES256')).toBeUndefined()
  expect(createKeySet([unnamed], { anyName: true }).find('x', 'ES256')).toBe(unnamed)
  expect(createKeySet([unnamed, another], { anyName: true }).find('x', 'ES256')).toBeUndefined()
  expect(createKeySet([a], { anyName: true }).find('x', 'ES256')).toBeUndefined()
  expect(createKeySet([a], { anyName: true }).find('x', 'RS256')).toBeUndefined()
})

test('sets with the same keys under the same names are the same set', () => {
  const { identity } = createKeySet([a, b])
  expect(createKeySet([b, a]).identity).toBe(identity)
  expect(createKeySet([a]).identity).not.toBe(identity)
  expect(createKeySet([a, { ...b, kid: 'c' }]).identity).not.toBe(identity)
  expect(createKeySet([a, named('b')]).identity).not.toBe(identity)
  expect(createKeySet([a, { ...b, kid: undefined }]).identity).not.toBe(identity)
})
