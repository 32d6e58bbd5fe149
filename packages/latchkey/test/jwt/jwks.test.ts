/** Key sets of others: good keys used, bad ones named, dangerous sets refused (cases 17-20, 121-122). */
import { expect, test } from 'vitest'
import { importJwkSet } from '../../src/jwt/jwks.js'
import { generateKey, privateJwk, publicJwk } from '../../src/jwt/key.js'
import { keyPolicy, refusal } from './support.js'

const es = generateKey('ES256')
const rs = generateKey('RS256')
const hs = generateKey('HS256')
const options = { algorithms: ['ES256', 'RS256', 'PS256'] } as const
const jwk = (changes: Record<string, unknown> = {}) => ({ ...publicJwk(es), ...changes })

test('good keys are used, bad ones named by their position', () => {
  const set = {
    keys: [null, jwk(), {}, publicJwk(rs), jwk({ kid: 'enc', use: 'enc' }), jwk({ kid: 'x', x: 'AA' }), 'x', []],
  }
  const { keys, refused } = importJwkSet(set, options)
  expect(keys.map(({ alg }) => alg)).toEqual(['ES256', 'RS256'])
  expect(refused.map(({ index }) => index)).toEqual([0, 2, 4, 5, 6, 7])
})

test.each([null, undefined, [], 'x', 7, {}, { keys: {} }, { keys: null }])('%j is no key set', (set) => {
  expect(refusal(() => importJwkSet(set, options))).toEqual(keyPolicy)
})

test('an empty set is a set without keys', () => {
  expect(importJwkSet({ keys: [] }, options)).toEqual({ keys: [], refused: [] })
})

test('64 keys are the most', () => {
  const keys = (count: number) => ({ keys: Array.from({ length: count }, (_, at) => jwk({ kid: `k${at}` })) })
  expect(importJwkSet(keys(64), options).keys).toHaveLength(64)
  expect(refusal(() => importJwkSet(keys(65), options))).toEqual(keyPolicy)
})

test('two keys with one kid are both refused (case 122)', () => {
  const { keys, refused } = importJwkSet({ keys: [jwk(), publicJwk(rs), { ...publicJwk(rs), kid: es.kid }] }, options)
  expect(keys.map(({ alg }) => alg)).toEqual(['RS256'])
  expect(refused).toHaveLength(2)
})

test('several keys without a kid are not duplicates', () => {
  expect(
    importJwkSet({ keys: [jwk({ kid: undefined }), { ...publicJwk(rs), kid: undefined }] }, options).keys,
  ).toHaveLength(2)
})

test('a private key in a set makes it unusable (case 20)', () => {
  expect(refusal(() => importJwkSet({ keys: [publicJwk(rs), privateJwk(es)] }, options))).toEqual(keyPolicy)
})

test('secrets beside key pairs make a set unusable, and secrets alone are for our own configuration (case 19)', () => {
  const secret = privateJwk(hs)
  const own = { algorithms: ['HS256', 'ES256'], secrets: true } as const
  expect(refusal(() => importJwkSet({ keys: [secret] }, options))).toEqual(keyPolicy)
  expect(refusal(() => importJwkSet({ keys: [secret, publicJwk(es)] }, own))).toEqual(keyPolicy)
  expect(importJwkSet({ keys: [secret] }, own).keys.map(({ kid }) => kid)).toEqual([hs.kid])
})

test('a key without alg gets the one configured algorithm that fits it, and none where several do (case 17)', () => {
  const algOf = (key: object, algorithms: (typeof options.algorithms)[number][]) =>
    importJwkSet({ keys: [key] }, { algorithms }).keys[0]?.alg
  const bare = { ...publicJwk(rs), alg: undefined }
  expect(algOf(bare, ['ES256', 'RS256'])).toBe('RS256')
  expect(algOf(bare, ['PS256', 'PS256'])).toBe('PS256')
  expect(algOf(bare, ['RS256', 'PS256'])).toBeUndefined()
  expect(algOf(bare, ['ES256'])).toBeUndefined()
  expect(algOf(jwk({ alg: undefined }), ['RS256', 'PS256', 'ES256'])).toBe('ES256')
})

test('one key under two algorithms is refused under both names (case 16)', () => {
  const set = { keys: [{ ...publicJwk(rs), kid: 'a' }, { ...publicJwk(rs), kid: 'b', alg: 'PS256' }, jwk()] }
  const { keys, refused } = importJwkSet(set, options)
  expect(keys.map(({ alg }) => alg)).toEqual(['ES256'])
  expect(refused.map(({ index }) => index)).toEqual([0, 1])
})

test('a key with an alg that is not configured is left out', () => {
  expect(importJwkSet({ keys: [publicJwk(rs)] }, { algorithms: ['PS256'] }).keys).toEqual([])
  expect(importJwkSet({ keys: [jwk({ alg: 'none' })] }, options).keys).toEqual([])
})

test('a set that breaks while it is read is refused by an AuthError', () => {
  const trap = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no')
      },
    },
  )
  expect(importJwkSet({ keys: [trap] }, options).refused).toHaveLength(1)
})
