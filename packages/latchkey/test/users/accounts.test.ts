/** Promises about accounts: what is refused, what is told, and that sessions end after the change. */
import { describe, expect, test } from 'vitest'
import type { NewAccount } from '../../src/stores/port.js'
import { createAccounts } from '../../src/users/accounts.js'
import { createThrottle } from '../../src/users/throttle.js'
import { account, countingHasher, delivered, fakeClock, outcome, recordedEvents, storeWith } from './fixtures.js'

async function start(...rows: NewAccount[]) {
  const store = await storeWith(...rows)
  const hasher = countingHasher()
  const clock = fakeClock()
  const { events, seen } = recordedEvents('user.created', 'password.changed')
  const ended: unknown[] = []
  const hashOf = async (name: string) => (await store.findByLogin(name))?.passwordHash
  /** What stood in the store when the sessions were ended. */
  const end = async (id: string, because: string, spare?: string) => {
    const now = await store.findById(id)
    ended.push({ id, because, spare, active: now?.active, hash: await hashOf(now?.username ?? '') })
  }
  const stale = async (id: string) => void ended.push({ id, because: 'permissions' })
  const throttle = createThrottle({ clock })
  const accounts = createAccounts({ store, hasher, clock, throttle, events, end, stale })
  return { accounts, store, hasher, clock, seen, ended, hashOf }
}

const problems = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error) => error.problems?.map(({ path, rule }: Record<string, string>) => `${path}:${rule}`) ?? error.code,
  )

describe('making them', () => {
  test('canonical, with a hash that is not in the answer', async () => {
    const { accounts, clock, seen, hashOf } = await start()
    const made = await accounts.create({ username: ' Alice', password: 'right horse', email: 'Alice@Example.com' })
    expect(made).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      username: 'alice',
      email: 'alice@example.com',
      active: true,
      admin: false,
      permissions: [],
      granted: [],
      groups: [],
      createdAt: clock.now,
      attributes: {},
      lastLoginAt: null,
    })
    expect(await hashOf('alice')).toBe('hash(right horse)')
    expect(await accounts.byId(made.id)).toEqual(made)
    expect(await accounts.byUsername('ALICE')).toEqual(made)
    await delivered()
    expect(seen).toEqual([['user.created', { userId: made.id, user: made }]])
  })

  test('imports keep ids and hashes; without either nobody logs in by password', async () => {
    const { accounts, hashOf } = await start()
    const passwordHash = `$argon2id$v=19$m=102400,t=2,p=8$${'A'.repeat(22)}$${'A'.repeat(43)}`
    expect((await accounts.create({ username: 'old', id: '42', passwordHash })).id).toBe('42')
    expect(await hashOf('old')).toBe(passwordHash)
    await accounts.create({ username: 'external' })
    expect(await hashOf('external')).toBeNull()
  })

  test('every problem is told at once, by path, before anything is hashed', async () => {
    const { accounts, hasher } = await start()
    const bad = {
      username: 'two words',
      password: 'short',
      email: 'a@x,b@y',
      passwordHash: 'x',
      id: '',
      admin: 'yes',
      permissions: ['posts:write', 'a b'],
    }
    expect(await problems(accounts.create(bad as never))).toEqual([
      'username:format',
      'email:format',
      'password:short',
      'passwordHash:unknown',
      'id:format',
      'admin:type',
      'permissions[1]:format',
    ])
    expect(hasher.hashed).toBe(0)
  })

  test('case 201: an imported hash that would stop the process is refused where it comes in', async () => {
    const { accounts } = await start()
    const passwordHash = `$argon2id$v=19$m=8388608,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
    expect(await problems(accounts.create({ username: 'x', passwordHash }))).toEqual(['passwordHash:format'])
  })

  test.each([
    ['user name', { username: 'ＡＬＩＣＥ' }],
    ['address', { username: 'other', email: 'ALICE@example.com' }],
    ['id', { username: 'other', id: 'id-alice' }],
  ])('case 251: a taken %s is a conflict', async (_, input) => {
    const { accounts } = await start(account('alice', { email: 'alice@example.com' }))
    expect(await outcome(accounts.create(input))).toBe('conflict')
  })

  test('of ten who want one name at once one gets it', async () => {
    const { accounts } = await start()
    const wish = () => outcome(accounts.register({ username: 'alice', password: 'right horse' }))
    const all = await Promise.all(Array.from({ length: 10 }, wish))
    expect(all.filter((one) => one === 'ok')).toHaveLength(1)
    expect(all.filter((one) => one === 'conflict')).toHaveLength(9)
  })
})

describe('registration', () => {
  test('case 198: a taken name is told', async () => {
    const { accounts } = await start(account('alice'))
    expect(await outcome(accounts.register({ username: 'Alice', password: 'right horse' }))).toBe('conflict')
  })

  test.each([
    'is_admin',
    'admin',
    'role',
    'id',
    'email_verified',
    'passwordHash',
    'permissions',
    'tenant',
    '__proto__',
    'constructor',
  ])('case 207: %s is refused and nothing is written', async (name) => {
    const { accounts, hasher } = await start()
    const input = JSON.parse(`{"username":"mallory","password":"right horse","${name}":{"admin":true}}`)
    expect(await problems(accounts.register(input))).toEqual([`${name}:unknown`])
    expect(await accounts.byUsername('mallory')).toBeUndefined()
    expect(hasher.hashed).toBe(0)
  })

  test.each([
    [undefined, [':type']],
    [null, [':type']],
    [[], [':type']],
    ['text', [':type']],
    [{}, ['username:required', 'password:required']],
    [{ username: { $ne: null }, password: ['x'], email: 1 }, ['username:type', 'email:type', 'password:type']],
    [{ username: 'alice', password: null }, ['password:null']],
    [{ username: 'right horse', password: 'right horse' }, ['username:format', 'password:common']],
  ])('case 252: %j', async (input, expected) => {
    const { accounts } = await start()
    expect(await problems(accounts.register(input))).toEqual(expected)
  })
})

describe('case 253: passwords are changed', () => {
  test('by the right current one: the hash first, then the other sessions end', async () => {
    const { accounts, ended, seen } = await start(account('alice'))
    await accounts.changePassword('id-alice', 'right horse', 'better horse', 'sid-1')
    expect(ended).toEqual([
      { id: 'id-alice', because: 'password', spare: 'sid-1', active: true, hash: 'hash(better horse)' },
    ])
    await delivered()
    expect(seen).toEqual([['password.changed', { userId: 'id-alice', sessionId: 'sid-1' }]])
  })

  test.each([
    ['a wrong current one', 'id-alice', 'wrong horse', 'better horse', 'login_failed'],
    ['a current one of 1,025 bytes', 'id-alice', 'a'.repeat(1_025), 'better horse', 'login_failed'],
    ['a user who is gone', 'id-nobody', 'right horse', 'better horse', 'login_failed'],
    ['an inactive user', 'id-inactive', 'right horse', 'better horse', 'login_failed'],
    ['a user without a password', 'id-external', 'right horse', 'better horse', 'login_failed'],
    ['a new one that is too short', 'id-alice', 'right horse', 'short', 'request_invalid'],
    ['a new one that is the user name', 'id-longalice', 'right horse', 'LongAlice', 'request_invalid'],
  ])('not with %s', async (_, id, current, next, code) => {
    const rows = [account('alice'), account('longalice'), account('inactive', { active: false })]
    const { accounts, ended, hashOf } = await start(...rows, account('external', { passwordHash: null }))
    expect(await outcome(accounts.changePassword(id, current, next))).toBe(code)
    expect(ended).toEqual([])
    expect(await hashOf('alice')).toBe('hash(right horse)')
  })

  test('whoever stole a session has ten guesses at the current one', async () => {
    const { accounts, hasher } = await start(account('alice'))
    const guess = () => outcome(accounts.changePassword('id-alice', 'wrong horse', 'better horse'))
    const all = await Promise.all(Array.from({ length: 50 }, guess))
    expect(hasher.verified).toBe(10)
    expect(all.filter((one) => one === 'login_throttled')).toHaveLength(40)
  })

  test('of two changes at once one wins', async () => {
    const { accounts, hashOf } = await start(account('alice'))
    const change = (next: string) => outcome(accounts.changePassword('id-alice', 'right horse', next))
    const all = await Promise.all([change('better horse'), change('other horse!')])
    expect(all.sort()).toEqual(['conflict', 'ok'])
    expect(await hashOf('alice')).toMatch(/^hash\((?:better horse|other horse!)\)$/)
  })

  test('by an operator, who need not know the current one and ends every session', async () => {
    const { accounts, ended } = await start(account('alice'))
    await accounts.setPassword('id-alice', 'better horse')
    expect(ended).toMatchObject([{ id: 'id-alice', because: 'password', spare: undefined, hash: 'hash(better horse)' }])
    expect(await outcome(accounts.setPassword('id-alice', 'short'))).toBe('request_invalid')
    expect(await outcome(accounts.setPassword('id-nobody', 'better horse'))).toBe('not_found')
  })
})

describe('who may come in', () => {
  test('disabling is the change first, then the end; repeating it ends again; enabling lets in', async () => {
    const { accounts, ended } = await start(account('alice'))
    await accounts.disable('id-alice')
    await accounts.disable('id-alice')
    expect(ended).toMatchObject([
      { id: 'id-alice', because: 'disabled', active: false },
      { id: 'id-alice', because: 'disabled', active: false },
    ])
    await accounts.enable('id-alice')
    expect((await accounts.byId('id-alice'))?.active).toBe(true)
    expect(await outcome(accounts.disable('id-nobody'))).toBe('not_found')
    expect(await outcome(accounts.enable('id-nobody'))).toBe('not_found')
  })

  test('case 259: the last administrator stays; of two who disable each other at once one succeeds', async () => {
    const { accounts, ended } = await start(account('root', { admin: true }), account('boss', { admin: true }))
    const all = await Promise.all([outcome(accounts.disable('id-root')), outcome(accounts.disable('id-boss'))])
    expect(all.sort()).toEqual(['conflict', 'ok'])
    expect(ended).toHaveLength(1)
  })
})

describe('permissions', () => {
  test('are granted and taken, and make the tokens stale', async () => {
    const { accounts, ended } = await start(account('alice', { permissions: ['posts:read'] }))
    const granted = await accounts.grant('id-alice', ['posts:write', 'posts:read'])
    expect(granted.permissions).toEqual(['posts:read', 'posts:write'])
    expect((await accounts.take('id-alice', ['posts:read', 'never:there'])).permissions).toEqual(['posts:write'])
    expect((await accounts.byId('id-alice'))?.permissions).toEqual(['posts:write'])
    expect(ended).toHaveLength(2)
    expect(await problems(accounts.grant('id-alice', ['a b']))).toEqual(['permissions[0]:format'])
    expect(await outcome(accounts.take('id-nobody', []))).toBe('not_found')
  })

  test('three grants at once lose nothing', async () => {
    const { accounts } = await start(account('alice'))
    await Promise.all(['a', 'b', 'c'].map((permission) => accounts.grant('id-alice', [permission])))
    expect([...((await accounts.byId('id-alice'))?.permissions ?? [])].sort()).toEqual(['a', 'b', 'c'])
  })
})

test('accounts are listed by user name, after the given one', async () => {
  const { accounts } = await start(account('carol'), account('alice'), account('bob'))
  expect((await accounts.list()).map(({ username }) => username)).toEqual(['alice', 'bob', 'carol'])
  expect((await accounts.list('alice', 1)).map(({ username }) => username)).toEqual(['bob'])
  expect(await accounts.byUsername('a\0')).toBeUndefined()
})
