/** Silent refresh: whoever comes with an expired access token and a good refresh cookie is let in, once, and gets the next ones. */
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { MODES, withBrowser } from './kit.js'

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  const kit = () => withBrowser({ transports: [transport()], silentRefresh: true })

  test('an expired access token is renewed inside the request', async () => {
    const { login, send, clock, names } = await kit()
    await login()
    expect(names()).toContain('__Host-refresh_token')
    clock.now += 301
    const { status, body, cookies } = await send('GET', '/auth/me')
    expect([status, body.username]).toEqual([200, 'alice'])
    expect(cookies.length).toBeGreaterThan(0)
    expect((await send('GET', '/auth/me')).cookies).toEqual([])
  })

  test('so is one that the browser has dropped by itself', async () => {
    const { login, send, jar, names } = await kit()
    await login()
    for (const name of names()) if (name.startsWith('__Host-access')) jar.delete(name)
    expect((await send('GET', '/auth/me')).status).toBe(200)
    expect(names().some((name) => name.startsWith('__Host-access'))).toBe(true)
  })

  test('twenty requests at once are all let in, by one rotation', async () => {
    const { login, send, clock, auth, user, cookie } = await kit()
    await login()
    clock.now += 301
    const headers = { cookie: cookie('/') }
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('GET', '/auth/me', { headers })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect((await auth.sessions.list(user.id)).map(({ generation }) => generation)).toEqual([1])
  })

  test('an unsafe request needs the CSRF token for it, as for everything else', async () => {
    const { login, send, clock, auth, user } = await kit()
    await login()
    clock.now += 301
    const refused = await send('DELETE', '/auth/sessions', { headers: { 'x-csrf-token': '' } })
    expect([refused.code, refused.body.layer, refused.cookies]).toEqual(['csrf_failed', 'token', []])
    expect((await auth.sessions.list(user.id)).map(({ generation }) => generation)).toEqual([0])
    expect((await send('DELETE', '/auth/sessions')).status).toBe(204)
  })

  test('a session that was ended is not renewed, and the browser forgets it', async () => {
    const { login, send, clock, auth, user, names } = await kit()
    await login()
    await auth.revoke({ user: user.id })
    clock.now += 301
    expect((await send('GET', '/auth/me')).code).toBe('session_revoked')
    expect(names()).toEqual([])
  })

  test('a token that is wrong is not made right', async () => {
    const { login, send, jar } = await kit()
    await login()
    const name = [...jar.keys()].find((one) => /access_(token|signature)/.test(one)) as string
    const { value = '', attributes = new Map() } = jar.get(name) ?? {}
    jar.set(name, { value: `${value.slice(0, -4)}AAAA`, attributes })
    const { code } = await send('GET', '/auth/me')
    expect(code).toBe(name.endsWith('signature') ? undefined : 'token_invalid')
  })
})

test('it is off unless chosen, and means nothing without cookies', async () => {
  const { login, send, clock, names } = await withBrowser()
  await login()
  expect(names()).toContain('__Secure-refresh_token')
  clock.now += 301
  expect((await send('GET', '/auth/me')).code).toBe('token_expired')
  await expect(withBrowser({ transports: [bearer()], silentRefresh: true })).rejects.toMatchObject({
    code: 'options_invalid',
  })
})
