/** API tokens over several processes: revoked while they are used, cut off from the log, restored from a backup. */
import { describe, expect, test } from 'vitest'
import { createEpochs } from '../../src/revocation/epochs.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { ApiToken } from '../../src/stores/port.js'
import { createApiTokenCheck } from '../../src/users/api-token-check.js'
import { spellToken } from '../../src/users/api-token-form.js'
import { apiKit, callerOf } from './kit.js'

/** Longer than any read of the log takes to be noticed as missing. */
const BOUND = { poll: 1, bound: 5 }

/** The memory store has answered by then. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a token that is revoked', () => {
  test('is refused by every process by the time that was told', async () => {
    const { auth, user, clock, process, enter } = await apiKit({ revocation: BOUND })
    const others = [process(), process()]
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    for (const other of others) expect(await other.enter(token)).toBe('good')
    const { effectiveBy } = await auth.apiTokens.revoke(id)
    clock.now = effectiveBy
    for (const other of others) expect(await other.enter(token)).toBe('token_revoked')
    expect(await enter(token)).toBe('token_revoked')
  })

  test('is refused by whoever asks after the answer, fifty at once and in the middle of a read', async () => {
    const { auth, user, line, enter } = await apiKit()
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    let go = () => {}
    line.wait = new Promise((resolve) => {
      go = resolve
    })
    const before = Array.from({ length: 50 }, () => enter(token))
    line.wait = undefined
    await auth.apiTokens.revoke(id)
    const after = Array.from({ length: 50 }, () => enter(token))
    go()
    expect(new Set(await Promise.all(after))).toEqual(new Set(['token_revoked']))
    // They came first, but by the time of their answer it was known.
    expect(new Set(await Promise.all(before))).toEqual(new Set(['token_revoked']))
    expect(await enter(token)).toBe('token_revoked')
  })

  test('is revoked once by fifty at once, and each of them is told', async () => {
    const { auth, user, enter } = await apiKit()
    const events: unknown[] = []
    auth.events.on('api-token.revoked', (event) => void events.push(event))
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    const told = await Promise.all(Array.from({ length: 50 }, () => auth.apiTokens.revoke(id)))
    await settled()
    expect([told.length, events.length, await enter(token)]).toEqual([50, 1, 'token_revoked'])
  })
})

test('fifty first requests of one token ask the store once', async () => {
  const { auth, user, line, enter } = await apiKit()
  const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => enter(token)))
  expect([new Set(outcomes), line.finds]).toEqual([new Set(['good']), 1])
  expect(line.touches).toBe(1)
})

test('who was disabled stays out, also with a read that began before', async () => {
  const { auth, user, line, enter } = await apiKit()
  const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
  let go = () => {}
  line.waitUser = new Promise((resolve) => {
    go = resolve
  })
  const before = enter(token)
  await settled()
  line.waitUser = undefined
  await auth.users.disable(user.id)
  const after = enter(token)
  go()
  expect([await after, await before]).toEqual(['user_inactive', 'good'])
  expect(await enter(token)).toBe('user_inactive')
})

describe('a process that is cut off from the log', () => {
  test.each([
    ['ask-store', 'store_failed'],
    ['deny', 'store_failed'],
    ['allow', 'good'],
  ] as const)('and is told to %s answers %s', async (whenStale, outcome) => {
    const { auth, user, clock, process, enter } = await apiKit({ revocation: { ...BOUND, whenStale } })
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    const other = process()
    expect(await other.enter(token)).toBe('good')
    other.line.cut = true
    clock.now += 6
    expect(await other.enter(token)).toBe(outcome)
    // What it knows to be over it refuses without asking anybody.
    expect(await other.enter('lk_x')).toBe('token_invalid')
    other.line.cut = false
    const { effectiveBy } = await auth.apiTokens.revoke(id)
    expect(effectiveBy).toBe(clock.now + 6 + (whenStale === 'allow' ? 60 : 0))
    expect(await enter(token)).toBe('token_revoked')
  })

  test('asks the store, where it can, before it goes on', async () => {
    const { auth, user, clock, process } = await apiKit({ revocation: BOUND })
    const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
    const other = process()
    expect(await other.enter(token)).toBe('good')
    await auth.apiTokens.revoke(id)
    clock.now += 6
    expect(await other.enter(token)).toBe('token_revoked')
  })
})

test('checkNow is refused as soon as the store knows', async () => {
  const { auth, user, process } = await apiKit()
  const { token, id } = await auth.apiTokens.create(user.id, { name: 'x' })
  const other = process()
  const caller = await callerOf(other.auth, token)
  await caller.checkNow()
  await auth.apiTokens.revoke(id)
  await expect(caller.checkNow()).rejects.toMatchObject({ code: 'token_revoked' })
  // What ended all tokens stands in the log alone.
  const next = await callerOf(other.auth, (await auth.apiTokens.create(user.id, { name: 'y' })).token)
  await next.checkNow()
  await auth.apiTokens.revokeAll()
  await expect(next.checkNow()).rejects.toMatchObject({ code: 'token_revoked' })
})

describe('after a backup came back', () => {
  test('every token of before is over, for good and in new processes too, and new ones are made', async () => {
    const { auth, user, clock, process, enter } = await apiKit()
    const old = await Promise.all(
      [1, 2, 3].map((n) => auth.apiTokens.create(user.id, { name: `${n}`, expiresIn: null })),
    )
    const session = await auth.tokens.issue(user)
    const { effectiveBy } = await auth.apiTokens.revokeAll()
    expect(effectiveBy).toBe(clock.now + 6)
    // Sessions are ended by themselves.
    expect((await auth.tokens.verify(session.access)).subject).toBe(user.id)
    const next = await auth.apiTokens.create(user.id, { name: 'new', expiresIn: null })
    for (const { token } of old) expect(await enter(token)).toBe('token_revoked')
    expect(await enter(next.token)).toBe('good')
    clock.now += 20 * 365 * 86_400
    await auth.prune()
    const later = process()
    for (const { token } of old) expect(await later.enter(token)).toBe('token_revoked')
    expect(await later.enter(next.token)).toBe('good')
    const active = (await auth.apiTokens.list()).filter((one) => one.active)
    expect(active.map(({ name }) => name)).toEqual(['new'])
  })
})

test('a revoked token stays so in a database that forgot it, as long as somebody remembers, and after a prune', async () => {
  const { auth, user, stores, clock, process } = await apiKit()
  const lasting = await auth.apiTokens.create(user.id, { name: 'x', expiresIn: null })
  const brief = await auth.apiTokens.create(user.id, { name: 'y', expiresIn: '90d' })
  for (const { id } of [lasting, brief]) await auth.apiTokens.revoke(id)
  const rows = new Map<string, ApiToken>()
  for (const { id } of [lasting, brief])
    rows.set(id, { ...((await stores.apiTokens.find(id)) as ApiToken), revokedAt: null })
  Object.assign(stores.apiTokens, { find: async (id: string) => rows.get(id) })
  clock.now += 89 * 86_400
  await auth.prune()
  const later = process()
  for (const { token } of [lasting, brief]) expect(await later.enter(token)).toBe('token_revoked')
})

test('what is remembered is remembered for a minute, whoever told nobody of a change', async () => {
  const clock = { now: 1_700_000_000 }
  const stores = memoryStores({ clock: () => clock.now })
  const moment = { now: 0 }
  let finds = 0
  const { token, id, digest } = spellToken(1, Buffer.alloc(32))
  const row = { id, userId: 'u', name: 'x', hash: digest, permissions: null, createdAt: 1 }
  await stores.apiTokens.create({ ...row, expiresAt: null, lastUsedAt: null, revokedAt: null })
  const user = { id: 'u', permissions: [], active: true }
  const check = createApiTokenCheck({
    tokens: { ...stores.apiTokens, find: (one) => stores.apiTokens.find(one).finally(() => finds++) },
    users: { findById: async () => user },
    usersTell: false,
    epochs: createEpochs({ clock: () => clock.now }),
    freshness: { overdue: () => undefined, ask: async () => {} },
    head: () => 0,
    keys: () => [Buffer.alloc(32)],
    clock: () => clock.now,
    monotonic: () => moment.now,
    failed: () => expect.fail('nothing failed'),
  })
  await check.verify(token)
  user.active = false
  moment.now = 59.9
  await check.verify(token)
  expect(finds).toBe(1)
  moment.now = 60
  await expect(check.verify(token)).rejects.toMatchObject({ code: 'user_inactive' })
  expect(finds).toBe(2)
})

test('a store that fails is no refusal, and a last use that cannot be written breaks no request', async () => {
  const failures: unknown[] = []
  const logger = { error: (facts: object) => void failures.push(facts), warn: () => {} }
  const { auth, user, stores, enter } = await apiKit({ logger })
  const { token } = await auth.apiTokens.create(user.id, { name: 'x' })
  const { find, touch } = stores.apiTokens
  expect(failures).toEqual([])
  Object.assign(stores.apiTokens, { find: async () => Promise.reject(new Error('gone')) })
  expect(await enter(token)).toBe('store_failed')
  Object.assign(stores.apiTokens, { find, touch: async () => Promise.reject(new Error('full')) })
  expect(await enter(token)).toBe('good')
  await settled()
  expect(failures.length).toBeGreaterThan(0)
  Object.assign(stores.apiTokens, { touch })
})
