/** Durations as people write them, and the clock. */
import { expect, test } from 'vitest'
import { seconds, systemClock } from '../../src/util/time.js'
import { refusal } from '../jwt/support.js'

test.each([
  ['30s', 30],
  ['15m', 900],
  ['12h', 43_200],
  ['30d', 2_592_000],
  ['0s', 0],
  [0, 0],
  [300, 300],
])('%s is %d seconds', (duration, expected) => {
  expect(seconds(duration)).toBe(expected)
})

test.each([
  '',
  '15',
  'm',
  '15 m',
  ' 15m',
  '15m ',
  '-15m',
  '1.5h',
  '15M',
  '15w',
  '1e3s',
  '999999999999999d',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0.5,
])('%s is refused', (duration) => {
  expect(refusal(() => seconds(duration))).toEqual({ code: 'options_invalid', reason: undefined })
})

test.each([null, undefined, {}, [900], true])('%s is refused, whatever the types say', (duration) => {
  expect(refusal(() => seconds(duration as unknown as string))?.code).toBe('options_invalid')
})

test('the refusal names the option', () => {
  expect(() => seconds('soon', 'access.lifetime')).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^access\.lifetime: /) }),
  )
})

test('the system clock shows whole seconds', () => {
  const now = systemClock()
  expect(Number.isSafeInteger(now)).toBe(true)
  expect(Math.abs(Date.now() / 1000 - now)).toBeLessThan(2)
})
