/** jwtauth's ways beyond its recordings: its limitations are gone, its faults stay mended, and settings are checked. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import { base62, fromBase62 } from '../../src/presets/cookie-jwtauth/base62.js'
import { type CookieJwtauthSettings, cookieJwtauth } from '../../src/presets/index.js'
import { SECRET } from '../auth-kit.js'
import { application, ORIGIN, SIGNING_KEY } from './jwtauth-kit.js'

const STRANGER = '{"detail":"Authentication credentials were not provided."}'

async function world(settings: Partial<CookieJwtauthSettings> = {}, database?: string) {
  const app = await application(settings, database)
  return { ...app, ask, logIn, who }

  async function ask(method: string, path: string, cookie = '', more: Record<string, string> = {}, body?: string) {
    const headers = { ...(cookie && { cookie }), ...more }
    const response = await app.send(new Request(ORIGIN + path, { method, headers, ...(body && { body }) }))
    return { status: response.status, cookies: response.headers.getSetCookie(), text: await response.text() }
  }

  async function logIn(username: string) {
    const { cookies } = await ask('POST', '/login/', '', {}, JSON.stringify({ username, password: 'password' }))
    const [access = '', refresh = ''] = cookies.map((line) => line.split(';', 1)[0] as string)
    return { access, refresh, both: `${access}; ${refresh}` }
  }

  async function who(cookie: string, more: Record<string, string> = {}): Promise<string> {
    return JSON.parse((await ask('GET', '/username/', cookie, more)).text).username
  }
}

const claimsOf = (pair: string) => JSON.parse(Buffer.from(pair.split('.')[1] as string, 'base64url').toString())

describe('the limitations that its README states are gone', () => {
  test('sessions that have expired are deleted', async () => {
    const { auth, clock, logIn } = await world()
    await logIn('alice')
    expect(await auth.sessions.list('1')).toHaveLength(1)
    clock.now += 86_400 + 86_400
    await auth.prune()
    expect(await auth.sessions.list('1')).toHaveLength(0)
  })

  test('an access token in the header is good, and needs no other beside it; the refresh token there is none', async () => {
    const { logIn, who, ask } = await world()
    const { access, refresh } = await logIn('alice')
    const bearer = (pair: string) => ({ authorization: `Bearer ${pair.slice(pair.indexOf('=') + 1)}` })
    expect(await who('', bearer(access))).toBe('alice')
    expect(await who('', bearer(refresh))).toBe('')
    expect((await ask('DELETE', '/logout', '', bearer(access))).status).toBe(204)
    expect(await who('', bearer(access))).toBe('')
  })

  test('who has a copy of the database, and the signing key besides, cannot refresh', async () => {
    const folder = mkdtempSync(`${tmpdir()}/latchkey-dump-`)
    const { auth, clock, logIn, who } = await world({}, `sqlite:${folder}/auth.db`)
    try {
      const { access, refresh, both } = await logIn('alice')
      const claims = claimsOf(refresh)
      const dump = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`).toString('latin1'))
      expect(dump.join('')).toContain('alice')
      for (const secret of [access, refresh, claims.token_string])
        expect(dump.join('').includes(secret.slice(secret.indexOf('=') + 1))).toBe(false)
      const [session] = await auth.sessions.list('1')
      clock.now += 300
      const guesses = [
        Buffer.alloc(22),
        createHmac('sha256', session?.seed ?? '')
          .update(`${session?.id}.0`)
          .digest(),
      ]
      for (const mac of guesses) {
        const forged = signed({ ...claims, token_string: base62(mac.subarray(0, 22)) })
        expect(await who(`${access}; refresh_token=${forged}`)).toBe('')
      }
      expect(await who(`${access}; refresh_token=${signed(claims)}`)).toBe('alice')
      expect(await who(both)).toBe('alice')
    } finally {
      await auth.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

function signed(claims: object): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${parts.join('.')}.${createHmac('sha256', SIGNING_KEY).update(parts.join('.')).digest('base64url')}`
}

test('tokens say what those of the original say, in its order, and one claim more', async () => {
  const { logIn } = await world()
  const { access, refresh } = await logIn('alice')
  expect(Object.keys(claimsOf(access))).toEqual(['user_id', 'iat', 'exp', 'sid'])
  expect(Object.keys(claimsOf(refresh))).toEqual(['token_string', 'user_id', 'iat', 'exp', 'sid'])
  expect(claimsOf(refresh).token_string).toMatch(/^[\da-zA-Z]{30}$/)
})

test('a renewed access token comes alone, and the refresh token stays until its end', async () => {
  const { clock, ask, logIn } = await world()
  const { access, refresh } = await logIn('alice')
  for (let at = 300; at < 86_400; at += 21_525) {
    clock.now += at === 300 ? 300 : 21_525
    const { cookies, status } = await ask('GET', '/logged/', `${access}; ${refresh}`)
    expect([status, cookies.length]).toEqual([204, 1])
    expect(cookies[0]).toMatch(/^access_token=\S+; HttpOnly; Path=\/; SameSite=Strict; Secure$/)
  }
  clock.now = claimsOf(refresh).exp
  const { cookies, status } = await ask('GET', '/logged/', `${access}; ${refresh}`)
  expect([status, cookies.length]).toEqual([403, 2])
})

test('two cookies of two sessions are nobody’s, and neither session ends by them (fault 29)', async () => {
  const { clock, ask, logIn, who } = await world()
  const [alice, bob, again] = [await logIn('alice'), await logIn('bob'), await logIn('alice')]
  for (const mixed of [`${alice.access}; ${bob.refresh}`, `${alice.access}; ${again.refresh}`]) {
    expect(await who(mixed)).toBe('')
    expect(await ask('DELETE', '/logout', mixed)).toMatchObject({ status: 403, text: STRANGER, cookies: [] })
  }
  clock.now += 300
  for (const mixed of [`${alice.access}; ${bob.refresh}`, `${alice.access}; ${again.refresh}`]) {
    expect(await ask('GET', '/username/', mixed)).toMatchObject({ text: '{"username":""}', cookies: [] })
    expect(await ask('DELETE', '/logout', mixed)).toMatchObject({ status: 403, cookies: [] })
  }
  expect([await who(alice.both), await who(bob.both), await who(again.both)]).toEqual(['alice', 'bob', 'alice'])
})

test('whose access token is over logs out all the same, and the old cookies are dead', async () => {
  const { clock, ask, logIn, who } = await world()
  const { both } = await logIn('alice')
  clock.now += 300
  expect(await ask('DELETE', '/logout', both)).toMatchObject({
    status: 204,
    cookies: [{}, {}].map(() => expect.anything()),
  })
  expect(await who(both)).toBe('')
  expect(await ask('DELETE', '/logout', both)).toMatchObject({ status: 403, text: STRANGER })
})

test('48 logouts at once end in no crash (fault 28)', async () => {
  const { ask, logIn, who } = await world()
  const { both } = await logIn('alice')
  const all = await Promise.all(Array.from({ length: 48 }, () => ask('DELETE', '/logout', both)))
  expect(all.filter(({ status }) => status !== 204 && status !== 403)).toEqual([])
  expect(all.some(({ status }) => status === 204)).toBe(true)
  expect(await who(both)).toBe('')
})

test('another site acts for nobody, and signs nobody in', async () => {
  const { ask, logIn, who } = await world()
  const { both } = await logIn('alice')
  for (const more of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Record<
    string,
    string
  >[]) {
    expect((await ask('DELETE', '/logout', both, more)).status).toBe(403)
    const form = JSON.stringify({ username: 'bob', password: 'password' })
    expect(await ask('POST', '/login/', both, { ...more, 'content-type': 'text/plain' }, form)).toMatchObject({
      status: 403,
      cookies: [],
    })
  }
  expect(await who(both, { origin: ORIGIN })).toBe('alice')
})

test('a body that is no login is refused in the words of the framework (fault 27)', async () => {
  const { ask } = await world()
  const login = async (body: string) => {
    const { status, text } = await ask('POST', '/login/', '', { 'content-type': 'application/json' }, body)
    return [status, JSON.parse(text)]
  }
  expect(await login('{}')).toEqual([
    400,
    { username: ['This field is required.'], password: ['This field is required.'] },
  ])
  expect(await login('[]')).toEqual([400, { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }])
  expect((await login('{"username":"alice","password":5}'))[0]).toBe(400)
})

test('cookies may have other names, and prefixes that browsers hold them to', async () => {
  const names = { ACCESS_TOKEN_COOKIE_NAME: '__Host-a', REFRESH_TOKEN_COOKIE_NAME: '__Host-r' }
  const { ask, logIn, who } = await world(names)
  const { both } = await logIn('alice')
  expect(both).toMatch(/^__Host-a=\S+; __Host-r=\S+$/)
  expect(await who(both)).toBe('alice')
  for (const cookie of (await ask('DELETE', '/logout', both)).cookies)
    expect(cookie).toMatch(/^__Host-[ar]=""; expires=.*; Max-Age=0; Path=\/; Secure$/)
})

test('30 letters and digits stand for 22 bytes, and for no others', () => {
  for (const bytes of [Buffer.alloc(22), Buffer.alloc(22, 255), Buffer.from('0123456789abcdefghijkl')]) {
    expect(base62(bytes)).toMatch(/^[\da-zA-Z]{30}$/)
    expect(fromBase62(base62(bytes), 22)).toEqual(bytes)
  }
  for (const text of ['Z'.repeat(30), '0'.repeat(29), '0'.repeat(31), `${'0'.repeat(29)}-`, ''])
    expect(fromBase62(text, 22)).toBeUndefined()
})

test.each([
  [{ SIGNING_KEY: '' }, /SIGNING_KEY/],
  [{ ALGORITHM: 'none' }, /ALGORITHM/],
  [{ REFRESH_TOKEN_COOKIE_NAME: 'access_token' }, /REFRESH_TOKEN_COOKIE_NAME/],
  [{ ACCESS_TOKEN_COOKIE_NAME: 'a b' }, /ACCESS_TOKEN_COOKIE_NAME/],
  [{ ACCESS_TOKEN_LIFETIME: 'soon' }, /ACCESS_TOKEN_LIFETIME/],
  [{ paths: { login: 'login' } }, /paths\.login/],
  [{ paths: { signup: '/x' } }, /paths\.signup/],
  [{ BLACKLIST: true }, /BLACKLIST/],
])('%j does not start, and the setting is named', (settings, name) => {
  const start = () =>
    createAuth({
      ...{ database: 'memory', secret: SECRET, origin: ORIGIN },
      preset: cookieJwtauth({ SIGNING_KEY, ...(settings as Partial<CookieJwtauthSettings>) }),
    })
  expect(start).toThrow(expect.objectContaining({ code: 'options_invalid', hint: expect.stringMatching(name) }))
})
