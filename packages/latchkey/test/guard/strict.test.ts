/** Guards under wrong and hostile use: a slip in the application, or a strange token, lets nobody in. */
import { describe, expect, test } from 'vitest'
import { admit } from '../../src/adapters/guarding.js'
import { AuthError } from '../../src/errors.js'
import { attach } from '../../src/guard/attached.js'
import { type AuthContext, contextOf, contextOfUser } from '../../src/guard/context.js'
import {
  allOf,
  anyOf,
  checkNow,
  fresh,
  type Guard,
  group,
  modelPermissions,
  permission,
  scope,
  signedIn,
  where,
} from '../../src/index.js'

const alice = contextOfUser({ id: '1', permissions: ['posts:*'], groups: ['staff'] }, 'bearer')
const token = { row: 'self', subject: '1', sessionId: 's', jti: 'j', stamp: 1, scope: 'a', kid: 'k', expiresAt: 2_000 }
const nobodys = { findById: async () => undefined, findByLogin: async () => undefined }

/** The caller of a token of our own with these claims, as it stands when the clock says 1000. */
function saying(claims: object, dead?: AuthError): AuthContext {
  const said = { ...token, issuer: undefined, scopes: new Set(['a']), claims: claims as never, mapped: undefined }
  const check = async () => {
    if (dead) throw dead
  }
  return contextOf(said, 'bearer', '1', nobodys, check, () => 1_000)
}

/** As an adapter asks: what an authenticated request is answered at a guard. */
async function verdict(guard: unknown, context: AuthContext | undefined = alice): Promise<string> {
  const request = {}
  attach(request, {}, context ? { context } : {})
  try {
    await admit(request, 'GET', guard as Guard)
    return 'passes'
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error)
  }
}

describe('a guard that is made wrongly is not made', () => {
  const wrong = [undefined, null, '', 0, 7, true, {}, [], ['posts:write'], Symbol('x'), alice] as never[]
  test.each([
    ['permission', permission, []],
    ['scope', scope, ['a b', 'a"b', 'a\\b', 'a\nb', 'ä']],
    ['group', group, []],
    ['modelPermissions', modelPermissions, ['a b', 'a:b', 'x'.repeat(201)]],
    ['fresh', fresh, ['soon', '-1s', '1.5h', -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ['where', where, ['posts']],
    ['anyOf', anyOf, ['posts']],
    ['allOf', allOf, ['posts']],
  ])('%s', (name, make, more) => {
    const given = name === 'fresh' ? wrong.filter((one) => one !== 0 && one !== 7) : wrong
    for (const one of [...given, ...more] as never[])
      expect(() => (make as (one: never) => Guard)(one), String(one)).toThrow(
        expect.objectContaining({ code: 'options_invalid' }),
      )
    expect(() => (make as () => Guard)()).toThrow(expect.objectContaining({ code: 'options_invalid' }))
    if (name !== 'fresh' && name !== 'modelPermissions')
      expect(() => (make as (...both: unknown[]) => Guard)(undefined, signedIn, 'x')).toThrow()
  })
})

describe('a guard that answers anything lets nobody in', () => {
  test.each<[string, unknown]>([
    ['false', () => false],
    ['true: it is no guard, and nobody knows what it meant', () => true],
    ['a promise of false', async () => false],
    // biome-ignore lint/suspicious/noThenProperty: promises of other makes look so.
    ['a promise of another make', () => ({ then: (told: (one: unknown) => void) => told(false) })],
    ['null', () => null],
    ['a guard, because it was never called', () => signedIn],
    ['what makes guards', permission],
    ['what makes guards of functions', where],
    ['what makes guards of guards', anyOf],
    ['all of them', allOf],
    ['a duration', fresh],
  ])('%s', async (_, guard) => {
    expect(await verdict(guard)).toBe('options_invalid')
    for (const inside of [() => anyOf(guard as Guard, signedIn), () => allOf(guard as Guard, signedIn)])
      expect(await verdict(inside())).toBe('options_invalid')
  })

  test('nothing, and a promise of nothing, pass', async () => {
    for (const guard of [() => {}, async () => {}]) expect(await verdict(guard)).toBe('passes')
  })
})

describe('where', () => {
  test.each([1, 'false', {}, [], null, undefined, Promise.resolve('yes')])('refuses for %j', async (answer) => {
    expect(await verdict(where(() => answer as never))).toBe('permission_denied')
  })

  test('that throws is a fault, not a refusal, also inside anyOf', async () => {
    const broken = where(() => {
      throw new TypeError('no such row')
    })
    for (const guard of [broken, anyOf(broken, signedIn)]) expect(await verdict(guard)).toBe('TypeError: no such row')
  })
})

describe('what a token says is taken as it is, or not at all', () => {
  test.each<[string, object, Guard, string]>([
    ['permissions as text', { permissions: 'posts:*' }, permission('posts:write'), 'user_inactive'],
    ['permissions in an object', { permissions: { 0: '*', length: 1 } }, permission('posts:write'), 'user_inactive'],
    ['permissions of other types', { permissions: [['*'], { a: 1 }, null, 42] }, permission('x'), 'permission_denied'],
    [
      'half a wildcard',
      { permissions: ['post*', '*:write', '**', ':*'] },
      permission('posts:write'),
      'permission_denied',
    ],
    ['groups as text', { groups: 'staff' }, group('staff'), 'user_inactive'],
    ['a group within a group', { groups: [['staff'], 'staff ', 'Staff'] }, group('staff'), 'permission_denied'],
    ['a scope as a claim', { scopes: ['b'], scope: 'b' }, scope('b'), 'scope_missing'],
    ['a login tomorrow', { auth_time: 90_000 }, fresh('10m'), 'login_stale'],
    ['a login never', { auth_time: Number.NaN }, fresh('10m'), 'login_stale'],
    ['a login at the end of time', { auth_time: Number.POSITIVE_INFINITY }, fresh('10m'), 'login_stale'],
    ['a login of a clock that is a minute ahead', { auth_time: 1_060 }, fresh('10m'), 'passes'],
    ['a login this second', { auth_time: 1_000 }, fresh(0), 'passes'],
  ])('%s', async (_, claims, guard, outcome) => expect(await verdict(guard, saying(claims))).toBe(outcome))

  test('a credential that one of several guards finds dead is dead', async () => {
    for (const code of ['token_revoked', 'token_stale', 'user_inactive', 'token_expired'] as const)
      expect(await verdict(anyOf(checkNow, signedIn), saying({}, new AuthError(code)))).toBe(code)
    expect(await verdict(anyOf(fresh('1s'), signedIn), saying({ auth_time: 0 }))).toBe('passes')
  })
})
