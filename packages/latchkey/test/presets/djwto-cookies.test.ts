/** djwto by cookies: what the browser is given, what another site can do with it, and settings that do not start. */
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import { pythonJson } from '../../src/presets/djwto/json.js'
import { type DjwtoSettings, djwto } from '../../src/presets/index.js'
import { SECRET } from '../auth-kit.js'
import { BASE, claimsOf, client, error } from './djwto-client.js'
import { ORIGIN, SIGNING_KEY } from './djwto-kit.js'

const REFRESH = { jwt_type: 'refresh' }
const MODES = { 'ONE-COOKIE': 'jwt_access', 'TWO-COOKIES': 'jwt_access_token' } as const

describe.each(Object.entries(MODES))('the mode %s', (mode, access) => {
  const settings = { DJWTO_MODE: mode as keyof typeof MODES }

  test('from login to logout, as the programs of the seed go', async () => {
    const one = await client(settings)
    expect(await one.logIn()).toEqual({ msg: 'Tokens successfully created.' })
    const payload = mode === 'TWO-COOKIES' ? ['jwt_access_payload'] : []
    expect([...one.jar.keys()]).toEqual(['jwt_refresh', ...payload, access, 'csrftoken'])
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ text: 'worked!' })
    expect(await one.ask('POST', '/validate_access/')).toMatchObject({ text: '{"msg": "Token is valid"}' })
    expect(await one.ask('POST', `${BASE}/validate_refresh/`, REFRESH)).toMatchObject({ status: 200 })
    const before = one.jar.get('jwt_refresh')?.value
    expect(await one.ask('POST', `${BASE}/refresh_access/`, REFRESH)).toMatchObject({
      text: '{"msg": "Access token successfully refreshed."}',
    })
    expect(one.jar.get('jwt_refresh')?.value).toBe(before)
    one.clock.now += 1
    expect(await one.ask('POST', `${BASE}/update_refresh/`, REFRESH)).toMatchObject({
      text: '{"msg": "Refresh token successfully updated."}',
    })
    expect(one.jar.get('jwt_refresh')?.value).not.toBe(before)
    expect(await one.ask('POST', `${BASE}/logout/`, REFRESH)).toMatchObject({
      text: '{"msg": "Token successfully blacklisted."}',
    })
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ status: 403 })
    expect(await one.ask('DELETE', `${BASE}/logout/`)).toMatchObject({
      status: 200,
      text: '{"msg": "Tokens successfully deleted."}',
    })
    expect([...one.jar.keys()]).toEqual(['csrftoken'])
    expect(await one.ask('DELETE', `${BASE}/logout/`)).toMatchObject({ status: 403 })
  })

  test('whoever has signed in is told so, and whoever comes with what is over logs in anew (fault 19)', async () => {
    const one = await client(settings)
    await one.logIn()
    expect((await one.logIn()).msg).toBe('User already authenticated.')
    one.clock.now += 300
    expect((await one.logIn()).msg).toBe('Tokens successfully created.')
    one.jar.set(access, { value: 'garbage', path: '/' })
    expect((await one.logIn()).msg).toBe('Tokens successfully created.')
  })

  test('deleting by DELETE ends the session, also for a client whose access token is over (fault 21)', async () => {
    const one = await client(settings)
    await one.logIn()
    const kept = new Map(one.jar)
    one.clock.now += 300
    expect(await one.ask('DELETE', `${BASE}/logout/`)).toMatchObject({ status: 200 })
    for (const [name, cookie] of kept) one.jar.set(name, cookie)
    expect(await one.ask('POST', `${BASE}/refresh_access/`, REFRESH)).toMatchObject({
      status: 403,
      text: error("Can't update access token."),
    })
  })

  test('no other site acts by these cookies, wherever they are taken', async () => {
    const one = await client(settings)
    await one.logIn()
    const hostile: Record<string, string>[] = [
      { 'x-csrftoken': '' },
      { 'x-csrftoken': 'f'.repeat(64) },
      { referer: '' },
      { referer: 'https://evil.example/' },
      { referer: 'http://localhost:18015/' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const path of ['/validate_access/', `${BASE}/refresh_access/`, `${BASE}/update_refresh/`, `${BASE}/logout/`]) {
      for (const headers of hostile) {
        const answer = await one.ask('POST', path, path === '/validate_access/' ? {} : REFRESH, headers)
        expect([path, headers, answer.status, answer.headers.get('content-type')]).toEqual([
          path,
          headers,
          403,
          'text/html',
        ])
        expect(answer.headers.getSetCookie()).toEqual([])
      }
    }
    for (const headers of hostile)
      expect((await one.ask('DELETE', `${BASE}/logout/`, undefined, headers)).status).toBe(403)
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ status: 200 })
  })

  test('the CSRF token of somebody else is none', async () => {
    const one = await client(settings)
    await one.logIn()
    const other = one.jar.get('csrftoken')
    one.jar.clear()
    await one.logIn()
    expect(await one.ask('POST', '/validate_access/')).toMatchObject({ status: 200 })
    one.jar.set('csrftoken', other as { value: string; path: string })
    const answer = await one.ask('POST', '/validate_access/', {}, { 'x-csrftoken': other?.value ?? '' })
    expect(answer.status).toBe(403)
  })

  test('a view behind a cookie is asked by GET from anywhere, and by POST from our own page only', async () => {
    const one = await client(settings)
    await one.logIn()
    expect(await one.ask('GET', '/testapp/protect/', undefined, { 'x-csrftoken': '' })).toMatchObject({ status: 200 })
    expect(await one.ask('POST', '/testapp/protect/')).toMatchObject({ status: 200 })
    expect(await one.ask('POST', '/testapp/protect/', {}, { 'x-csrftoken': '' })).toMatchObject({ status: 403 })
  })

  test('what is missing is told in the words of the original', async () => {
    const one = await client(settings)
    const words = async (path: string, form: Record<string, string>) => (await one.ask('POST', path, form)).text
    await one.logIn()
    expect(await words(`${BASE}/logout/`, {})).toBe(error('POST variable "jwt_type" must be equal to "refresh".'))
    one.jar.delete('jwt_refresh')
    expect(await words(`${BASE}/refresh_access/`, REFRESH)).toBe(error('Cookie "jwt_refresh" cannot be empty.'))
    one.jar.delete(access)
    expect(await words('/validate_access/', {})).toBe(error(`Cookie "${access}" cannot be empty.`))
    one.headers['x-csrftoken'] = ''
    expect(await words('/validate_access/', {})).toContain('CSRF verification failed')
  })

  test('the Authorization header is not read, and two cookies of one name are an error', async () => {
    const one = await client(settings)
    await one.logIn()
    const token = one.jar.get(access)?.value
    const cookie = `${access}=${token}; ${access}=${token}`
    expect(await one.ask('GET', '/testapp/protect/', undefined, { cookie })).toMatchObject({ status: 403 })
    one.jar.clear()
    expect(await one.ask('GET', '/testapp/protect/', undefined, { authorization: `Bearer ${token}` })).toMatchObject({
      status: 403,
    })
  })
})

test('the open cookie shows the claims as Python writes them, and a password that was wrong still sets a CSRF cookie', async () => {
  const one = await client({ DJWTO_MODE: 'TWO-COOKIES', process_user: () => ({ nick: 'Zoë' }) })
  await one.ask('POST', '/login/', { username: 'alice', password: 'x' })
  expect(one.jar.get('csrftoken')?.value).toMatch(/^[\da-f]{64}$/)
  const answer = await one.ask('POST', '/login/', { username: 'alice', password: 'password' })
  expect(answer.headers.getSetCookie()[1]).toMatch(
    /^jwt_access_payload="?[\w+/]+=*"?; expires=.* GMT; Max-Age=300; Path=\/;/,
  )
  const open = Buffer.from(one.jar.get('jwt_access_payload')?.value.replaceAll('"', '') ?? '', 'base64').toString()
  expect(open).toBe(pythonJson(claimsOf(one.jar.get('jwt_access_token')?.value ?? ''), true))
  expect(open).toContain('"nick": "Zo\\u00eb"')
})

test('cookies are shared where a domain is named, and SameSite=None ones can be deleted', async () => {
  const one = await client({ DJWTO_MODE: 'ONE-COOKIE', DJWTO_DOMAIN: 'localhost', DJWTO_SAME_SITE: 'None' })
  const login = await one.ask('POST', '/login/', { username: 'alice', password: 'password' })
  expect(login.headers.getSetCookie()[0]).toMatch(/; Domain=localhost; expires=.*; SameSite=None; Secure$/)
  Object.assign(one.headers, { 'x-csrftoken': one.jar.get('csrftoken')?.value, referer: `${ORIGIN}/page` })
  const [gone] = (await one.ask('DELETE', `${BASE}/logout/`)).headers.getSetCookie()
  expect(gone).toMatch(/^jwt_refresh=""; Domain=localhost; expires=Thu, 01 Jan 1970 .*; SameSite=None; Secure$/)
})

test.each([
  [{ DJWTO_SIGNING_KEY: 'test key' }, /key/],
  [{ DJWTO_SIGNING_KEY: '' }, /DJWTO_SIGNING_KEY/],
  [{ DJWTO_CSRF: false, DJWTO_MODE: 'ONE-COOKIE' }, /DJWTO_CSRF/],
  [{ DJWTO_REFRESH_TOKEN_LIFETIME: null }, /DJWTO_REFRESH_TOKEN_LIFETIME/],
  [{ DJWTO_MODE: 'THREE-COOKIES' }, /DJWTO_MODE/],
  [{ DJWTO_REFRESH_COOKIE_PATH: '../x y' }, /DJWTO_REFRESH_COOKIE_PATH/],
  [{ DJWTO_VERIFYING_KEY: 'x' }, /DJWTO_VERIFYING_KEY/],
  [{ DJWTO_AUD_CLAIM: [] }, /DJWTO_AUD_CLAIM/],
  [{ DJWTO_SAME_SITE: 'lax' }, /DJWTO_SAME_SITE/],
  [{ DJWTO_ALGORITHM: 'none' }, /DJWTO_ALGORITHM/],
  [{ DJWTO_UNKNOWN: 1 }, /DJWTO_UNKNOWN/],
  [{ process_user: {} }, /process_user/],
])('%j does not start, and the setting is named', (settings, name) => {
  const start = () =>
    createAuth({
      ...{ database: 'memory', secret: SECRET, origin: ORIGIN },
      preset: djwto({ DJWTO_SIGNING_KEY: SIGNING_KEY, ...(settings as Partial<DjwtoSettings>) }),
    })
  expect(start).toThrow(expect.objectContaining({ code: 'options_invalid', hint: expect.stringMatching(name) }))
})

test('the key may stand in the environment, as the original has it', () => {
  process.env.DJWTO_SIGNING_KEY = SIGNING_KEY
  try {
    expect(djwto().defaults.key).toBe(SIGNING_KEY)
  } finally {
    delete process.env.DJWTO_SIGNING_KEY
  }
})
