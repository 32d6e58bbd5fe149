/** API tokens through the library: made, shown once, limited, expired, revoked. */
import { describe, expect, test } from 'vitest'
import { apiToken } from '../../src/guard/api-token.js'
import { createAuth } from '../../src/index.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { apiKit, callerOf, enter } from './kit.js'

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('an API token', () => {
  test('lets its user in, and is shown once', async () => {
    const { auth, user, clock } = await apiKit()
    const { token, ...shown } = await auth.apiTokens.create(user.id, { name: 'build' })
    expect(token).toMatch(/^lk_[\w-]{22}_[\w-]{49}$/)
    expect(token).toContain(`lk_${shown.id}_`)
    const times = { createdAt: clock.now, expiresAt: clock.now + 90 * 86_400, lastUsedAt: null, revokedAt: null }
    expect(shown).toEqual({ id: shown.id, userId: user.id, name: 'build', permissions: null, active: true, ...times })
    const caller = await callerOf(auth, token)
    expect(caller).toMatchObject({ subject: user.id, userId: user.id, via: 'api-token', claims: {} })
    expect([caller.sessionId, caller.issuer, caller.scopes.size]).toEqual([undefined, undefined, 0])
    expect((await caller.user()).id).toBe(user.id)
    expect(await auth.apiTokens.list({ userId: user.id })).toEqual([{ ...shown, lastUsedAt: clock.now }])
  })

  test('is kept as a hash: neither the row nor the listing holds the secret', async () => {
    const { auth, user, stores } = await apiKit()
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'build' })
    const row = await stores.apiTokens.find(id)
    const kept = JSON.stringify([row, await auth.apiTokens.list()])
    expect(kept).not.toContain(token.slice(26, 69))
    expect(row?.hash).toMatch(/^[\w-]{43}$/)
    expect(JSON.stringify(await auth.apiTokens.list())).not.toContain(row?.hash)
  })

  test.each([
    ['all that the user may', null, { 'posts:write': true, 'hr:read': true, 'hr:write': false }],
    ['a part', ['posts:write'], { 'posts:write': true, 'posts:read': false, 'hr:read': false }],
    ['more than the user may: no more than that', ['*'], { 'posts:write': true, 'hr:read': true, 'hr:write': false }],
    ['what the user may not', ['admin:*'], { 'admin:all': false, 'posts:read': false }],
    ['nothing', [], { 'posts:read': false }],
  ] as const)('may do %s', async (_name, permissions, outcomes) => {
    const { auth, user } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x', permissions })
    const caller = await callerOf(auth, token)
    for (const [wanted, may] of Object.entries(outcomes))
      expect([wanted, await caller.can(wanted)]).toEqual([wanted, may])
  })

  test('loses what its user loses, at once, and gains no more than it lists', async () => {
    const { auth, user } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x', permissions: ['hr:read', 'posts:read'] })
    expect(await (await callerOf(auth, token)).can('hr:read')).toBe(true)
    await auth.users.take(user.id, ['hr:read'])
    expect(await (await callerOf(auth, token)).can('hr:read')).toBe(false)
    await auth.users.grant(user.id, ['hr:*'])
    const caller = await callerOf(auth, token)
    expect([await caller.can('hr:read'), await caller.can('hr:write')]).toEqual([true, false])
  })

  test('is refused from the second it expires, and never where it was made so', async () => {
    const { auth, user, clock, enter } = await apiKit()
    const brief = await auth.apiTokens.create(user.id, { name: 'brief', expiresIn: '30s' })
    const lasting = await auth.apiTokens.create(user.id, { name: 'lasting', expiresIn: null })
    clock.now += 29
    expect(await enter(brief.token)).toBe('good')
    clock.now += 1
    expect(await enter(brief.token)).toBe('token_expired')
    clock.now += 20 * 365 * 86_400
    expect([await enter(brief.token), await enter(lasting.token)]).toEqual(['token_expired', 'good'])
    expect((await auth.apiTokens.list()).map(({ name, active }) => [name, active])).toEqual(
      expect.arrayContaining([
        ['brief', false],
        ['lasting', true],
      ]),
    )
  })

  test('is refused once it is revoked, which may be repeated', async () => {
    const { auth, user, clock, enter } = await apiKit()
    const events: unknown[] = []
    auth.events.on('api-token.revoked', (event) => void events.push(event))
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    const other = await auth.apiTokens.create(user.id, { name: 'y' })
    expect(await enter(token)).toBe('good')
    expect(await auth.apiTokens.revoke(id)).toEqual({ effectiveBy: clock.now + 6 })
    expect([await enter(token), await enter(other.token)]).toEqual(['token_revoked', 'good'])
    await auth.apiTokens.revoke(id)
    await settled()
    expect(events).toEqual([{ userId: user.id, apiToken: id }])
    await expect(auth.apiTokens.revoke('nobody')).rejects.toMatchObject({ code: 'not_found' })
    expect((await auth.apiTokens.list()).find((one) => one.id === id)).toMatchObject({
      revokedAt: clock.now,
      active: false,
    })
  })

  test('is nobody’s while its user is disabled, and for good once the user is deleted', async () => {
    const { auth, user, enter } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    expect(await enter(token)).toBe('good')
    await auth.users.disable(user.id)
    expect(await enter(token)).toBe('user_inactive')
    await expect(auth.apiTokens.create(user.id, { name: 'y' })).rejects.toMatchObject({ code: 'user_inactive' })
    await auth.users.enable(user.id)
    expect(await enter(token)).toBe('good')
    await auth.users.remove(user.id)
    expect(await enter(token)).toBe('token_revoked')
  })

  test('outlives the sessions of its user: those end by themselves', async () => {
    const { auth, user, enter } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    await auth.revoke({ user: user.id })
    await auth.revoke({ everyone: true })
    expect(await enter(token)).toBe('good')
  })

  test('was last used at most five minutes ago when the listing says so, at one write', async () => {
    const { auth, user, clock, line, enter } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    const used = async () => (await auth.apiTokens.list())[0]?.lastUsedAt
    const start = clock.now
    for (let n = 0; n < 20; n++) await enter(token)
    expect([await used(), line.touches]).toEqual([start, 1])
    clock.now += 299
    await enter(token)
    expect([await used(), line.touches]).toEqual([start, 1])
    clock.now += 1
    await enter(token)
    expect([await used(), line.touches]).toEqual([start + 300, 2])
  })

  test('is remembered: a hundred requests ask the store once', async () => {
    const { auth, user, line, enter } = await apiKit()
    const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
    const before = { ...line }
    for (let n = 0; n < 100; n++) expect(await enter(token)).toBe('good')
    expect([line.finds - before.finds, line.users - before.users]).toEqual([1, 1])
    const caller = await callerOf(auth, token)
    expect(await caller.can('posts:write')).toBe(true)
    expect(line.users - before.users).toBe(1)
    await caller.checkNow()
    expect([line.finds - before.finds, line.users - before.users]).toEqual([2, 2])
  })

  test.each([
    [{}, ['name']],
    [undefined, ['name']],
    [{ name: '' }, ['name']],
    [{ name: 'a\nb' }, ['name']],
    [{ name: 'x'.repeat(101) }, ['name']],
    [{ name: 'x', permissions: 'posts:read' }, ['permissions']],
    [{ name: 'x', permissions: ['posts:read', 'no thing'] }, ['permissions[1]']],
    [{ name: 'x', expiresIn: '90 days' }, ['expiresIn']],
    [{ name: 'x', expiresIn: 0 }, ['expiresIn']],
    [{ name: 'x', expiresIn: '3651d' }, ['expiresIn']],
    [{ name: 7, permissions: [7], expiresIn: Number.NaN }, ['name', 'permissions[0]', 'expiresIn']],
  ])('is not made from %j', async (input, paths) => {
    const { auth, user } = await apiKit()
    const made = auth.apiTokens.create(user.id, input as never)
    const { code, problems } = await made.catch((error) => error)
    expect([code, problems.map(({ path }: { path: string }) => path)]).toEqual(['request_invalid', paths])
    expect(await auth.apiTokens.list()).toEqual([])
  })

  test('is not made for nobody', async () => {
    const { auth } = await apiKit()
    await expect(auth.apiTokens.create('nobody', { name: 'x' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('is listed page by page', async () => {
    const { auth, user } = await apiKit()
    const ids = await Promise.all(
      [1, 2, 3].map(async (n) => (await auth.apiTokens.create(user.id, { name: `${n}` })).id),
    )
    const sorted = [...ids].sort((a, b) => (a < b ? -1 : 1))
    const page = await auth.apiTokens.list({ limit: 2 })
    expect(page.map(({ id }) => id)).toEqual(sorted.slice(0, 2))
    expect((await auth.apiTokens.list({ after: sorted[1] })).map(({ id }) => id)).toEqual(sorted.slice(2))
    expect(await auth.apiTokens.list({ userId: 'nobody' })).toEqual([])
  })
})

test('a users table of the application’s own is asked for what the user may, with every request', async () => {
  const rows = new Map([['7', { id: '7', permissions: ['posts:read'], active: true }]])
  const users = { findById: async (id: string) => rows.get(id), findByLogin: async () => undefined }
  const auth = createAuth({ issuer: ISSUER, database: 'memory', secret: SECRET, users, authenticators: [apiToken()] })
  const { token } = await auth.apiTokens.create('7', { name: 'x', permissions: ['posts:*'] })
  expect(await (await callerOf(auth, token)).can('posts:read')).toBe(true)
  rows.set('7', { id: '7', permissions: [], active: true })
  expect(await (await callerOf(auth, token)).can('posts:read')).toBe(false)
  rows.set('7', { id: '7', permissions: ['posts:read'], active: false })
  const caller = await callerOf(auth, token)
  await expect(caller.can('posts:read')).rejects.toMatchObject({ code: 'user_inactive' })
  // Whoever tells of the change is heard at once.
  await auth.revoke({ user: '7' })
  expect(await enter(auth, `Bearer ${token}`)).toBe('user_inactive')
})
