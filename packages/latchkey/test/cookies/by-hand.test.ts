/** Signing in and out in handlers of the application's own, in every framework and by the fetch standard. */
import { describe, expect, test } from 'vitest'
import { bearer, type User } from '../../src/index.js'
import { browser, MODES, withBrowser } from './kit.js'
import { byHand, listening, type MakeApp } from './servers.js'

const OURS = { origin: 'https://api.example.com', 'sec-fetch-site': 'same-origin' }
const FOREIGN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  describe.each(Object.entries(byHand))('in %s', (_name, make) => {
    test('whoever is signed in by hand is known at the endpoints and at guards, with device and address', async () => {
      const { ask, auth, user, page, close } = await opened(make)
      const login = await ask('POST', '/own/login', { headers: { ...OURS, 'user-agent': 'a phone' } })
      expect([login.status, login.headers['cache-control']]).toEqual([200, 'no-store'])
      page.take(login.cookies)
      const [session] = await auth.sessions.list(user.id)
      expect([session?.device, session?.address]).toEqual(['a phone', '127.0.0.1'])
      expect((await ask('GET', '/auth/me', { headers: page.headers('/auth/me') })).body.username).toBe('alice')
      expect((await ask('POST', '/auth/refresh', { headers: page.headers('/auth/refresh') })).status).toBe(200)
      await close()
    })

    test('a logout by hand ends the session and makes the browser forget; a second one has nothing to end (case 177)', async () => {
      const { ask, auth, user, page, close } = await opened(make)
      page.take((await ask('POST', '/own/login', { headers: OURS })).cookies)
      const stood = page.headers('/own/logout')
      const out = await ask('POST', '/own/logout', { headers: stood })
      page.take(out.cookies)
      expect([out.status, page.names()]).toEqual([200, []])
      expect(await auth.sessions.list(user.id)).toEqual([])
      const replayed = await ask('POST', '/own/logout', { headers: stood })
      expect([replayed.status, replayed.body.code, replayed.cookies]).toEqual([401, 'token_revoked', []])
      const nobody = await ask('POST', '/own/logout', { headers: OURS })
      expect([nobody.status, nobody.body.code]).toEqual([401, 'credential_missing'])
      await close()
    })

    test('another site can neither sign in nor out here (cases 191, 192)', async () => {
      const { ask, auth, user, page, close } = await opened(make)
      const login = await ask('POST', '/own/login', { headers: FOREIGN })
      expect([login.status, login.body.layer, login.cookies]).toEqual([403, 'fetch-metadata', []])
      page.take((await ask('POST', '/own/login', { headers: OURS })).cookies)
      const stood = page.headers('/own/logout')
      const { 'x-csrf-token': _gone, ...without } = stood
      for (const [headers, layer] of [
        [{ ...stood, ...FOREIGN }, 'fetch-metadata'],
        [{ ...stood, origin: 'null' }, 'origin'],
        [without, 'token'],
      ] as const) {
        const { status, body, cookies } = await ask('POST', '/own/logout', { headers })
        expect([status, body.layer, cookies]).toEqual([403, layer, []])
      }
      expect(await auth.sessions.list(user.id)).toHaveLength(1)
      await close()
    })

    test('a user who is not active is not signed in', async () => {
      const { ask, auth, user, close } = await opened(make, { active: false })
      const { status, body, cookies } = await ask('POST', '/own/login', { headers: OURS })
      expect([status, body.code, cookies]).toEqual([401, 'user_inactive', []])
      expect(await auth.sessions.list(user.id)).toEqual([])
      await close()
    })
  })

  async function opened(make: MakeApp, change: Partial<User> = {}) {
    const { auth, user, call } = await withBrowser({ transports: [transport()] })
    const server = await listening(await make({ auth, user: { ...user, ...change } }))
    const page = browser(call)
    const headers = (path: string): Record<string, string> => ({ ...OURS, cookie: page.cookie(path), ...page.csrf() })
    const close = async () => {
      await server.close()
      await auth.close()
    }
    return { ...server, auth, user, page: { ...page, headers }, close }
  }

  const kit = (options = {}) => withBrowser({ transports: [transport()], ...options })

  test('by the fetch standard a response or its headers take the cookies, beside those that stand there', async () => {
    const { auth, user } = await kit()
    const request = new Request('https://api.example.com/own', {
      method: 'POST',
      headers: { ...OURS, 'user-agent': 'tv' },
    })
    for (const response of [
      new Response('hello', { headers: { 'set-cookie': 'theme=dark' } }),
      new Headers({ 'set-cookie': 'theme=dark' }),
    ]) {
      const tokens = await auth.login(response, user, { request })
      const headers = response instanceof Headers ? response : response.headers
      const lines = headers.getSetCookie()
      expect(lines[0]).toBe('theme=dark')
      expect(lines.filter((line) => line.includes(tokens.refresh as string))).toHaveLength(1)
      expect(headers.get('cache-control')).toBe('no-store')
      const out = new Headers()
      const csrf = /csrf_token=(\w+)/.exec(lines.join())?.[1] as string
      const cookie = lines.map((line) => line.split(';')[0]).join('; ')
      const leaving = new Request('https://api.example.com/own', {
        method: 'POST',
        headers: { cookie, 'x-csrf-token': csrf },
      })
      await auth.logout(leaving, out)
      expect(out.getSetCookie().every((line) => line.includes('Max-Age=0'))).toBe(true)
    }
    expect(await auth.sessions.list(user.id)).toEqual([])
  })

  test('two logins on one response leave the cookies of the second', async () => {
    const { auth, user } = await kit()
    const headers = new Headers()
    await auth.login(headers, user)
    const once = headers.getSetCookie().length
    const { refresh } = await auth.login(headers, user)
    expect(headers.getSetCookie()).toHaveLength(once)
    expect(headers.getSetCookie().join()).toContain(refresh)
  })

  test('what takes no cookies is refused before there is a session', async () => {
    const { auth, user } = await kit()
    const sent = Object.assign(Object.create({ headersSent: true }), { setHeader() {}, getHeader() {} })
    for (const response of [undefined, null, 5, 'response', {}, [], sent, await fetch('data:,fixed')])
      expect([response, await codeOf(auth.login(response as object, user))]).toEqual([response, 'options_invalid'])
    expect(await auth.sessions.list(user.id)).toEqual([])
  })

  test('what is no request cannot be logged out of, and a response that takes no cookies ends nothing', async () => {
    const { auth, user, login, cookie, csrf } = await kit()
    for (const request of [undefined, null, 5, {}, { headers: {} }])
      await expect(auth.logout(request as object, new Headers())).rejects.toMatchObject({ code: 'options_invalid' })
    await login()
    const request = new Request('https://api.example.com/out', {
      method: 'POST',
      headers: { cookie: cookie('/auth'), ...csrf() },
    })
    await expect(auth.logout(request, {})).rejects.toMatchObject({ code: 'options_invalid' })
    expect(await auth.sessions.list(user.id)).toHaveLength(1)
    await auth.logout(request, new Headers())
    expect(await auth.sessions.list(user.id)).toEqual([])
  })

  test('a logout by a link is refused: a GET can carry no token that only our page knows', async () => {
    const { auth, login, cookie } = await kit()
    await login()
    const request = new Request('https://api.example.com/out', { headers: { cookie: cookie('/auth') } })
    await expect(auth.logout(request, new Headers())).rejects.toMatchObject({ code: 'csrf_failed', layer: 'token' })
  })

  test('remember, transport and scope are as they were asked for', async () => {
    const { auth, user } = await kit({ transports: [bearer(), transport()] })
    const brief = new Headers()
    const { remember, scope } = await auth.login(brief, user, { transport: 'cookie', remember: false, scope: 'a b' })
    expect([remember, scope]).toEqual([false, 'a b'])
    expect(brief.getSetCookie().length).toBeGreaterThan(2)
    expect(brief.getSetCookie().join()).not.toContain('Max-Age')
    const none = new Headers()
    expect((await auth.login(none, user)).access).toMatch(/^eyJ/)
    expect([...none]).toEqual([])
    await expect(auth.login(none, user, { transport: 'pigeon' as never })).rejects.toMatchObject({
      code: 'request_invalid',
    })
  })
})

const codeOf = (done: Promise<unknown>): Promise<string | undefined> =>
  done.then(
    () => undefined,
    (error) => error.code,
  )
