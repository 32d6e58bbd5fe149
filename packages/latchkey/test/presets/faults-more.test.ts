/** Faults of the originals that no recording and no other test shows, by their number: each test fails on what the original does. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Auth, createAuth, splitCookies } from '../../src/index.js'
import { cookieJwtauth, djwto, drfJwt, type Preset, simplejwt } from '../../src/presets/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { Account } from '../../src/stores/port.js'
import { headOf } from '../../src/transport/head.js'
import { caller, SECRET, signedIn } from '../auth-kit.js'

const NOW = 1_795_312_931
const KEY = 'the-key-of-an-application-that-came-from-django'
const OLD = 'the-key-of-the-year-before-which-still-verifies'
const ALICE = { username: 'alice', password: 'password' }

/** An application behind a preset, and how often its store was asked: by `<part>.<function>`. */
async function application(preset: Preset, more: { readonly origin?: string } = {}) {
  const clock = { now: NOW }
  const asked: string[] = []
  const stores = memoryStores({ clock: () => clock.now })
  const counted = <T extends object>(part: string, target: T): T =>
    new Proxy(target, {
      get: (_target, name) => {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...given: unknown[]) => {
          asked.push(`${part}.${String(name)}`)
          return member.apply(target, given)
        }
      },
    })
  const database = { ...stores, users: counted('users', stores.users), sessions: counted('sessions', stores.sessions) }
  const auth = createAuth({ database, secret: SECRET, clock: () => clock.now, preset, ...more })
  for (const [index, username] of ['alice', 'bob'].entries())
    await auth.users.create({ id: String(index + 1), ...ALICE, username })
  const call = caller(auth)
  const from = async <T>(work: () => Promise<T>): Promise<readonly string[]> => {
    asked.length = 0
    await work()
    return [...asked]
  }
  return { auth, clock, call, from }
}

const found = async (auth: Auth<Account>, headers: Record<string, string>) =>
  auth.authenticate(headOf(new Request('https://api.example.com/', { headers })))
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

function foreign(claims: object, key = KEY): string {
  const text = [{ typ: 'JWT', alg: 'HS256' }, claims].map((one) =>
    Buffer.from(JSON.stringify(one)).toString('base64url'),
  )
  return `${text.join('.')}.${createHmac('sha256', key).update(text.join('.')).digest('base64url')}`
}

test('fault 5: nobody lists what was blacklisted, and nobody takes it back', async () => {
  const { auth, call } = await application(drfJwt({ JWT_SECRET_KEY: KEY }))
  const token = (await call('POST', '/api-token-auth/', { body: ALICE })).body.token
  const others = (await call('POST', '/api-token-auth/', { body: { ...ALICE, username: 'bob' } })).body.token
  await call('POST', '/auth/logout/', { body: {}, token })
  for (const method of ['GET', 'DELETE', 'PUT', 'PATCH']) {
    const { status } = await call(method, '/auth/logout/', { token: others })
    expect([method, status]).toEqual([method, 405])
    expect(
      await auth.handle(new Request('http://localhost/auth/logout/1/', { method }), { address: undefined }),
    ).toBeUndefined()
  }
  expect((await found(auth, bearer(token))).failure?.code).toBe('token_revoked')
})

test('fault 13: natively, what has ended is refused by verify, with 401', async () => {
  const { call, tokens } = await signedIn()
  await call('POST', '/auth/logout', { token: tokens.access_token })
  expect((await call('POST', '/auth/verify', { body: { token: tokens.access_token } })).status).toBe(401)
  expect((await call('POST', '/auth/verify', { body: { token: tokens.refresh_token } })).status).toBe(401)
})

test('faults 22 and 37: natively, every 401 has a challenge that can be read, and every body is JSON', async () => {
  const { call } = await signedIn()
  const answers = [
    await call('GET', '/auth/me'),
    await call('GET', '/auth/me', { token: 'junk' }),
    await call('POST', '/auth/login', { body: { username: 'alice', password: 'wrong' } }),
    await call('POST', '/auth/refresh', { body: { refresh_token: 'junk' } }),
  ]
  for (const { status, headers, body } of answers) {
    expect([status, body.status]).toEqual([401, 401])
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="api"/)
  }
})

test('fault 32: natively, cookies are Secure, have an age, and are deleted as they were set', async () => {
  const { call } = await signedIn({ transports: [splitCookies()], origin: 'https://api.example.com' })
  const login = {
    body: { username: 'alice', password: 'correct horse battery' },
    headers: { origin: 'https://api.example.com' },
  }
  const set = (await call('POST', '/auth/login', login)).headers.getSetCookie()
  expect(set.length).toBeGreaterThan(1)
  for (const one of set) expect(one).toMatch(/; Secure/)
  for (const one of set) expect(one).toMatch(/Max-Age=\d+/)
})

test('fault 33: a request with two good cookies asks for its user once, and for its session not at all', async () => {
  const origin = 'https://api.example.com'
  const { auth, call, from } = await application(cookieJwtauth({ SIGNING_KEY: KEY }), { origin })
  const { headers } = await call('POST', '/login/', { body: ALICE, headers: { origin } })
  const cookie = headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const asked = await from(async () => expect((await found(auth, { cookie })).context).toBeDefined())
  expect(asked.filter((one) => one.startsWith('users.')).length).toBeLessThanOrEqual(1)
  expect(asked.length).toBeLessThanOrEqual(1)
})

test('fault 43: natively, an error has a code', async () => {
  const { call } = await signedIn()
  expect((await call('GET', '/auth/me', { token: 'junk' })).body.code).toBe('token_invalid')
})

test('fault 48: a password of a megabyte is refused unread, and no hash is computed for it', async () => {
  const { call, from } = await application(simplejwt({ SIGNING_KEY: KEY }))
  const body = { ...ALICE, password: 'x'.repeat(1_000_000) }
  const asked = await from(async () => expect((await call('POST', '/api/token/', { body })).status).toBe(413))
  expect(asked).toEqual([])
})

test('fault 50: who listens is told of a session, and is given no token that could be made again', async () => {
  const { auth, call } = await application(simplejwt({ SIGNING_KEY: KEY, ROTATE_REFRESH_TOKENS: true }))
  const heard: unknown[] = []
  auth.events.on('session.refreshed', (event) => void heard.push(event))
  const { refresh } = (await call('POST', '/api/token/', { body: ALICE })).body
  const next = (await call('POST', '/api/token/refresh/', { body: { refresh } })).body
  await new Promise((done) => setImmediate(done))
  expect(heard).toHaveLength(1)
  for (const token of [refresh, next.refresh, next.access]) expect(JSON.stringify(heard)).not.toContain(token)
  expect(await auth.sessions.list('1')).toHaveLength(1)
})

test('fault 53: a token that lives longer than usual stays blacklisted for as long as it lives', async () => {
  const { auth, clock, call } = await application(drfJwt({ JWT_SECRET_KEY: KEY, JWT_EXPIRATION_DELTA: '1h' }))
  const jti = '45c9cc6d-1666-4c03-809c-f2bd0f5a8dc1'
  const token = foreign({ username: 'alice', user_id: 1, iat: NOW, exp: NOW + 3_600, jti })
  expect((await call('POST', '/auth/logout/', { body: {}, token })).status).toBe(201)
  clock.now += 3_599
  await auth.prune()
  expect((await found(auth, bearer(token))).failure?.code).toBe('token_revoked')
})

test.each([
  ['simplejwt', simplejwt({ SIGNING_KEY: KEY, ROTATE_REFRESH_TOKENS: true }), '/api/token/', '/api/token/refresh/'],
  ['djwto', djwto({ DJWTO_SIGNING_KEY: KEY }), undefined, undefined],
])('fault 57: log out everywhere reaches what was rotated, with %s', async (_name, preset, obtain, refresh) => {
  const { auth, call } = await application(preset)
  if (obtain === undefined || refresh === undefined) {
    const user = (await auth.users.byId('1')) as Account
    const pair = await auth.tokens.issue(user)
    const next = (await auth.tokens.refresh(pair.refresh ?? '')).tokens
    await auth.revoke({ user: '1' })
    await expect(auth.tokens.refresh(next.refresh ?? '')).rejects.toMatchObject({ code: 'session_revoked' })
    return
  }
  const first = (await call('POST', obtain, { body: ALICE })).body
  const next = (await call('POST', refresh, { body: { refresh: first.refresh } })).body
  await auth.revoke({ user: '1' })
  for (const one of [first, next]) {
    expect((await call('POST', refresh, { body: { refresh: one.refresh } })).status).toBe(401)
    expect((await found(auth, bearer(one.access))).failure?.code).toBe('token_revoked')
  }
})

test('fault 58: a new key signs nobody out, and the old one signs nobody in once it is gone', async () => {
  const claims = { token_type: 'access', exp: NOW + 300, iat: NOW, jti: 'f'.repeat(32), user_id: 1 }
  const both = await application(simplejwt({ SIGNING_KEY: [KEY, OLD] }))
  for (const key of [KEY, OLD]) expect((await found(both.auth, bearer(foreign(claims, key)))).context).toBeDefined()
  const { access } = (await both.call('POST', '/api/token/', { body: ALICE })).body
  const after = await application(simplejwt({ SIGNING_KEY: KEY }))
  expect((await found(after.auth, bearer(foreign(claims, OLD)))).failure?.code).toBe('token_invalid')
  expect((await found(after.auth, bearer(access))).context).toBeDefined()
})

test('fault 59: junk, forged and expired refresh tokens cost no look at the store', async () => {
  const { call, from } = await application(simplejwt({ SIGNING_KEY: KEY }))
  const claims = { token_type: 'refresh', exp: NOW + 300, iat: NOW, jti: 'f'.repeat(32), user_id: 1 }
  const bad = [
    'junk',
    foreign(claims, OLD),
    foreign({ ...claims, exp: NOW - 1 }),
    foreign({ ...claims, token_type: 'access' }),
  ]
  for (const refresh of bad) {
    const asked = await from(async () =>
      expect((await call('POST', '/api/token/refresh/', { body: { refresh } })).status).toBe(401),
    )
    expect(asked).toEqual([])
  }
})

test('fault 60: sessions are listed with their device and their address, and each can be ended', async () => {
  const { auth, call } = await application(simplejwt({ SIGNING_KEY: KEY }))
  await call('POST', '/api/token/', { body: ALICE, headers: { 'user-agent': 'a telephone' } })
  const [session, ...others] = await auth.sessions.list('1')
  expect([session?.device, session?.address, others]).toEqual(['a telephone', '192.0.2.1', []])
  await auth.revoke({ session: session?.id ?? '' })
  expect(await auth.sessions.list('1')).toEqual([])
})
