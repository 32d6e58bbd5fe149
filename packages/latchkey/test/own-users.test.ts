/** The main promises over a users table that is not ours, and what its faults come to. */
import { hash } from '@node-rs/argon2'
import { expect, expectTypeOf, test } from 'vitest'
import { createAuth } from '../src/index.js'
import { headOf } from '../src/transport/head.js'
import { caller, ISSUER, PASSWORD, SECRET } from './auth-kit.js'

interface Member {
  readonly memberNo: number
  readonly mail: string
  pw: string
  blocked: boolean
}

async function started() {
  const rows: Member[] = []
  for (const [index, mail] of ['ann@example.org', 'ben@example.org'].entries()) {
    rows.push({ memberNo: index + 7, mail, pw: await hash(PASSWORD), blocked: false })
  }
  const clock = { now: 1_700_000_000 }
  const userOf = ({ memberNo, mail, blocked }: Member) => ({
    id: String(memberNo),
    memberNo,
    email: mail,
    active: !blocked,
    permissions: ['posts:read'],
  })
  const auth = createAuth({
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    users: {
      findById: async (id) => rows.filter(({ memberNo }) => String(memberNo) === id).map(userOf)[0],
      findByLogin: async (login) => {
        const row = rows.find(({ mail }) => mail === login)
        return row && { user: userOf(row), passwordHash: row.pw }
      },
      setPasswordHash: async (id, next, expected) => {
        const row = rows.find(({ memberNo, pw }) => String(memberNo) === id && pw === expected)
        if (row) row.pw = next
        return row !== undefined
      },
    },
  })
  const call = caller(auth)
  const login = (username = 'ann@example.org', password = PASSWORD) =>
    call('POST', '/auth/login', { body: { username, password } })
  return { auth, clock, rows, call, login }
}

test('a member logs in by the password of the foreign table, and the user is typed as that table has it', async () => {
  const { auth, call, login } = await started()
  const { status, body } = await login()
  expect([status, body.user]).toEqual([200, { id: '7', email: 'ann@example.org', permissions: ['posts:read'] }])
  expect((await call('GET', '/auth/me', { token: body.access_token })).body).toEqual(body.user)
  const head = headOf(new Request(ISSUER, { headers: { authorization: `Bearer ${body.access_token}` } }))
  const user = await (await auth.authenticate(head)).context?.user()
  expectTypeOf(user).toEqualTypeOf<
    { id: string; memberNo: number; email: string; active: boolean; permissions: string[] } | undefined
  >()
  expectTypeOf<Awaited<ReturnType<NonNullable<ReturnType<typeof auth.of>>['user']>>>().toHaveProperty('memberNo')
  expect(user?.memberNo).toBe(7)
  expect((await login('ann@example.org', 'not the password')).body.code).toBe('login_failed')
  expect((await login('nobody@example.org')).body.code).toBe('login_failed')
})

test('refresh, reuse and logout are as over our own table', async () => {
  const { call, clock, login } = await started()
  const refresh = (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } })
  const first = (await login()).body
  const next = await refresh(first.refresh_token)
  expect(next.status).toBe(200)
  clock.now += 11
  expect((await refresh(first.refresh_token)).body.code).toBe('refresh_reused')
  expect((await call('GET', '/auth/me', { token: next.body.access_token })).body.code).toBe('token_revoked')
  const other = (await login()).body
  expect((await call('POST', '/auth/logout', { token: other.access_token })).status).toBe(204)
  expect((await refresh(other.refresh_token)).body.code).toBe('session_revoked')
})

test('a password change writes the foreign table and ends the other sessions', async () => {
  const { call, login, rows } = await started()
  const [one, other] = [(await login()).body, (await login()).body]
  const body = { current_password: PASSWORD, new_password: 'another good password' }
  const before = rows[0]?.pw
  const changed = await call('POST', '/auth/password', { token: one.access_token, body })
  expect(changed.status).toBe(200)
  expect(rows[0]?.pw).not.toBe(before)
  expect((await call('GET', '/auth/me', { token: changed.body.access_token })).status).toBe(200)
  expect((await call('GET', '/auth/me', { token: other.access_token })).body.code).toBe('token_revoked')
  expect((await login('ann@example.org', 'another good password')).status).toBe(200)
  expect((await login()).body.code).toBe('login_failed')
})

test('a member who is blocked or gone in the foreign table gets in nowhere', async () => {
  const { call, login, rows } = await started()
  const { access_token: token, refresh_token } = (await login('ben@example.org')).body
  const attempts = async () => [
    (await login('ben@example.org')).body.code,
    (await call('GET', '/auth/me', { token })).body.code,
    (await call('POST', '/auth/refresh', { body: { refresh_token } })).body.code,
  ]
  const ben = rows[1] as Member
  ben.blocked = true
  expect(await attempts()).toEqual(['login_failed', 'user_inactive', 'user_inactive'])
  rows.pop()
  expect(await attempts()).toEqual(['login_failed', 'user_inactive', 'user_inactive'])
})

const good = { id: '7', active: true }

test.each<[string, object]>([
  ['findByLogin throws', { findByLogin: async () => Promise.reject(new Error('connection lost')) }],
  ['findByLogin throws at once', { findByLogin: () => JSON.parse('{') }],
  ['findByLogin answers the user alone', { findByLogin: async () => good }],
  ['findByLogin answers text', { findByLogin: async () => 'ann' }],
  [
    'findByLogin answers an id that is a number',
    { findByLogin: async () => ({ user: { id: 7 }, passwordHash: null }) },
  ],
  ['findByLogin answers an empty id', { findByLogin: async () => ({ user: { id: '' }, passwordHash: null }) }],
  [
    'findByLogin answers 0 for inactive',
    { findByLogin: async () => ({ user: { id: '7', active: 0 }, passwordHash: null }) },
  ],
  ['findByLogin answers bytes as hash', { findByLogin: async () => ({ user: good, passwordHash: Buffer.from('x') }) }],
])('%s: 503, and nobody is signed in', async (_, table) => {
  const users = { findById: async () => good, findByLogin: async () => undefined, ...table }
  const auth = createAuth({ issuer: ISSUER, database: 'memory', secret: SECRET, users })
  const body = { username: 'ann', password: PASSWORD }
  expect((await caller(auth)('POST', '/auth/login', { body })).status).toBe(503)
})

test.each<[string, (id: string) => unknown]>([
  ['throws', () => Promise.reject(new Error('connection lost'))],
  ['throws at once', () => JSON.parse('{')],
  ['answers another user', async () => ({ id: '8' })],
  ['answers permissions as text', async (id) => ({ id, permissions: '*' })],
  ['answers text', async () => 'ann'],
])('findById %s: 503, whoever asks', async (_, findById) => {
  let fails = false
  const passwordHash = await hash(PASSWORD)
  const users = {
    findById: async (id: string) => (fails ? ((await findById(id)) as typeof good) : good),
    findByLogin: async () => ({ user: good, passwordHash }),
  }
  const auth = createAuth({ issuer: ISSUER, database: 'memory', secret: SECRET, users })
  const call = caller(auth)
  const { access_token: token, refresh_token } = (
    await call('POST', '/auth/login', { body: { username: 'ann', password: PASSWORD } })
  ).body
  fails = true
  expect((await call('GET', '/auth/me', { token })).status).toBe(503)
  expect((await call('POST', '/auth/refresh', { body: { refresh_token } })).status).toBe(503)
  fails = false
  expect((await call('POST', '/auth/refresh', { body: { refresh_token } })).status).toBe(200)
})

test('null is nobody, an answer that is no promise is an answer, and a table may be an object of a class', async () => {
  class Table {
    readonly hash: Promise<string> = hash(PASSWORD)
    findById(id: string) {
      return (id === '7' ? good : null) as unknown as Promise<typeof good>
    }
    async findByLogin(login: string) {
      return login === 'ann' ? { user: good, passwordHash: await this.hash } : (null as unknown as undefined)
    }
  }
  const auth = createAuth({ issuer: ISSUER, database: 'memory', secret: SECRET, users: new Table() })
  const call = caller(auth)
  const login = (username: string) => call('POST', '/auth/login', { body: { username, password: PASSWORD } })
  expect((await login('nobody')).body.code).toBe('login_failed')
  const { access_token: token } = (await login('ann')).body
  expect((await call('GET', '/auth/me', { token })).status).toBe(200)
  expect(await auth.users.findById('7')).toEqual(good)
  expect(await auth.users.findById('8')).toBeUndefined()
})

test('what is no table does not start', () => {
  const start = () =>
    createAuth({ issuer: ISSUER, database: 'memory', secret: SECRET, users: { findById: async () => good } as never })
  expect(start).toThrow(
    expect.objectContaining({ code: 'options_invalid', hint: 'users.findByLogin must be a function' }),
  )
})
