/** Cookies that are many, and text that would break out of an attribute. */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/index.js'
import { renewCookies, writeCookie } from '../../src/util/cookie.js'
import { MODES, withBrowser } from './kit.js'
import { byHand, listening } from './servers.js'

const PLAIN = { name: 'a', value: 'b', path: '/', secure: true, readable: false, sameSite: 'Lax' } as const
const JUNK = Array.from({ length: 60 }, (_, n) => `junk${n}=${'x'.repeat(200)}`).join('; ')

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  test.each(Object.entries(byHand))(
    'sixty cookies of others and 12 KB do not matter in %s; more are refused, and the next is served (case 175)',
    async (_name, make) => {
      const { login, auth, user, cookie, csrf } = await withBrowser({ transports: [transport()] })
      await login()
      const { ask, close } = await listening(await make({ auth, user }))
      for (const all of [`${JUNK}; ${cookie('/auth')}`, `${cookie('/auth')}; ${JUNK}`]) {
        expect(all.length).toBeGreaterThan(12_000)
        expect((await ask('GET', '/auth/me', { headers: { cookie: all } })).body.username).toBe('alice')
        expect((await ask('POST', '/auth/refresh', { headers: { cookie: all, ...csrf() } })).status).toBe(200)
      }
      const bomb = { connection: 'close', cookie: `${JUNK}; ${JUNK}; ${cookie('/')}` }
      // Whoever is refused while still writing may see the connection end before the answer.
      expect([431, 'ended']).toContain(
        await ask('GET', '/auth/me', { headers: bomb }).then(
          ({ status }) => status,
          () => 'ended',
        ),
      )
      expect((await ask('GET', '/auth/me', { headers: { connection: 'close', cookie: cookie('/') } })).status).toBe(200)
      await close()
      await auth.close()
    },
  )
})

test.each([
  ['a name', { name: 'a;b' }],
  ['a name', { name: 'a\r\nSet-Cookie: b' }],
  ['a name', { name: 'a=b' }],
  ['a name', { name: '' }],
  ['a name', { name: '\u2000a' }],
  ['a value', { value: 'b; Domain=evil.example' }],
  ['a value', { value: 'b\r\nLocation: https://evil.example' }],
  ['a value', { value: 'b c' }],
  ['a value', { value: 'b,c' }],
  ['a value', { value: 'b"c' }],
  ['a value', { value: 'b\u0000' }],
  ['a value', { value: 'bé' }],
  ['a path', { path: '/;Secure' }],
  ['a path', { path: '/\n' }],
  ['a path', { path: 'auth' }],
  ['a domain', { domain: 'example.com; Path=/' }],
  ['a domain', { domain: 'example.com\n' }],
  ['a domain', { domain: '' }],
])('%s that would end its attribute is not written: %j (case 176)', (_what, change) => {
  expect(() => writeCookie({ ...PLAIN, ...change })).toThrow(AuthError)
})

test('4,096 bytes of name and value are written, and not one more, nor a piece of it (case 174)', () => {
  expect(writeCookie({ ...PLAIN, value: 'b'.repeat(4_095) })).toContain('b'.repeat(4_095))
  expect(() => writeCookie({ ...PLAIN, value: 'b'.repeat(4_096) })).toThrow(AuthError)
})

test('a cookie takes the place of the one of its name, domain and path, and of no other', () => {
  const held = ['a=1; Path=/', 'a=2; Path=/x', 'a=3; Domain=example.com; Path=/', 'A=4; Path=/', 'b=5', 'aa=6; Path=/']
  expect(renewCookies(held, ['a=7; Path=/; Secure', 'c=8'])).toEqual([...held.slice(1), 'a=7; Path=/; Secure', 'c=8'])
  expect(renewCookies([], [])).toEqual([])
})
