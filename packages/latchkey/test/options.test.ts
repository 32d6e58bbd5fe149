/** Options that do not allow a safe start. */
import { describe, expect, test } from 'vitest'
import { createAuth } from '../src/index.js'
import { ISSUER, SECRET } from './auth-kit.js'

const usual = { issuer: ISSUER, database: 'memory', secret: SECRET }

/** The hint of the refusal, or 'starts'. */
function start(options: object): string {
  try {
    createAuth({ ...usual, ...options } as never)
    return 'starts'
  } catch (error) {
    const { code, hint } = error as { code: string; hint: string }
    return `${code}: ${hint}`
  }
}

describe('what does not allow a safe start is refused by the path of the option (case 232, goal G25)', () => {
  test.each([
    ['an unknown option', { isuer: 'x' }, 'isuer'],
    ['no issuer', { issuer: undefined }, 'issuer'],
    ['an empty issuer', { issuer: '' }, 'issuer'],
    ['an issuer that is no URL', { issuer: 'api.example.com' }, 'issuer'],
    ['an issuer with a query', { issuer: 'https://api.example.com/?x' }, 'issuer'],
    ['an http issuer in production (case 120)', { issuer: 'http://api.example.com', development: false }, 'issuer'],
    ['an empty audience (case 83)', { audience: '' }, 'audience'],
    ['no secret', { secret: undefined }, 'secret'],
    ['an empty list of secrets', { secret: [] }, 'secret'],
    ['a short secret', { secret: 'short' }, 'secret'],
    [
      'a published secret (case 11)',
      { secret: '16f8c0ef4a5d391b26034086c628469d3f9f497f08163ab9b40137092f2909ef' },
      'secret',
    ],
    ['one character 40 times (case 12)', { secret: 'a'.repeat(40) }, 'secret'],
    ['one word again and again (case 12)', { secret: 'secret'.repeat(8) }, 'secret'],
    ['a database nobody knows', { database: 'mongodb://x' }, 'database'],
    ['an algorithm that is none (case 1)', { algorithm: 'none' }, 'algorithm'],
    ['a short HS key (case 10)', { algorithm: 'HS256', key: 'short' }, 'key'],
    [
      'a public key as an HS secret (case 8)',
      { algorithm: 'HS256', key: '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----' },
      'key',
    ],
    ['an access lifetime above an hour', { accessLifetime: '2h' }, 'accessLifetime'],
    ['a lifetime that is none', { accessLifetime: 'soon' }, 'accessLifetime'],
    ['a negative lifetime', { accessLifetime: -1 }, 'accessLifetime'],
    ['a grace period above a minute (case 163)', { grace: '61s' }, 'grace'],
    ['a refresh mode that is none', { refresh: 'sliding' }, 'refresh'],
    ['no session at all', { sessionLimit: 0 }, 'sessionLimit'],
    ['a brief session longer than any other', { refreshLifetime: '1h', briefLifetime: '2h' }, 'briefLifetime'],
    ['no bound at all', { revocation: { bound: 0 } }, 'revocation.bound'],
    ['a poll as slow as the bound', { revocation: { bound: '5s', poll: '5s' } }, 'revocation.poll'],
    ['a policy that is none', { revocation: { whenStale: 'ignore' } }, 'revocation.whenStale'],
    ['an unknown option of revocation', { revocation: { maxLag: 5 } }, 'revocation.maxLag'],
    ['revocation as text', { revocation: '5s' }, 'revocation'],
    ['a base path with a query', { basePath: '/auth?x' }, 'basePath'],
    ['text where a flag belongs', { register: 'yes' }, 'register'],
    ['half a proxy', { trustProxy: ['10.0.0.0/99'] }, 'trustProxy[0]'],
  ])('%s', (_name, options, path) => {
    const outcome = start(options)
    expect(outcome).toMatch(/^options_invalid: /)
    expect(outcome).toContain(path)
  })

  test('the refusal never repeats a secret', () => {
    for (const secret of ['hunter2', 'a'.repeat(40)]) expect(start({ secret })).not.toContain(secret)
  })

  test('what is allowed starts', () => {
    expect(start({})).toBe('starts')
    expect(start({ issuer: 'http://localhost:3000', development: true })).toBe('starts')
    expect(start({ secret: [SECRET, `${SECRET}-older`] })).toBe('starts')
    expect(start({ trustProxy: ['10.0.0.0/8', '::1'] })).toBe('starts')
  })

  test('options are read once: changing them afterwards changes nothing (case 21)', async () => {
    const audience = ['a']
    const auth = createAuth({ ...usual, audience })
    audience.push('b')
    const user = await auth.users.create({ username: 'alice' })
    const { access } = await auth.tokens.issue(user)
    expect((await auth.tokens.verify(access)).claims.aud).toBe('a')
  })
})
