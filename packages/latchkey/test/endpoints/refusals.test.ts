/** Refusals that are written once: nobody's own words, hint or waiting time turns up in the answer to somebody else. */
import { expect, test } from 'vitest'
import { AuthError, createAuth } from '../../src/index.js'

const make = (development = false) =>
  createAuth({
    issuer: 'https://api.example.com',
    database: 'memory',
    secret: 'a-secret-of-the-tests-0123456789-abcdefghijkl',
    development,
  })

const told = (auth: ReturnType<typeof make>, error: AuthError) => {
  const { status, headers, body } = auth.reject(error)
  return { status, headers, problem: JSON.parse(body) as object }
}

test('the same refusal is the same answer, and every code has its own', () => {
  const auth = make()
  const invalid = told(auth, new AuthError('token_invalid', { reason: 'kid', hint: 'no such key' }))
  expect(invalid).toStrictEqual(told(auth, new AuthError('token_invalid', { reason: 'signature' })))
  expect(invalid.problem).toStrictEqual({
    type: 'urn:latchkey:error:token_invalid',
    title: 'The token is not valid.',
    status: 401,
    code: 'token_invalid',
  })
  expect(invalid.headers['www-authenticate']).toContain('error="invalid_token"')
  expect(told(auth, new AuthError('token_expired')).problem).toMatchObject({ code: 'token_expired' })
})

test('what one refusal says of its own is not in the next one', () => {
  const auth = make()
  const problems = [{ path: 'sub', rule: 'required', message: 'Missing.' }] as const
  const details = [{ problems }, { missing: ['reports'] }, { retryAfter: 7 }, { layer: 'origin' as const }]
  for (const code of ['claims_invalid', 'scope_missing', 'login_throttled', 'csrf_failed'] as const) {
    const before = told(auth, new AuthError(code))
    for (const one of details) expect(told(auth, new AuthError(code, one))).not.toStrictEqual(before)
    expect(told(auth, new AuthError(code))).toStrictEqual(before)
  }
})

test('an application may put a refusal into words of its own, for that one request', () => {
  const auth = make()
  const translated = Object.assign(new AuthError('token_invalid'), { message: 'Das Token ist ungueltig.' })
  expect(told(auth, translated).problem).toMatchObject({ title: 'Das Token ist ungueltig.' })
  expect(told(auth, new AuthError('token_invalid')).problem).toMatchObject({ title: 'The token is not valid.' })
})

test('a hint is told in development only, and to nobody else', () => {
  const auth = make(true)
  const hinted = told(auth, new AuthError('token_invalid', { hint: 'no such key' }))
  expect(hinted.problem).toMatchObject({ code: 'token_invalid', hint: 'no such key' })
  const odd = 'a "quote"}\n'
  expect(told(auth, new AuthError('csrf_failed', { layer: 'token', hint: odd })).problem).toMatchObject({ hint: odd })
  expect(told(auth, new AuthError('token_invalid', { hint: 'another' })).problem).toMatchObject({ hint: 'another' })
  expect(told(auth, new AuthError('token_invalid')).problem).not.toHaveProperty('hint')
})

test('nobody can change the answer to somebody else', () => {
  const auth = make()
  const first = auth.reject(new AuthError('token_invalid'))
  expect(() => Object.assign(first.headers, { 'x-mine': 'yes' })).toThrow(TypeError)
  expect(() => Object.assign(first, { status: 200 })).toThrow(TypeError)
})
