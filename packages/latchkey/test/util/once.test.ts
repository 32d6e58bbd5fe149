/** Single flight: one run per key at a time, nothing kept afterwards. */
import { expect, test } from 'vitest'
import { once } from '../../src/util/once.js'

test('calls that meet share one run, and its result', async () => {
  const flights = once<string, number>()
  let runs = 0
  const run = async () => ++runs
  expect(await Promise.all(Array.from({ length: 1_000 }, () => flights('a', run)))).toEqual(Array(1_000).fill(1))
})

test('another key is another run', async () => {
  const flights = once<string, string>()
  expect(await Promise.all([flights('a', async () => 'a'), flights('b', async () => 'b')])).toEqual(['a', 'b'])
})

test('a later call runs again', async () => {
  const flights = once<string, number>()
  let runs = 0
  await flights('a', async () => ++runs)
  expect(await flights('a', async () => ++runs)).toBe(2)
})

test('a failure reaches everybody who waits, and is not kept', async () => {
  const flights = once<string, number>()
  const failing = [1, 2].map(() => flights('a', () => Promise.reject(new Error('down'))))
  for (const flight of failing) await expect(flight).rejects.toThrow('down')
  expect(await flights('a', async () => 1)).toBe(1)
})

test('a run that throws before it waits is a rejection like any other', async () => {
  const flights = once<string, number>()
  const throwing = flights('a', () => {
    throw new Error('at once')
  })
  await expect(throwing).rejects.toThrow('at once')
  expect(await flights('a', async () => 1)).toBe(1)
})
