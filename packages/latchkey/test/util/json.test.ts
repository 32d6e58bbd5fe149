/** Strict JSON against JSONTestSuite and against its own promises (cases 51-59). */
import { describe, expect, test } from 'vitest'
import { decodeUtf8, isJsonError, parseJson } from '../../src/util/json.js'
import { count } from '../count.js'
import { vectorBytes, vectorNames } from '../jwt/support.js'

/** The value, or the reason for which the text was refused. */
function outcome(text: string | undefined, limits?: Parameters<typeof parseJson>[1]): { value: unknown } | string {
  if (text === undefined) return 'utf8'
  try {
    return { value: parseJson(text, limits) }
  } catch (error) {
    if (!isJsonError(error)) throw error
    return error.reason
  }
}

describe('JSONTestSuite', () => {
  const names = vectorNames('json-test-suite/test_parsing')
  // The only texts it calls good that are not: their members are written twice.
  const twice = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json']

  test.each(names)('%s', (name) => {
    const result = outcome(decodeUtf8(vectorBytes(`json-test-suite/test_parsing/${name}`)))
    if (twice.includes(name)) expect(result).toBe('dup_member')
    else if (name.startsWith('y_')) expect(result).toBeTypeOf('object')
    else if (name.startsWith('n_')) expect(result).toBeTypeOf('string')
  })
  test('all 318 were run', () => {
    expect(names).toHaveLength(318)
    count('JSONTestSuite', names.length)
  })
  test.each(['object_same_key_different_values', 'object_same_key_same_value', 'object_same_key_unclear_values'])(
    '%s is refused',
    (name) => {
      expect(outcome(decodeUtf8(vectorBytes(`json-test-suite/test_transform/${name}.json`)))).toBe('dup_member')
    },
  )
})

describe('duplicate members (case 54)', () => {
  test.each([
    '{"sub":1,"sub":2}',
    '{"sub":1,"\\u0073ub":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"b":1,"b":1}]}',
    '{"sub":1,"sub" :2}',
    '{"sub":1,"sub"\n\t:2}',
    '{"a":":","a" :2}',
    '{"\\"":1,"\\"":2}',
    '{"a\\\\":1,"a\\\\":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"1":1,"1":2}',
  ])('%s is refused', (text) => {
    expect(outcome(text)).toBe('dup_member')
  })

  test.each([
    '{"iss":"https://a.example","aud":["b:c","d: e"]}',
    '{"a":"\\":","b":" :"}',
    '{"a" : ":", "b"\n:\t": :"}',
    '{"a\\\\":"b\\\\","c":"\\\\\\":"}',
    '{"a":{"b":1},"b":{"a":1}}',
    '["a:","b"]',
    '":"',
  ])('%s is not taken for one', (text) => {
    expect(outcome(text)).toEqual({ value: JSON.parse(text) })
  })
})

describe('limits (cases 57-59)', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const wide = (members: number) => `{${Array.from({ length: members }, (_, at) => `"m${at}":${at}`).join()}}`

  test.each([
    ['depth 8', nested(8), 'object'],
    ['depth 9', nested(9), 'too_large'],
    ['depth 9 of arrays', '['.repeat(9) + ']'.repeat(9), 'too_large'],
    ['depth 3,000', nested(3_000), 'too_large'],
    ['depth 1,000,000', '['.repeat(1_000_000) + ']'.repeat(1_000_000), 'too_large'],
    ['256 members', wide(256), 'object'],
    ['257 members', wide(257), 'too_large'],
    ['257 members in two objects', `[${wide(128)},${wide(129)}]`, 'too_large'],
    ['20,000 members', wide(20_000), 'too_large'],
    ['1e400', '{"exp":1e400}', 'json'],
    ['-1e400 in an array', '[-1e400]', 'json'],
    ['-0', '[-0]', 'object'],
    ['2^53 + 1', '[9007199254740993]', 'object'],
  ])('%s', (_, text, expected) => {
    const result = outcome(text)
    expect(typeof result === 'string' ? result : 'object').toBe(expected)
  })

  test('limits can be set', () => {
    expect(outcome('{"a":{}}', { depth: 1, members: 8 })).toBe('too_large')
    expect(outcome('{"a":1,"b":2}', { depth: 1, members: 1 })).toBe('too_large')
  })
})

test('a member named __proto__ is inert data (case 56)', () => {
  const value = parseJson('{"__proto__":{"is_admin":true},"constructor":{"prototype":{"is_admin":true}}}') as object
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
  expect(({} as { is_admin?: boolean }).is_admin).toBeUndefined()
})

describe('UTF-8 (cases 51-52)', () => {
  test.each([
    ['a byte order mark', Buffer.from('\uFEFF{}')],
    ['an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['a lone continuation byte', Buffer.from([0x22, 0x80, 0x22])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['half a character', Buffer.from([0x22, 0xc3])],
    ['bytes above F4', Buffer.from([0xf5, 0x80, 0x80, 0x80])],
  ])('%s is refused', (_, bytes) => {
    expect(decodeUtf8(bytes)).toBeUndefined()
  })
  test('well-formed text is decoded, from a plain Uint8Array too', () => {
    expect(decodeUtf8(new TextEncoder().encode('é€😀'))).toBe('é€😀')
    expect(decodeUtf8(Buffer.alloc(0))).toBe('')
  })
})

test('a value is frozen all the way down, if asked', () => {
  const text = '{"a":[{"b":{}}],"c":null,"d":"x"}'
  const value = parseJson(text, { depth: 8, members: 8, freeze: true }) as { a: [{ b: object }] }
  expect([value, value.a, value.a[0], value.a[0].b].every((part) => Object.isFrozen(part))).toBe(true)
  expect(Object.isFrozen(parseJson(text))).toBe(false)
})
