/** Signing in, coming back, refreshing and signing out with cookies alone. */
import { describe, expect, test } from 'vitest'
import { bearer, splitCookies } from '../../src/index.js'
import { PASSWORD } from '../auth-kit.js'
import { MODES, withBrowser } from './kit.js'

describe.each(Object.entries(MODES))('with %s', (mode, transport) => {
  const kit = (options = {}) => withBrowser({ transports: [transport()], ...options })

  test('a login answers no token that a script could read, and the cookies tell who is calling', async () => {
    const { login, send } = await kit()
    const { status, body, text } = await login()
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['csrf_token', 'expires_in', 'refresh_expires_in', 'user'])
    expect(text).not.toMatch(/eyJ/)
    expect((await send('GET', '/auth/me')).body).toMatchObject({ username: 'alice' })
    expect((await send('POST', '/auth/logout/everywhere')).status).toBe(204)
  })

  test('cookies are named, guarded and placed as browsers demand it (case 164)', async () => {
    const { login } = await kit()
    const lines = (await login()).cookies.map((line) => line.replace(/=[^;]+/, '=*').replace(/=\*; /, '; '))
    const access = 'Max-Age=300; Path=/; SameSite=Lax; Secure'
    const session = 'Max-Age=1209600'
    expect(lines).toEqual([
      ...(mode === 'one cookie'
        ? [`__Host-access_token; ${access}; HttpOnly`]
        : [`__Host-access_payload; ${access}`, `__Host-access_signature; ${access}; HttpOnly`]),
      `__Secure-refresh_token; ${session}; Path=/auth; SameSite=Strict; Secure; HttpOnly`,
      `__Host-csrf_token; ${session}; Path=/; SameSite=Lax; Secure`,
    ])
  })

  test('a refresh replaces every cookie but the CSRF token, which pages may hold', async () => {
    const { login, send, jar, clock } = await kit()
    await login()
    const before = new Map(jar)
    clock.now += 299
    const { status, body } = await send('POST', '/auth/refresh')
    expect([status, body.refresh_token, body.access_token]).toEqual([200, undefined, undefined])
    for (const [name, { value }] of jar) {
      expect([name, value === before.get(name)?.value]).toEqual([name, name === '__Host-csrf_token'])
    }
    expect((await send('GET', '/auth/me')).status).toBe(200)
  })

  test('a retry of a refresh is answered with the same refresh and CSRF cookies (case 160)', async () => {
    const { login, send, cookie, csrf } = await kit()
    await login()
    const stood = { cookie: cookie('/auth/refresh'), ...csrf() }
    const [one, two] = await Promise.all([1, 2].map(() => send('POST', '/auth/refresh', { headers: stood })))
    const kept = (lines: readonly string[] = []) => lines.filter((line) => /refresh_token|csrf_token/.test(line))
    expect([one?.status, two?.status]).toEqual([200, 200])
    expect(kept(one?.cookies)).toEqual(kept(two?.cookies))
  })

  test('a logout forgets every cookie, and the old ones are dead (case 177)', async () => {
    const { login, send, cookie, csrf, names } = await kit()
    await login()
    const stood = { cookie: cookie('/auth/logout'), ...csrf() }
    expect((await send('POST', '/auth/logout')).status).toBe(204)
    expect(names()).toEqual([])
    expect((await send('GET', '/auth/me', { headers: stood })).code).toBe('token_revoked')
    expect((await send('POST', '/auth/refresh', { headers: stood })).code).toBe('session_revoked')
  })

  test('a logout works after the access cookie is gone, by the refresh cookie', async () => {
    const { login, send, jar, names, auth, user } = await kit()
    await login()
    for (const name of names()) if (name.startsWith('__Host-access')) jar.delete(name)
    expect((await send('POST', '/auth/logout')).status).toBe(204)
    expect(names()).toEqual([])
    expect(await auth.sessions.list(user.id)).toEqual([])
  })

  test('a logout cannot be kept off by a refresh cookie that a sub-domain planted', async () => {
    const { login, send, cookie, auth, user } = await kit()
    await login()
    const headers = { cookie: `__Secure-refresh_token=planted; ${cookie('/auth/logout')}` }
    const { status, cookies } = await send('POST', '/auth/logout', { headers })
    expect([status, cookies.every((line) => line.includes('Max-Age=0'))]).toEqual([204, true])
    expect(await auth.sessions.list(user.id)).toEqual([])
  })

  test('whoever has nothing left to sign out with is told so, and forgets all the same (case 177)', async () => {
    const { login, send, jar, names } = await kit()
    await login()
    for (const name of names()) if (name !== '__Host-csrf_token') jar.delete(name)
    expect((await send('POST', '/auth/logout')).code).toBe('credential_missing')
    expect(names()).toEqual([])
  })

  test('a refused refresh makes the browser forget', async () => {
    const { login, send, names, auth, user } = await kit()
    await login()
    await auth.revoke({ user: user.id })
    expect((await send('POST', '/auth/refresh')).code).toBe('session_revoked')
    expect(names()).toEqual([])
  })

  test('a login that is not to be remembered ends with the browser, refreshed or not', async () => {
    const { login, send } = await kit()
    expect((await login({ remember: false })).cookies.filter((line) => line.includes('Max-Age'))).toEqual([])
    expect((await send('POST', '/auth/refresh')).cookies.filter((line) => line.includes('Max-Age'))).toEqual([])
  })

  test('a password change hands the fresh tokens out as cookies', async () => {
    const { login, send } = await kit()
    await login()
    const body = { current_password: PASSWORD, new_password: 'another horse, another battery' }
    const answer = await send('POST', '/auth/password', { body })
    expect([answer.status, answer.body.access_token]).toEqual([200, undefined])
    expect((await send('GET', '/auth/me')).status).toBe(200)
  })

  test('on localhost in development cookies have neither prefix nor Secure', async () => {
    const issuer = 'http://localhost:8000'
    const { send, names } = await kit({ issuer, development: true })
    const body = { username: 'alice', password: PASSWORD }
    const { cookies } = await send('POST', '/auth/login', { body, headers: { origin: issuer } })
    expect(cookies.join()).not.toMatch(/; Secure|__Host-|__Secure-/)
    expect(names()).toContain('refresh_token')
  })
})

test('where both are used, the caller chooses, and each refreshes the way it came', async () => {
  const { login, send, call, names } = await withBrowser({ transports: [bearer(), splitCookies()] })
  const { body } = await login()
  expect(names()).toEqual([])
  const next = await call('POST', '/auth/refresh', { body: { refresh_token: body.refresh_token } })
  expect(next.body.access_token).toBeDefined()
  expect((await login({ transport: 'cookie' })).body.access_token).toBeUndefined()
  expect(names()).toHaveLength(4)
  expect((await send('POST', '/auth/refresh')).body.csrf_token).toBeDefined()
  expect((await login({ transport: 'pigeon' })).code).toBe('request_invalid')
})

test('cookies under old names are taken until they are replaced, and then forgotten', async () => {
  const transports = [splitCookies({ formerly: [{ access: '__Host-at', refresh: '__Secure-rt', path: '/' }] })]
  const renamed = await withBrowser({ transports })
  await renamed.login()
  const token = ['__Host-access_payload', '__Host-access_signature']
    .map((name) => renamed.jar.get(name)?.value)
    .join('.')
  const refresh = renamed.jar.get('__Secure-refresh_token')?.value
  const csrf = renamed.jar.get('__Host-csrf_token')?.value as string
  const cookie = `__Host-at=${token}; __Secure-rt=${refresh}; __Host-csrf_token=${csrf}`
  const headers = { cookie, 'x-csrf-token': csrf }
  expect((await renamed.send('GET', '/auth/me', { headers })).status).toBe(200)
  const { status, cookies } = await renamed.send('POST', '/auth/refresh', { headers })
  expect(status).toBe(200)
  expect(cookies.filter((line) => line.includes('Max-Age=0')).map((line) => line.split('=')[0])).toEqual([
    '__Host-at',
    '__Secure-rt',
  ])
})

test('a CSRF token is told to pages that cannot read the cookie', async () => {
  const { login, send } = await withBrowser()
  expect((await send('GET', '/auth/csrf')).body).toEqual({ csrf_token: null })
  const { csrf_token } = (await login()).body
  expect((await send('GET', '/auth/csrf')).body).toEqual({ csrf_token })
})

test('without cookies there is nothing to be had of them', async () => {
  const { call } = await withBrowser({ transports: [bearer()] })
  await expect(call('GET', '/auth/csrf')).rejects.toThrow('no route')
})
