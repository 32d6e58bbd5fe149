/** Cookies to the letter, as Django and Python write them. */
import { expect, test } from 'vitest'
import { deleteDjangoCookie, setDjangoCookie } from '../../src/presets/django-cookie.js'

const PLAIN = { name: 'a', path: '/', httpOnly: false, secure: false } as const

test.each([
  [{ ...PLAIN, value: 'b.c-d_e' }, 'a=b.c-d_e; Path=/'],
  [{ ...PLAIN, value: 'b+c' }, 'a=b+c; Path=/'],
  [{ ...PLAIN, value: 'eyJ9==' }, 'a="eyJ9=="; Path=/'],
  [{ ...PLAIN, value: 'b/c' }, 'a="b/c"; Path=/'],
  [{ ...PLAIN, value: '' }, 'a=""; Path=/'],
  [
    {
      ...PLAIN,
      value: 'b',
      path: '/p',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      domain: 'x.org',
      maxAge: 60,
      now: 0,
    },
    'a=b; Domain=x.org; expires=Thu, 01 Jan 1970 00:01:00 GMT; HttpOnly; Max-Age=60; Path=/p; SameSite=Lax; Secure',
  ],
] as const)('%j is set as %s', (cookie, line) => {
  expect(setDjangoCookie(cookie)).toBe(line)
})

test('a cookie is deleted as the original does it, and with Secure where a browser would not listen without', () => {
  const gone = 'expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/'
  expect(deleteDjangoCookie({ name: 'a', path: '/' })).toBe(`a=""; ${gone}`)
  expect(deleteDjangoCookie({ name: 'a', path: '/', sameSite: 'Lax' })).toBe(`a=""; ${gone}; SameSite=Lax`)
  expect(deleteDjangoCookie({ name: 'a', path: '/', sameSite: 'None' })).toBe(`a=""; ${gone}; SameSite=None; Secure`)
  expect(deleteDjangoCookie({ name: '__Host-a', path: '/' })).toBe(`__Host-a=""; ${gone}; Secure`)
})

test('what browsers would not keep is not set', () => {
  const set = (bytes: number) => setDjangoCookie({ ...PLAIN, value: 'x'.repeat(bytes) })
  expect(set(4_094)).toHaveLength(4_094 + 'a=; Path=/'.length)
  expect(() => set(4_095)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
})
