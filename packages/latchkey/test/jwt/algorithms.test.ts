/** The table of algorithms answers for exact names only (cases 1-4). */
import { expect, test } from 'vitest'
import { algorithm, algorithms } from '../../src/jwt/algorithms.js'

test('there are thirteen, and none is not one of them', () => {
  expect(algorithms).toHaveLength(13)
  for (const name of algorithms) expect(algorithm(name)?.name).toBe(name)
})

const others = [
  'none',
  'None',
  'hs256',
  'HS256 ',
  'HS256\u0000',
  'ES256K',
  'RSA-OAEP',
  'dir',
  '',
  '__proto__',
  'constructor',
  'toString',
]

test.each([...others, undefined, null, 0, ['HS256'], { toString: () => 'HS256' }, new String('HS256')])(
  '%j is no algorithm',
  (name) => {
    expect(algorithm(name)).toBeUndefined()
  },
)

test('a row cannot be changed', () => {
  expect(Object.isFrozen(algorithms)).toBe(true)
  for (const name of algorithms) expect(Object.isFrozen(algorithm(name))).toBe(true)
})
