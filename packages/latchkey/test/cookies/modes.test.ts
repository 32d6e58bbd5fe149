/** Cookies in the other modes of the core: refresh tokens that stay, access tokens that renew themselves, few sessions, registration. */
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { PASSWORD } from '../auth-kit.js'
import { csrfVerdict, MODES, withBrowser } from './kit.js'

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  const kit = (options = {}) => withBrowser({ transports: [transport()], ...options })

  test('where there are no refresh tokens the access cookie renews itself, with the CSRF token and not without', async () => {
    const { login, send, names, clock, jar } = await kit({ refresh: 'single', accessLifetime: '1h' })
    const { body } = await login()
    expect(names().filter((name) => name.includes('refresh'))).toEqual([])
    expect(Object.keys(body)).not.toContain('refresh_token')
    const before = new Map(jar)
    clock.now += 1_800
    expect(csrfVerdict(await send('POST', '/auth/refresh', { headers: { 'x-csrf-token': '' } }))).toBe('token')
    expect(csrfVerdict(await send('POST', '/auth/refresh', { headers: { origin: 'https://evil.example' } }))).toBe(
      'origin',
    )
    expect((await send('POST', '/auth/refresh')).status).toBe(200)
    const changed = names().filter((name) => jar.get(name)?.value !== before.get(name)?.value)
    expect(changed).toEqual(names().filter((name) => name.includes('access')))
    clock.now += 1_801
    expect((await send('GET', '/auth/me')).status).toBe(200)
    expect((await send('POST', '/auth/logout')).status).toBe(204)
    expect(names()).toEqual([])
  })

  test('a single token that has ended is not renewed, and one of an ended session is forgotten', async () => {
    const { login, send, clock, auth, user, names } = await kit({ refresh: 'single', accessLifetime: '1h' })
    await login()
    await auth.revoke({ user: user.id })
    expect((await send('POST', '/auth/refresh')).code).toBe('token_revoked')
    expect(names()).toEqual([])
    await login()
    clock.now += 3_601
    const old = { 'x-csrf-token': '' }
    expect(csrfVerdict(await send('POST', '/auth/refresh', { headers: old }))).toBe('token')
    expect((await send('POST', '/auth/refresh')).code).toBe('token_expired')
    expect(names()).toEqual([])
  })

  test('a refresh token that stays is sent again as it was, and lives no longer for it', async () => {
    const { login, send, jar, clock } = await kit({ refresh: 'fixed', refreshLifetime: '1d', idleLifetime: '1d' })
    await login()
    const first = jar.get('__Secure-refresh_token')?.value
    clock.now += 3_600
    const { status, cookies } = await send('POST', '/auth/refresh')
    const line = cookies.find((one) => one.startsWith('__Secure-refresh_token='))
    expect(status).toBe(200)
    expect(line === undefined || line.includes(`Max-Age=${86_400 - 3_600}`)).toBe(true)
    expect(jar.get('__Secure-refresh_token')?.value).toBe(first)
    expect((await send('POST', '/auth/refresh')).status).toBe(200)
  })

  test('the browser whose session was one too many is sent away and forgets', async () => {
    const { browse, login, send, names } = await kit({ sessionLimit: 1 })
    await login()
    const second = browse()
    await second.login()
    expect((await send('GET', '/auth/me')).code).toBe('token_revoked')
    expect((await send('POST', '/auth/refresh')).code).toBe('session_revoked')
    expect(names()).toEqual([])
    expect((await second.send('GET', '/auth/me')).status).toBe(200)
  })

  test('who registers is signed in by cookies, and chooses where there is a choice', async () => {
    const one = await kit({ register: true })
    const body = { username: 'carol', password: PASSWORD }
    const made = await one.send('POST', '/auth/register', { body })
    expect([made.status, made.body.access_token, made.body.csrf_token]).toEqual([201, undefined, expect.any(String)])
    expect((await one.send('GET', '/auth/me')).body.username).toBe('carol')
    const two = await kit({ register: true, transports: [bearer(), transport()] })
    const given = await two.send('POST', '/auth/register', { body })
    expect([given.body.access_token, two.names()]).toEqual([expect.any(String), []])
    const asked = { ...body, username: 'dora', transport: 'cookie' }
    expect((await two.send('POST', '/auth/register', { body: asked })).body.access_token).toBeUndefined()
    expect((await two.send('GET', '/auth/me')).body.username).toBe('dora')
    const wrong = { ...body, username: 'erin', transport: 'pigeon' }
    expect((await two.send('POST', '/auth/register', { body: wrong })).code).toBe('request_invalid')
    expect(await two.auth.users.byUsername('erin')).toBeUndefined()
  })

  test('the second login of a browser replaces the first, whose tokens of pages are none any more', async () => {
    const { login, send, csrf, cookie } = await kit()
    await login()
    const before = csrf()
    await login()
    expect(csrf()).not.toEqual(before)
    expect(csrfVerdict(await send('DELETE', '/auth/sessions', { headers: before }))).toBe('token')
    expect((await send('DELETE', '/auth/sessions', { headers: { cookie: cookie('/') } })).status).toBe(204)
  })

  test('a proxy’s word for https is not believed: the cookies are those of the configured origin (case 178)', async () => {
    const origin = 'http://localhost:8000'
    const local = await kit({ issuer: origin, development: true })
    const body = { username: 'alice', password: PASSWORD }
    for (const said of [
      { 'x-forwarded-proto': 'https' },
      { forwarded: 'proto=https' },
      { 'x-forwarded-host': 'api.example.com' },
    ]) {
      const { status, cookies } = await local.send('POST', '/auth/login', {
        body,
        headers: { origin, ...said } as never,
      })
      expect([status, cookies.filter((line) => /^__|; Secure/.test(line))]).toEqual([200, []])
    }
    const live = await kit()
    const down = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example', host: 'evil.example' }
    const { status, cookies } = await live.send('POST', '/auth/login', { body, headers: down })
    expect([status, cookies.every((line) => line.includes('; Secure'))]).toEqual([200, true])
    const planted = { origin: 'https://evil.example', 'sec-fetch-site': '', ...down }
    expect(csrfVerdict(await live.send('DELETE', '/auth/sessions', { headers: planted }))).toBe('origin')
  })
})
