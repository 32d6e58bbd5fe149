/** Promises of the login: one answer and the same work for everybody who is not let in. */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import type { Account, NewAccount, UserStore } from '../../src/stores/port.js'
import { createLogin, type LoginMethod, passwords } from '../../src/users/login.js'
import { accountOf } from '../../src/users/new-account.js'
import { createThrottle } from '../../src/users/throttle.js'
import {
  account,
  codeOf,
  countingHasher,
  delivered,
  fakeClock,
  headWith,
  noPeer,
  outcome,
  recordedEvents,
  storeWith,
} from './fixtures.js'

interface Setup {
  readonly methods?: readonly LoginMethod<Account>[]
  readonly users?: UserStore<Account>
  readonly canonical?: boolean
}

const everybody: readonly NewAccount[] = [
  account('alice'),
  account('inactive', { active: false }),
  account('external', { passwordHash: null }),
  account('outdated', { passwordHash: 'old(right horse)' }),
  account('outdated-inactive', { passwordHash: 'old(right horse)', active: false }),
  account('foreign', { passwordHash: 'pbkdf2_sha256$1$x$y' }),
]

async function start({ methods = [passwords()], users, canonical = true }: Setup = {}) {
  const store = await storeWith(...everybody)
  const hasher = countingHasher()
  const clock = fakeClock()
  const { events, seen } = recordedEvents('login.succeeded', 'login.failed')
  const throttle = createThrottle({ clock })
  const login = createLogin({ users: users ?? store, methods, throttle, hasher, events, canonical })
  const as = (name: string, password: string, headers = {}) =>
    login({ login: name, password }, headWith(headers), noPeer)
  return { as, login, store, hasher, clock, seen }
}

describe('who is let in', () => {
  test.each(['alice', 'ALICE', ' alice ', 'al\u200bice'])('the right password of %j', async (name) => {
    const { as, hasher } = await start()
    expect(await as(name, 'right horse')).toMatchObject({ user: { id: 'id-alice' }, by: 'password' })
    expect(hasher).toMatchObject({ verified: 1, hashed: 0 })
  })

  test('over a users table of your own the login is looked up as typed', async () => {
    const asked: string[] = []
    const users: UserStore<Account> = {
      findById: async () => undefined,
      findByLogin: async (login) => void asked.push(login),
    }
    const { as } = await start({ users, canonical: false })
    await outcome(as(' Alice ', 'right horse'))
    expect(asked).toEqual([' Alice '])
  })

  test.each([{ authorization: 'Bearer x.y.z' }, { authorization: 'Basic !!' }, { cookie: 'access=x.y.z' }])(
    'seed fault 4.2: the right password with a stale %o beside it',
    async (headers) => {
      const { as } = await start()
      expect((await as('alice', 'right horse', headers)).user.id).toBe('id-alice')
    },
  )
})

describe('cases 196 and 197: who is not', () => {
  const cases = [
    ['an unknown user', 'nobody', 'right horse'],
    ['a wrong password', 'alice', 'wrong horse'],
    ['an empty password', 'alice', ''],
    ['an inactive user with the right password', 'inactive', 'right horse'],
    ['an inactive user with a wrong password', 'inactive', 'wrong horse'],
    ['an inactive user with an outdated hash', 'outdated-inactive', 'right horse'],
    ['a user without a password', 'external', 'right horse'],
    ['a user whose hash nobody can verify', 'foreign', 'right horse'],
    ['an outdated hash and a wrong password', 'outdated', 'wrong horse'],
  ] as const

  test.each(cases)('%s: the same error after the work of one hash', async (_, name, password) => {
    const asked: string[] = []
    const last: LoginMethod<Account> = { name: 'last', login: async ({ login }) => void asked.push(login) }
    const { as, hasher } = await start({ methods: [passwords(), last] })
    const error = (await as(name, password).catch((error) => error)) as AuthError
    expect({ ...error }).toEqual({ ...new AuthError('login_failed') })
    expect(error.cause).toBeUndefined()
    expect(hasher).toMatchObject({ verified: 1, hashed: 0 })
    expect(asked).toEqual([name])
  })

  test.each([
    ['a password of 1,025 bytes', 'alice', 'a'.repeat(1_025)],
    ['a login of 255 characters', 'a'.repeat(255), 'right horse'],
    ['an empty login', ' ', 'right horse'],
    ['a login with NUL', 'alice\0', 'right horse'],
    ['a login with half a character', 'alice\ud800', 'right horse'],
  ])('%s: the same error without any work, as nobody can have it', async (_, name, password) => {
    const { as, hasher } = await start()
    expect(await outcome(as(name, password))).toBe('login_failed')
    expect(hasher.verified).toBe(0)
  })

  test.each([undefined, null, 1, {}, ['right horse']])(
    'case 252: %j is no password, and the value is not told',
    async (password) => {
      const { login } = await start()
      const input = { login: 'alice', password } as never
      await expect(login(input, headWith(), noPeer)).rejects.toMatchObject({
        code: 'request_invalid',
        problems: [{ path: 'password' }],
      })
    },
  )

  test('seed fault 4.1: an access token buys no login, for no method sees it', async () => {
    const seen: unknown[] = []
    const curious: LoginMethod<Account> = {
      name: 'curious',
      login: async (_, { head, users }) => {
        const names = ['authorization', 'cookie', 'Authorization', 'COOKIE'] as Lowercase<string>[]
        seen.push(...names.map((name) => head.header(name)), head.header('user-agent'))
        return head.header('authorization') ? await users.findById('id-alice') : undefined
      },
    }
    const { as } = await start({ methods: [passwords(), curious] })
    const headers = { authorization: 'Bearer genuine', cookie: 'access=genuine', 'user-agent': 'test' }
    expect(await outcome(as('alice', 'wrong horse', headers))).toBe('login_failed')
    expect(seen).toEqual([undefined, undefined, undefined, undefined, 'test'])
  })
})

describe('guessing', () => {
  test('case 202: of 100 wrong passwords at once ten reach the hash', async () => {
    const { as, hasher } = await start()
    const all = await Promise.all(Array.from({ length: 100 }, () => outcome(as('alice', 'wrong horse'))))
    expect(hasher.verified).toBe(10)
    expect(all.filter((one) => one === 'login_throttled')).toHaveLength(90)
  })

  test('an unknown account is throttled like a known one', async () => {
    const { as, hasher } = await start()
    const all = await Promise.all(Array.from({ length: 100 }, () => outcome(as('nobody', 'wrong horse'))))
    expect(hasher.verified).toBe(10)
    expect(all.filter((one) => one === 'login_throttled')).toHaveLength(90)
  })

  test('case 206: the right password waits as well, and is let in after the delay', async () => {
    const { as, clock } = await start()
    for (let i = 0; i < 10; i += 1) await outcome(as('alice', 'wrong horse'))
    const error = await as('alice', 'right horse').catch((error) => error)
    expect(error).toMatchObject({ code: 'login_throttled', retryAfter: 900 })
    clock.now += error.retryAfter
    expect((await as('alice', 'right horse')).user.id).toBe('id-alice')
  })

  test('right passwords are never throttled one after the other', async () => {
    const { as } = await start()
    for (let i = 0; i < 150; i += 1) expect((await as('alice', 'right horse')).by).toBe('password')
  })
})

describe('hashes are renewed', () => {
  test('an outdated one at the login that proves it, once', async () => {
    const { as, hasher, store } = await start()
    await as('outdated', 'right horse')
    expect((await store.findByLogin('outdated'))?.passwordHash).toBe('hash(right horse)')
    await as('outdated', 'right horse')
    expect(hasher.hashed).toBe(1)
  })

  test('case 266: not over a password that was changed meanwhile', async () => {
    const { as, hasher, store } = await start()
    const hash = hasher.hash
    hasher.hash = async (password) => {
      await store.setPasswordHash('id-outdated', 'hash(changed)', 'old(right horse)')
      return await hash(password)
    }
    await as('outdated', 'right horse')
    expect((await store.findByLogin('outdated'))?.passwordHash).toBe('hash(changed)')
  })

  test.each(['overloaded', 'a store that only reads', 'a store that fails'])(
    '%s does not hinder the login',
    async (what) => {
      const store = await storeWith(...everybody)
      const { findById, findByLogin } = store
      const failing = { ...store, setPasswordHash: () => Promise.reject(new Error('read-only')) }
      const users =
        what === 'a store that only reads' ? { findById, findByLogin } : what === 'overloaded' ? store : failing
      const { as, hasher } = await start({ users })
      if (what === 'overloaded') hasher.hash = () => Promise.reject(new AuthError('overloaded'))
      expect((await as('outdated', 'right horse')).user.id).toBe('id-outdated')
    },
  )
})

describe('methods', () => {
  const method = (name: string, login: LoginMethod<Account>['login']): LoginMethod<Account> => ({ name, login })
  const ldapUser = accountOf(account('ldap'))

  test('the first that answers wins, and the others are not asked', async () => {
    const never = method('never', () => Promise.reject(new Error('asked')))
    const { as } = await start({ methods: [passwords(), method('ldap', async () => ldapUser), never] })
    expect(await as('ldap', 'x')).toMatchObject({ user: { id: 'id-ldap' }, by: 'ldap' })
    expect((await as('alice', 'right horse')).by).toBe('password')
  })

  test('an inactive user is not let in by any of them', async () => {
    const { as } = await start({ methods: [method('ldap', async () => ({ ...ldapUser, active: false }))] })
    expect(await outcome(as('ldap', 'x'))).toBe('login_failed')
  })

  test('one that fails is a dependency that failed: nobody is let in, and the next is not asked', async () => {
    const broken = method('ldap', () => Promise.reject(new TypeError('undefined is not a function')))
    const { as, hasher } = await start({ methods: [broken, passwords()] })
    const error = await as('alice', 'right horse').catch((error) => error)
    expect(error).toMatchObject({ code: 'store_failed', hint: "the login method 'ldap' failed" })
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(hasher.verified).toBe(0)
  })

  test('an AuthError of theirs is the answer', async () => {
    const strict = method('ldap', () => Promise.reject(new AuthError('login_throttled', { retryAfter: 5 })))
    const { as } = await start({ methods: [strict, passwords()] })
    await expect(as('alice', 'right horse')).rejects.toMatchObject({ code: 'login_throttled', retryAfter: 5 })
  })

  test('a store that does not answer lets nobody in', async () => {
    const down = () => Promise.reject(new Error('ECONNREFUSED'))
    const { as } = await start({ users: { findById: down, findByLogin: down } })
    expect(await outcome(as('alice', 'right horse'))).toBe('store_failed')
  })
})

describe('events', () => {
  test('tell who and why, and never a password or a token', async () => {
    const { as, seen } = await start()
    const headers = { authorization: 'Bearer secret-token', cookie: 'a=secret-token' }
    await as('ALICE', 'right horse', headers)
    await as('x'.repeat(300), 'secret-password', headers).catch(codeOf)
    await as('alice', 'secret-password', headers).catch(codeOf)
    await delivered()
    expect(seen).toMatchObject([
      ['login.succeeded', { userId: 'id-alice', by: 'password' }],
      ['login.failed', { login: 'x'.repeat(254), error: { code: 'login_failed' } }],
      ['login.failed', { login: 'alice', error: { code: 'login_failed' } }],
    ])
    expect(JSON.stringify(seen)).not.toContain('secret')
    for (const [, { head }] of seen)
      expect([head?.header('authorization'), head?.header('cookie')]).toEqual([undefined, undefined])
  })
})
