/** The two-generation cache: bounded, and kind to what is used (case 135). */
import { expect, test } from 'vitest'
import { createCache } from '../../src/util/cache.js'

test('it answers what was put in, until that is deleted or cleared', () => {
  const cache = createCache<string, number>(10)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.set('a', 3)
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([3, 2, undefined, 2])
  cache.delete('a')
  expect([cache.get('a'), cache.size]).toEqual([undefined, 1])
  cache.clear()
  expect([cache.get('b'), cache.size]).toEqual([undefined, 0])
})

test.each([2, 3, 10, 101])('it never holds more than %d', (capacity) => {
  const cache = createCache<number, number>(capacity)
  for (let at = 0; at < 1_000; at++) {
    cache.set(at, at)
    cache.get(at - 1)
    expect(cache.size).toBeLessThanOrEqual(capacity)
  }
})

test('an entry in use survives a flood of others', () => {
  const cache = createCache<number, string>(10)
  cache.set(-1, 'hot')
  for (let at = 0; at < 1_000; at++) {
    cache.set(at, 'cold')
    expect(cache.get(-1)).toBe('hot')
  }
  expect(cache.get(0)).toBeUndefined()
})

test('an aged entry that is set again has its new value, and can be deleted', () => {
  const cache = createCache<string, number>(4)
  for (const key of ['a', 'b', 'c']) cache.set(key, 1)
  cache.set('a', 2)
  expect([cache.get('a'), cache.size]).toEqual([2, 3])
  cache.delete('b')
  expect(cache.get('b')).toBeUndefined()
})
