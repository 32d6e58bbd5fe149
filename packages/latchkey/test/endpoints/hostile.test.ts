/** What strangers send to the endpoints, and the clear answers they get. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { Stores } from '../../src/stores/port.js'
import { caller, ISSUER, type Kit, PASSWORD, SECRET, signedIn } from '../auth-kit.js'

let kit: Kit
beforeAll(async () => {
  kit = await signedIn({
    register: true,
    throttle: { account: { points: 10_000, seconds: 60 }, address: { points: 100_000, seconds: 60 } },
  })
})
afterAll(() => kit.auth.close())

const posts = ['/auth/login', '/auth/register', '/auth/refresh', '/auth/verify', '/auth/password']
const json = { 'content-type': 'application/json' }

const bodies: readonly [string, string | Uint8Array, number][] = [
  ['nothing', '', 422],
  ['no JSON', '{', 422],
  ['a list', '[]', 422],
  ['null', 'null', 422],
  ['a number', '1', 422],
  ['two members of one name', '{"username":"alice","username":"bob","password":"x"}', 422],
  [
    'a NUL in every member',
    '{"username":"a\\u0000","password":"x\\u0000","token":"\\u0000","refresh_token":"\\u0000"}',
    422,
  ],
  [
    'objects for strings (case 252)',
    '{"username":{"$ne":null},"password":{"$ne":null},"token":{},"refresh_token":{}}',
    422,
  ],
  ['lists for strings', '{"username":["a"],"password":["a"],"token":["a"],"refresh_token":["a"]}', 422],
  ['numbers for strings', '{"username":1,"password":1,"token":1,"refresh_token":1}', 422],
  ['nulls for strings', '{"username":null,"password":null,"token":null,"refresh_token":null}', 422],
  ['empty strings', '{"username":"","password":"","token":"","refresh_token":""}', 422],
  ['half a character', '{"username":"\\ud800","password":"\\ud800","token":"\\ud800","refresh_token":"\\ud800"}', 422],
  ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe]), 422],
  ['a prototype (case 226)', '{"__proto__":{"admin":true}}', 422],
  ['depth', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 422],
  ['64 KiB and a byte', `{"username":"${'a'.repeat(65_536)}"}`, 413],
  ['a megabyte', `{"username":"${'a'.repeat(1_000_000)}"}`, 413],
]

describe.each(posts)('POST %s', (path) => {
  test.each(bodies)('answers a body of %s with its code, and no stack', async (_name, raw, status) => {
    const answer = await kit.call('POST', path, {
      raw,
      headers: json,
      token: path === '/auth/password' ? kit.tokens.access_token : undefined,
    })
    expect(answer.status).toBe(status)
    expect(answer.body.code).toBe(status === 413 ? 'request_too_large' : 'request_invalid')
    expect(answer.text).not.toMatch(/at .*\.[jt]s|node_modules|\$ne|aaaa/)
  })

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
    'application/jsonx',
  ])('refuses a body of the type "%s"', async (type) => {
    const answer = await kit.call('POST', path, {
      raw: 'username=alice',
      headers: type === '' ? {} : { 'content-type': type },
    })
    expect([answer.status, answer.body.code]).toEqual([415, 'media_type_unsupported'])
  })

  test('refuses a compressed body', async () => {
    const answer = await kit.call('POST', path, { raw: 'x', headers: { ...json, 'content-encoding': 'gzip' } })
    expect([answer.status, answer.body.code]).toEqual([415, 'media_type_unsupported'])
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'FOO'])('refuses the method %s', async (method) => {
    const answer = await kit.call(method, path)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })
})

test('a registration cannot name what only operators may set, and writes nothing (case 207)', async () => {
  for (const more of [
    'is_admin',
    'admin',
    'role',
    'id',
    'email_verified',
    'passwordHash',
    'permissions',
    'constructor',
  ]) {
    const answer = await kit.call('POST', '/auth/register', {
      body: { username: 'mallory', password: PASSWORD, [more]: true },
    })
    expect([answer.status, answer.body.problems[0].path]).toEqual([422, more])
  }
  expect(await kit.auth.users.byUsername('mallory')).toBeUndefined()
})

test('a registration makes an ordinary account and signs it in', async () => {
  const answer = await kit.call('POST', '/auth/register', { body: { username: 'carol', password: PASSWORD } })
  expect([answer.status, answer.body.user.username]).toEqual([201, 'carol'])
  expect(await kit.auth.users.byUsername('carol')).toMatchObject({ admin: false, permissions: [] })
  const again = await kit.call('POST', '/auth/register', { body: { username: 'CAROL', password: PASSWORD } })
  expect([again.status, again.body.code]).toEqual([409, 'conflict'])
})

test('identity comes from the credential alone: a body that names somebody else is refused (case 256)', async () => {
  const { tokens } = kit
  const answer = await kit.call('POST', '/auth/logout', {
    token: tokens.access_token,
    body: { sub: 'other', userId: 'other' },
  })
  expect(answer.status).toBe(422)
  expect((await kit.call('GET', '/auth/me', { token: tokens.access_token })).status).toBe(200)
})

test('every answer is private, plain and of a declared charset (cases 179, 273)', async () => {
  for (const answer of [
    await kit.call('POST', '/auth/login', { body: {} }),
    await kit.call('GET', '/auth/me', { token: kit.tokens.access_token }),
  ]) {
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('vary')).toBe('Authorization, Cookie, Origin')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('content-type')).toMatch(/; charset=utf-8$/)
  }
})

test('the public keys may be cached and hold nothing private (case 20)', async () => {
  const answer = await kit.call('GET', '/.well-known/jwks.json')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
  for (const key of answer.body.keys)
    for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(part)
})

test('HEAD answers as GET without a body, OPTIONS names the methods, and neither runs anything (case 193)', async () => {
  const head = await kit.call('HEAD', '/auth/me', { token: kit.tokens.access_token })
  expect([head.status, head.text]).toEqual([200, ''])
  const options = await kit.call('OPTIONS', '/auth/login')
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, OPTIONS'])
})

test("paths that only look like ours are nobody's (case 228)", async () => {
  for (const path of [
    '//auth/me',
    '/AUTH/ME',
    '/auth%2fme',
    '/auth/me;x',
    '/auth/m%65e',
    '/auth/sessions/',
    '/auth/me//',
  ]) {
    const response = await kit.auth.handle(new Request(`http://localhost${path}`), { address: undefined })
    if (path === '/auth/sessions/') expect(response?.status).toBe(401)
    else expect(response, path).toBeUndefined()
  }
})

test.each(['throws', 'rejects'])(
  'a store that %s is a 503 with a constant body, never an identity (cases 220, 240)',
  async (how) => {
    const stores = memoryStores({ clock: () => 1_700_000_000 })
    const faulty: string[] = []
    const auth = createAuth({ issuer: ISSUER, secret: SECRET, database: failing(stores, how, faulty) })
    const user = await auth.users.create({ username: 'alice', password: PASSWORD })
    const { access, refresh } = await auth.tokens.issue(user)
    faulty.push('users', 'sessions', 'revocations')
    const call = caller(auth)
    for (const [method, path, options] of [
      ['POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } }],
      ['POST', '/auth/refresh', { body: { refresh_token: refresh } }],
      ['POST', '/auth/logout', { token: access }],
      ['GET', '/auth/me', { token: access }],
      ['GET', '/auth/sessions', { token: access }],
    ] as const) {
      const answer = await call(method, path, options)
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')], path).toEqual([
        503,
        'store_failed',
        '1',
      ])
      expect(answer.text).not.toContain('disk')
    }
    await auth.close()
  },
)

/** The same stores, whose named parts fail from the moment they are named. */
function failing(stores: Stores, how: string, faulty: readonly string[]): Stores {
  const part = <T extends object>(name: string, target: T): T =>
    new Proxy(target, {
      get: (_target, member) => {
        const value = Reflect.get(target, member)
        if (typeof value !== 'function' || !faulty.includes(name)) return value
        const fault = new Error('disk on fire')
        if (how === 'throws') throw fault
        return () => Promise.reject(fault)
      },
    })
  return {
    ...stores,
    users: part('users', stores.users),
    sessions: part('sessions', stores.sessions),
    revocations: part('revocations', stores.revocations),
  }
}
