/** What an AuthError costs: strangers have it made as often as they like, so a refusal of their credentials is not traced. */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../src/errors.js'

const frames = (error: Error): number => (error.stack ?? '').split('\n    at ').length - 1

describe('The stack of an AuthError', () => {
  test.each(['token_invalid', 'credential_malformed', 'credential_missing', 'refresh_reused'] as const)(
    '%s has none: anybody can have it made a thousand times a second',
    (code) => expect(frames(new AuthError(code))).toBe(0),
  )

  test.each(['options_invalid', 'store_failed', 'conflict', 'request_invalid', 'permission_denied'] as const)(
    '%s has one: somebody has to find out where it came from',
    (code) => expect(frames(new AuthError(code))).toBeGreaterThan(0),
  )

  test('the cause of a refusal keeps its own', () => {
    const refusal = new AuthError('token_invalid', { cause: new Error('why') })
    expect(frames(refusal.cause as Error)).toBeGreaterThan(0)
  })

  test('every other error is traced as the application has it', () => {
    const before = Error.stackTraceLimit
    try {
      Error.stackTraceLimit = 2
      new AuthError('token_invalid')
      expect(Error.stackTraceLimit).toBe(2)
      expect(frames(new Error('of the application'))).toBe(2)
    } finally {
      Error.stackTraceLimit = before
    }
  })

  test('where nobody may set the limit, a refusal is made all the same', () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor
    try {
      Object.defineProperty(Error, 'stackTraceLimit', { ...before, writable: false })
      expect(new AuthError('token_invalid')).toMatchObject({ name: 'AuthError', code: 'token_invalid', status: 401 })
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', before)
    }
  })
})
