/** Guards, permissions and the context of a caller. */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { contextOf, contextOfUser } from '../../src/guard/context.js'
import { allOf, anyOf, fresh, type Guard, group, permission, scope, signedIn, where } from '../../src/guard/guards.js'
import { grants } from '../../src/guard/permissions.js'
import type { User } from '../../src/stores/port.js'

const clock = () => 1_000
const caller = (permissions: string[]) => contextOfUser({ id: '1', permissions }, 'bearer')

const token = {
  row: 'self',
  subject: '1',
  sessionId: 's',
  jti: 'j',
  stamp: 1,
  scope: 'a b',
  issuer: undefined,
  scopes: new Set(['a', 'b']),
  expiresAt: 2,
  kid: 'k',
}

const nobodys = { findById: async () => undefined, findByLogin: async () => undefined }

/** The caller of a token of our own, as it stands when the clock says 1000. */
const loggedIn = (authTime: unknown, claims: object = {}) =>
  contextOf({ ...token, claims: { auth_time: authTime, ...claims } }, 'bearer', '1', nobodys, async () => {}, clock)

const ofAnotherIssuer = (claims: Record<string, unknown>) => {
  const mapped = { users: 'none', permissions: [], username: undefined, email: undefined, attributes: {}, listed: [] }
  return contextOf({ ...token, claims, mapped: mapped as never }, 'bearer', undefined, nobodys, async () => {}, clock)
}

const verdict = async (guard: Guard, auth: Parameters<Guard>[0]): Promise<string> => {
  try {
    await guard(auth)
    return 'passes'
  } catch (error) {
    return (error as AuthError).code
  }
}

describe('permissions', () => {
  test.each([
    [['posts:write'], 'posts:write', true],
    [['posts:*'], 'posts:write', true],
    [['posts:*'], 'posts:drafts:write', true],
    [['*'], 'posts:write', true],
    [['posts'], 'posts:write', false],
    [['posts:*'], 'postscript:write', false],
    [['posts:write'], 'posts:*', false],
    [['post*'], 'posts:write', false],
    [['administrator'], 'admin', false],
    [[], '', false],
  ])('%j covers %s: %s (case 91)', (held, wanted, covered) => expect(grants(held, wanted)).toBe(covered))

  test('what is held and is no text covers nothing', () => {
    expect(grants([null, 5, {}] as unknown as string[], 'posts:write')).toBe(false)
  })
})

describe('guards', () => {
  test.each([
    ['signedIn', signedIn, undefined, 'credential_missing'],
    ['signedIn', signedIn, caller([]), 'passes'],
    ['permission', permission('posts:write'), undefined, 'credential_missing'],
    ['permission', permission('posts:write'), caller([]), 'permission_denied'],
    ['permission', permission('posts:write'), caller(['posts:*']), 'passes'],
    ['permission of two', permission('posts:write', 'posts:read'), caller(['posts:write']), 'permission_denied'],
    ['scope', scope('posts'), caller(['*']), 'scope_missing'],
    ['anyOf', anyOf(scope('posts'), permission('posts:write')), caller(['posts:write']), 'passes'],
    ['anyOf answers with the first refusal', anyOf(scope('posts'), permission('x')), caller([]), 'scope_missing'],
    ['allOf', allOf(signedIn, permission('x')), caller(['x']), 'passes'],
    ['allOf', allOf(signedIn, permission('x')), caller(['y']), 'permission_denied'],
  ] as const)('%s', async (_name, guard, auth, outcome) => expect(await verdict(guard, auth)).toBe(outcome))

  test.each([
    ['a password sent with the request', contextOfUser({ id: '1' }, 'basic'), 'passes'],
    ['a login 10 minutes ago', loggedIn(400), 'passes'],
    ['a login a second before that', loggedIn(399), 'login_stale'],
    ['a token that does not tell', loggedIn(undefined), 'login_stale'],
    ['a token that tells nonsense', loggedIn('1000'), 'login_stale'],
    ['nobody', undefined, 'credential_missing'],
  ])('fresh, for %s', async (_name, auth, outcome) => expect(await verdict(fresh('10m'), auth)).toBe(outcome))

  test('fresh takes a duration and nothing else', () => {
    expect(() => fresh('soon')).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  })

  test.each([
    ['in the token', loggedIn(0, { groups: ['staff'] }), 'passes'],
    ['in the token, which has others', loggedIn(0, { groups: ['guests'] }), 'permission_denied'],
    ['of the user, where the token says nothing', contextOfUser({ id: '1', groups: ['staff'] }, 'bearer'), 'passes'],
    ['of a user without any', contextOfUser({ id: '1' }, 'bearer'), 'permission_denied'],
    ['of another issuer, whose words are its own', ofAnotherIssuer({ groups: ['staff'] }), 'permission_denied'],
    ['of nobody', undefined, 'credential_missing'],
  ])('group, %s', async (_name, auth, outcome) => expect(await verdict(group('staff', 'board'), auth)).toBe(outcome))

  test('where asks a function about the caller and the request', async () => {
    const isOwn = where<{ owner: string }>((auth, { owner }) => auth.userId === owner)
    const ask = (owner: string) => verdict((auth) => isOwn(auth, { method: 'GET', on: { owner } }), caller([]))
    expect([await ask('1'), await ask('2')]).toEqual(['passes', 'permission_denied'])
    expect(
      await verdict(
        where(() => true),
        undefined,
      ),
    ).toBe('credential_missing')
    expect(
      await verdict(
        where(async () => false),
        caller([]),
      ),
    ).toBe('permission_denied')
  })

  test('a store that fails is no refusal, not even inside anyOf', async () => {
    const broken: Guard = () => {
      throw new AuthError('store_failed')
    }
    expect(await verdict(anyOf(broken, signedIn), caller([]))).toBe('store_failed')
  })

  test('a refusal says what was missing', async () => {
    await expect(permission('a', 'b')(caller(['a']))).rejects.toMatchObject({ missing: ['b'] })
  })
})

describe('the context of a token', () => {
  const users = (user: User | undefined) => {
    let reads = 0
    const findById = async () => {
      reads += 1
      return user
    }
    return { findById, findByLogin: async () => undefined, reads: () => reads }
  }

  test('loads the user once, and only when asked', async () => {
    const table = users({ id: '1', permissions: ['x'] })
    const context = contextOf({ ...token, claims: {} }, 'bearer', '1', table, async () => {}, clock)
    expect(table.reads()).toBe(0)
    await Promise.all([context.user(), context.user(), context.can('x')])
    expect(table.reads()).toBe(1)
  })

  test('takes permissions from a token that carries them, without a look at the user', async () => {
    const table = users(undefined)
    const context = contextOf(
      { ...token, claims: { permissions: ['x:*'] } },
      'bearer',
      '1',
      table,
      async () => {},
      clock,
    )
    expect(await context.can('x:y')).toBe(true)
    expect(await context.can('y')).toBe(false)
    expect(table.reads()).toBe(0)
  })

  test.each([undefined, { id: '1', active: false }])('a user who is gone or inactive is nobody', async (user) => {
    const context = contextOf({ ...token, claims: {} }, 'bearer', '1', users(user), async () => {}, clock)
    await expect(context.user()).rejects.toMatchObject({ code: 'user_inactive' })
    await expect(context.can('x')).rejects.toMatchObject({ code: 'user_inactive' })
  })
})
