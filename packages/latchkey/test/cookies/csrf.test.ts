/** Requests that another site makes a browser send change nothing, and nobody else's token helps. */
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { serverSecrets } from '../../src/keys/seal.js'
import { createCsrf } from '../../src/transport/csrf.js'
import { PASSWORD } from '../auth-kit.js'
import { csrfVerdict, MODES, withBrowser } from './kit.js'

const FOREIGN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
/** What a form of any page can send. */
const FORMS: readonly (readonly [string, string, string])[] = [
  ['urlencoded', 'application/x-www-form-urlencoded', 'username=alice&password=x'],
  ['plain text', 'text/plain', '{"username":"alice","password":"x"}'],
  [
    'multipart',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--b--\r\n',
  ],
  ['no body', '', ''],
]
const UNSAFE = [
  ['POST', '/auth/login'],
  ['POST', '/auth/register'],
  ['POST', '/auth/refresh'],
  ['POST', '/auth/logout'],
  ['POST', '/auth/logout/everywhere'],
  ['POST', '/auth/password'],
  ['DELETE', '/auth/sessions'],
] as const
/** Those that a cookie is enough for: with a session, and no body that somebody would have to know. */
const BY_COOKIE = UNSAFE.filter(([, path]) => /refresh|logout|sessions/.test(path))

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  const kit = (options = {}) => withBrowser({ transports: [transport()], register: true, ...options })

  test.each(FORMS)('a form of another site does nothing anywhere: %s (case 186)', async (_kind, type, raw) => {
    const { login, call, auth, user, cookie } = await kit()
    await login()
    const stood = { cookie: cookie('/auth'), ...(type && { 'content-type': type }) }
    const before = await auth.sessions.list(user.id)
    for (const [method, path] of UNSAFE) {
      const answer = await call(method, path, { raw, headers: { ...stood, ...FOREIGN } })
      expect([path, csrfVerdict(answer), answer.headers.getSetCookie()]).toEqual([path, 'fetch-metadata', []])
      // Browsers of before Fetch Metadata name the origin alone.
      const old = await call(method, path, { raw, headers: { ...stood, origin: FOREIGN.origin } })
      expect([path, csrfVerdict(old), old.headers.getSetCookie()]).toEqual([path, 'origin', []])
    }
    expect(await auth.sessions.list(user.id)).toEqual(before)
  })

  test('a token of another session, or of the one before this login, is none (case 189)', async () => {
    const { login, send, browse, cookie, csrf, auth, user } = await kit()
    await auth.users.create({ username: 'mallory', password: PASSWORD })
    const stranger = browse()
    await stranger.send('POST', '/auth/login', { body: { username: 'mallory', password: PASSWORD } })
    await login()
    const before = csrf()
    await login()
    for (const token of [stranger.csrf(), before].map((one) => one['x-csrf-token'] as string)) {
      for (const [method, path] of BY_COOKIE) {
        const planted = { 'x-csrf-token': token, cookie: cookie('/auth', { '__Host-csrf_token': token }) }
        expect([path, csrfVerdict(await send(method, path, { headers: planted }))]).toEqual([path, 'token'])
      }
    }
    expect(await auth.sessions.list(user.id)).toHaveLength(2)
  })

  test.each(['a', 'x'.repeat(64), '0'.repeat(64), '0'.repeat(63), `${'0'.repeat(64)}0`, 'F'.repeat(64)])(
    'a pair that somebody made up and planted is none, though cookie and header agree: %s (case 189)',
    async (token) => {
      const { login, send, cookie } = await kit()
      await login()
      const planted = { 'x-csrf-token': token, cookie: cookie('/auth', { '__Host-csrf_token': token }) }
      for (const [method, path] of BY_COOKIE)
        expect([path, csrfVerdict(await send(method, path, { headers: planted }))]).toEqual([path, 'token'])
    },
  )

  test('one letter of the token is as good as none, wherever it stands (case 189)', async () => {
    const { login, send, cookie, csrf } = await kit()
    await login()
    const token = csrf()['x-csrf-token'] as string
    for (const at of [0, 31, 32, 63]) {
      const other = `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`
      const planted = { 'x-csrf-token': other, cookie: cookie('/auth', { '__Host-csrf_token': other }) }
      expect([at, csrfVerdict(await send('DELETE', '/auth/sessions', { headers: planted }))]).toEqual([at, 'token'])
    }
    const shouted = token.toUpperCase()
    const planted = { 'x-csrf-token': shouted, cookie: cookie('/auth', { '__Host-csrf_token': shouted }) }
    expect(csrfVerdict(await send('DELETE', '/auth/sessions', { headers: planted }))).toBe('token')
  })

  test('the token in one place alone is none: the cookie, the header, the body or the query (case 190)', async () => {
    const { login, send, cookie, csrf } = await kit()
    await login()
    const token = csrf()['x-csrf-token'] as string
    const without = { 'x-csrf-token': '' }
    const gone = { cookie: cookie('/auth', { '__Host-csrf_token': '' }) }
    for (const [method, path] of BY_COOKIE) {
      expect([path, csrfVerdict(await send(method, path, { headers: without }))]).toEqual([path, 'token'])
      expect([path, csrfVerdict(await send(method, path, { headers: gone }))]).toEqual([path, 'token'])
      const query = await send(method, `${path}?csrf_token=${token}&x-csrf-token=${token}`, { headers: without })
      expect([path, csrfVerdict(query)]).toEqual([path, 'token'])
    }
    const logout = await send('POST', '/auth/logout', { headers: without, body: { csrf_token: token } })
    expect(logout.status).toBeGreaterThanOrEqual(400)
    expect((await send('DELETE', '/auth/sessions')).status).toBe(204)
  })

  test('signing somebody in or up is refused to other sites, with no session at all (case 191)', async () => {
    const { call, auth } = await kit()
    const good = { username: 'alice', password: PASSWORD }
    const fresh = { username: 'bob', password: PASSWORD }
    for (const [path, body] of [
      ['/auth/login', good],
      ['/auth/register', fresh],
    ] as const) {
      for (const [said, layer] of [
        [FOREIGN, 'fetch-metadata'],
        [{ 'sec-fetch-site': 'same-site' }, 'fetch-metadata'],
        [{ origin: 'null' }, 'origin'],
      ] as const) {
        const answer = await call('POST', path, { body, headers: said })
        expect([path, csrfVerdict(answer), answer.headers.getSetCookie()]).toEqual([path, layer, []])
      }
    }
    expect(await auth.users.byUsername('bob')).toBeUndefined()
  })

  test('a refresh and a logout that another site asks for leave the session as it was (case 192)', async () => {
    const { login, call, auth, user, cookie, csrf, send } = await kit()
    await login()
    const headers = { cookie: cookie('/auth'), ...csrf(), ...FOREIGN }
    for (const path of ['/auth/refresh', '/auth/logout', '/auth/logout/everywhere']) {
      const { status, headers: answered } = await call('POST', path, { headers })
      expect([path, status, answered.getSetCookie()]).toEqual([path, 403, []])
    }
    expect((await auth.sessions.list(user.id)).map(({ generation }) => generation)).toEqual([0])
    expect((await send('GET', '/auth/me')).status).toBe(200)
  })
})

describe('where tokens may come in a header, too', () => {
  const stray = '__Host-csrf_token=x; __Secure-refresh_token=1.0.x; other=1'

  test('a request by bearer needs no CSRF token, whatever cookies stray along (case 187)', async () => {
    for (const transport of Object.values(MODES)) {
      const { call, auth, user } = await withBrowser({ transports: [bearer(), transport()] })
      const one = await auth.tokens.issue(user)
      const headers = { ...FOREIGN, cookie: stray }
      expect((await call('DELETE', '/auth/sessions', { token: one.access, headers })).status).toBe(204)
      expect((await call('POST', '/auth/logout', { token: one.access, headers })).status).toBe(204)
      const two = await auth.tokens.issue(user)
      const refreshed = await call('POST', '/auth/refresh', { body: { refresh_token: two.refresh }, headers: FOREIGN })
      expect(refreshed.status).toBe(200)
    }
  })

  test('a logout by bearer ends its own session, and not the one of a cookie that strays along (case 187)', async () => {
    for (const transport of Object.values(MODES)) {
      const { login, call, auth, user, cookie, send } = await withBrowser({ transports: [transport(), bearer()] })
      await login()
      const { access, sessionId } = await auth.tokens.issue(user)
      const refresh = cookie('/auth')
        .split('; ')
        .find((pair) => pair.includes('refresh_token')) as string
      const { status, headers } = await call('POST', '/auth/logout', { token: access, headers: { cookie: refresh } })
      expect([status, headers.getSetCookie()]).toEqual([204, []])
      expect((await auth.sessions.list(user.id)).map(({ id }) => id)).not.toContain(sessionId)
      expect((await send('GET', '/auth/me')).status).toBe(200)
    }
  })
})

test('pages that are open while the server gets a new secret keep their token, and no other does', () => {
  const [first, second] = ['the-first-secret-of-all-0123456789', 'the-second-secret-now-0123456789ab']
  const clock = () => 1_700_000_000
  const csrfOf = (...texts: string[]) =>
    createCsrf({
      own: new Set(),
      allowed: new Set(),
      secrets: serverSecrets(texts, clock),
      pair: { header: 'x-csrf-token', cookie: (head) => head.header('cookie') },
    })
  const token = csrfOf(first).tokenFor('a-session', undefined) as string
  const head = { method: 'POST', header: (name: string) => (/csrf|cookie/.test(name) ? token : undefined) }
  expect(() => csrfOf(second, first).check(head, 'a-session')).not.toThrow()
  expect(csrfOf(second, first).tokenFor('a-session', head)).toBe(token)
  expect(() => csrfOf(second).check(head, 'a-session')).toThrow(expect.objectContaining({ code: 'csrf_failed' }))
  expect(() => csrfOf(first).check(head, 'another')).toThrow(expect.objectContaining({ layer: 'token' }))
})
