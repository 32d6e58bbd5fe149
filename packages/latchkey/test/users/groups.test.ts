/** Promises about groups: what a group may its members may, at once and for tokens that were issued before, and no longer than that. */
import { describe, expect, test } from 'vitest'
import { apiToken, basic, createAuth, group, jwt, permission } from '../../src/index.js'
import { createGroups } from '../../src/users/groups.js'
import { callerOf } from '../api-tokens/kit.js'
import { ISSUER, PASSWORD, SECRET, signedIn } from '../auth-kit.js'

const saying = (user: { permissions?: readonly string[]; groups?: readonly string[] }) => ({
  permissions: user.permissions ?? [],
  groups: user.groups ?? [],
})

async function start(options: Parameters<typeof signedIn>[0] = {}) {
  const { auth, user, login } = await signedIn({ authenticators: [jwt(), basic(), apiToken()], ...options })
  if (!auth.groups) throw new Error('there are no groups')
  await auth.users.take(user.id, ['posts:*'])
  return { auth, user, groups: auth.groups, login, enter: async () => entering(auth, (await login()).access_token) }
}

/** A caller who goes on with one token: what the guards say to it, or why it is refused. */
function entering(auth: Parameters<typeof callerOf>[0], token: string) {
  return async (guard: ReturnType<typeof permission>) => {
    try {
      await guard(await callerOf(auth, token))
      return 'done'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => error.code,
  )
const mayWrite = permission('posts:write')
const isEditor = group('editors')

describe('what a group may, a member may', () => {
  test('from the moment of each change, with the token from before', async () => {
    const { user, groups, enter } = await start()
    const ask = await enter()
    const both = async () => [await ask(mayWrite), await ask(isEditor)]
    const stale = ['token_stale', 'token_stale']
    expect(await both()).toEqual(['permission_denied', 'permission_denied'])
    await groups.create('editors', ['posts:*'])
    expect(await both(), 'a group without members is nobody’s business').toEqual([
      'permission_denied',
      'permission_denied',
    ])
    for (const change of [
      () => groups.join('editors', user.id),
      () => groups.deny('editors', ['posts:*']),
      () => groups.leave('editors', user.id),
    ]) {
      const before = await enter()
      await change()
      expect([await before(mayWrite), await before(isEditor)]).toEqual(stale)
    }
    expect(await both()).toEqual(stale)
  })

  test('and the next token says so', async () => {
    const { user, groups, enter } = await start()
    await groups.create('editors', ['posts:*'])
    await groups.join('editors', user.id)
    const member = await enter()
    expect([await member(mayWrite), await member(isEditor), await member(permission('hr:read'))]).toEqual([
      'done',
      'done',
      'permission_denied',
    ])
    await groups.allow('editors', ['hr:read'])
    expect(await (await enter())(permission('hr:read'))).toBe('done')
    await groups.remove('editors')
    expect(await member(mayWrite)).toBe('token_stale')
    const after = await enter()
    expect([await after(mayWrite), await after(isEditor)]).toEqual(['permission_denied', 'permission_denied'])
  })

  test('also where the tokens carry it, and with Basic', async () => {
    const { auth, user, groups, enter } = await start({ claims: saying })
    await groups.create('editors', ['posts:*'])
    await groups.join('editors', user.id)
    const ask = await enter()
    expect([await ask(mayWrite), await ask(isEditor)]).toEqual(['done', 'done'])
    await groups.deny('editors', ['posts:*'])
    expect(await ask(mayWrite)).toBe('token_stale')
    const authorization = `Basic ${Buffer.from(`alice:${PASSWORD}`).toString('base64')}`
    const head = { method: 'GET', header: (name: string) => (name === 'authorization' ? authorization : undefined) }
    const { context } = await auth.authenticate(head)
    expect([await codeOf(mayWrite(context) as never), await codeOf(isEditor(context) as never)]).toEqual([
      'permission_denied',
      'done',
    ])
  })

  test('to an API token, unless it is limited: then it is in no group, and may what both may', async () => {
    const { auth, user, groups } = await start()
    await groups.create('editors', ['posts:*'])
    const whole = await auth.apiTokens.create(user.id, { name: 'whole' })
    const limited = await auth.apiTokens.create(user.id, { name: 'limited', permissions: ['posts:write', 'hr:read'] })
    const [asWhole, asLimited] = [entering(auth, whole.token), entering(auth, limited.token)]
    expect([await asWhole(mayWrite), await asLimited(mayWrite)]).toEqual(['permission_denied', 'permission_denied'])
    await groups.join('editors', user.id)
    expect([await asWhole(mayWrite), await asLimited(mayWrite)]).toEqual(['done', 'done'])
    expect([await asWhole(isEditor), await asLimited(isEditor)]).toEqual(['done', 'permission_denied'])
    expect([await asWhole(permission('posts:edit')), await asLimited(permission('posts:edit'))]).toEqual([
      'done',
      'permission_denied',
    ])
    await groups.remove('editors')
    expect([await asWhole(mayWrite), await asWhole(isEditor)]).toEqual(['permission_denied', 'permission_denied'])
  })

  test('and keeps what was granted alone', async () => {
    const { auth, user, groups } = await start()
    await groups.create('editors', ['posts:*', 'posts:*'])
    await groups.join('editors', user.id)
    expect(await auth.users.grant(user.id, ['posts:*', 'hr:read'])).toMatchObject({
      permissions: ['posts:*', 'hr:read'],
      granted: ['posts:*', 'hr:read'],
      groups: ['editors'],
    })
    expect((await auth.users.take(user.id, ['posts:*'])).permissions).toEqual(['hr:read', 'posts:*'])
    await groups.leave('editors', user.id)
    expect((await auth.users.byId(user.id))?.permissions).toEqual(['hr:read'])
  })
})

describe('the library', () => {
  test('lists groups and members, and may be asked twice', async () => {
    const { user, groups } = await start()
    for (const name of ['b', 'a']) await groups.create(name)
    for (const _ of [1, 2]) await groups.join('a', user.id)
    expect((await groups.members('a')).map(({ username }) => username)).toEqual(['alice'])
    expect((await groups.list()).map(({ name }) => name)).toEqual(['a', 'b'])
    expect((await groups.list('a', 1)).map(({ name }) => name)).toEqual(['b'])
    for (const _ of [1, 2]) await groups.leave('a', user.id)
    expect(await groups.members('a')).toEqual([])
    expect(await groups.byName('c')).toBeUndefined()
  })

  test.each<[string, string | undefined, unknown, unknown?]>([
    ['an empty name', 'request_invalid', ''],
    ['a name that ends in a space', 'request_invalid', 'editors '],
    ['a name with a line break', 'request_invalid', 'a\nb'],
    ['a name with a character that nobody sees', 'request_invalid', 'a\u200bb'],
    ['a name that is too long', 'request_invalid', 'x'.repeat(151)],
    ['no name', 'request_invalid', undefined],
    ['a name that is none', 'request_invalid', { toString: () => 'editors' }],
    ['permissions that are none', 'request_invalid', 'x', ['a b']],
    ['permissions that are no list', 'request_invalid', 'x', 'posts:*'],
    ['permissions of another type', 'request_invalid', 'x', [null, {}]],
    ['a name that is taken', 'conflict', 'editors'],
    ['a name of another script', undefined, 'Редакторы 編集者'],
    ['a name that objects have', undefined, '__proto__'],
  ])('takes %s: %s', async (_, code, name, permissions) => {
    const { groups } = await start()
    await groups.create('editors')
    expect(await codeOf(groups.create(name as string, permissions as string[]))).toBe(code ?? 'done')
    expect(await codeOf(groups.allow('editors', (permissions ?? []) as string[]))).toBe(
      permissions === undefined ? 'done' : 'request_invalid',
    )
  })

  test('knows neither a group nor a user that there is not', async () => {
    const { user, groups } = await start()
    await groups.create('editors')
    for (const attempt of [
      groups.remove('editor'),
      groups.allow('editor', []),
      groups.deny('editor', []),
      groups.members('editor'),
      groups.join('editor', user.id),
      groups.leave('editor', user.id),
      groups.join('editors', 'nobody'),
      groups.leave('editors', 'nobody'),
    ])
      expect(await codeOf(attempt)).toBe('not_found')
  })

  test('changes at once lose nothing, and a change that never gets through is a conflict', async () => {
    const { groups } = await start()
    await groups.create('editors')
    await Promise.all(['a', 'b', 'c'].map((permission) => groups.allow('editors', [permission])))
    expect((await groups.byName('editors'))?.permissions.toSorted()).toEqual(['a', 'b', 'c'])
    const never = { find: async () => ({ name: 'x', permissions: [], createdAt: 0 }), change: async () => false }
    const parts = { users: { findById: async () => undefined }, clock: () => 0, until: () => 0, pull: async () => {} }
    expect(await codeOf(createGroups({ ...parts, store: never as never }).allow('x', []))).toBe('conflict')
  })

  test('has none where the users table is the application’s own', () => {
    const users = { findById: async () => undefined, findByLogin: async () => undefined }
    expect(createAuth({ issuer: ISSUER, secret: SECRET, database: 'memory', users }).groups).toBeUndefined()
  })
})
