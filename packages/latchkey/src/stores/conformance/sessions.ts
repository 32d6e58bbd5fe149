/** Conformance of sessions, but for their rotation. */
import assert from 'node:assert/strict'
import type { Session, SessionStore } from '../port.js'
import { epochOf, type StorePromise, type StorePromises, sessionAt, together } from './kit.js'

const idsOf = (sessions: readonly Session[]): string[] => sessions.map(({ id }) => id)

/** Asks a promise of a store that holds an ended, a dead, an idle and an expired session of one user. */
const withLifeless =
  (promise: (sessions: SessionStore, now: number) => Promise<void>): StorePromise =>
  async ({ stores, clock: { now } }) => {
    await stores.sessions.create(sessionAt(now, { id: 'ended' }), 9)
    await stores.revocations.append([epochOf('session', 'ended'), epochOf('session', 'dead')], 'logout')
    await stores.sessions.create(sessionAt(now, { id: 'dead' }), 9)
    await stores.sessions.create(sessionAt(now, { id: 'idle', lastSeenAt: now - 600 }), 9)
    await stores.sessions.create(sessionAt(now, { id: 'expired', expiresAt: now }), 9)
    await promise(stores.sessions, now)
  }

export const sessionPromises: StorePromises = {
  'a session comes back as it was written, with the counter and the time': async ({ stores, clock }) => {
    const full = {
      device: 'Firefox',
      address: '::1',
      scope: 'a b',
      endedAt: 7,
      endedBy: 'logout',
      generation: 4,
      previousSecretId: 'k8',
      stamp: 3,
    }
    const rows = [sessionAt(clock.now), sessionAt(clock.now, { id: 's2', secretId: 'k9', seed: 'other', ...full })]
    for (const session of rows) {
      assert.deepEqual(await stores.sessions.create(session, 5), [])
      const stamp = await stores.revocations.stamp()
      const found = await stores.sessions.find(session.id)
      assert.deepEqual(found, { session, stamp, dead: false, now: clock.now })
    }
    clock.now += 5
    assert.equal((await stores.sessions.find('s1'))?.now, clock.now)
    assert.equal(await stores.sessions.find('s3'), undefined)
  },

  'a session id is taken once': async ({ stores: { sessions }, clock }) => {
    const first = sessionAt(clock.now, { userId: 'u1' })
    await sessions.create(first, 5)
    await assert.rejects(sessions.create(sessionAt(clock.now, { userId: 'u2' }), 1), { code: 'conflict' })
    const race = await Promise.allSettled(
      [1, 2, 3].map((n) => sessions.create(sessionAt(clock.now, { id: 's2', userId: `u${n}` }), 5)),
    )
    assert.equal(race.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.deepEqual((await sessions.find('s1'))?.session, first)
  },

  'a new session ends the oldest beyond the limit, and their epochs say so': async ({ stores, clock }) => {
    const { sessions, revocations } = stores
    for (const id of ['s1', 's2', 's3']) {
      assert.deepEqual(await sessions.create(sessionAt(clock.now, { id }), 3), [])
      clock.now += 1
    }
    await sessions.create(sessionAt(clock.now, { id: 'other', userId: 'u2' }), 3)
    const before = await revocations.stamp()
    assert.deepEqual(await sessions.create(sessionAt(clock.now, { id: 's4' }), 3), ['s1'])
    assert.deepEqual([...(await sessions.create(sessionAt(clock.now + 1, { id: 's5' }), 2))].sort(), ['s2', 's3'])
    assert.deepEqual(idsOf(await sessions.list('u1')), ['s5', 's4'])
    const ended = await sessions.find('s1')
    assert.deepEqual([ended?.session.endedAt, ended?.session.endedBy, ended?.dead], [clock.now, 'limit', true])
    const { epochs, head } = await revocations.since(before, 10)
    const untils = Object.fromEntries(epochs.map(({ scope, row, key, until }) => [`${scope} ${row} ${key}`, until]))
    const start = clock.now - 3
    assert.deepEqual(untils, {
      'session self s1': start + 3_600,
      'session self s2': start + 3_601,
      'session self s3': start + 3_602,
    })
    assert.equal(epochs.at(-1)?.stamp, head)
    assert.equal((await sessions.find('other'))?.session.endedAt, null)
  },

  'the new session is never the one that ends, whatever the clock did': async ({ stores: { sessions }, clock }) => {
    await sessions.create(sessionAt(clock.now, { id: 'old' }), 1)
    clock.now -= 100
    assert.deepEqual(await sessions.create(sessionAt(clock.now, { id: 'new' }), 1), ['old'])
    assert.deepEqual(idsOf(await sessions.list('u1')), ['new'])
  },

  'many who log in at once leave exactly as many sessions as the limit': async ({ stores: { sessions }, clock }) => {
    const ended = await together(32, (index) => sessions.create(sessionAt(clock.now, { id: `s${index}` }), 4))
    const left = idsOf(await sessions.list('u1'))
    assert.equal(left.length, 4)
    assert.equal(new Set([...ended.flat(), ...left]).size, 32)
    assert.equal(ended.flat().length, 28)
  },

  'lifeless sessions do not count towards the limit': withLifeless(async (sessions, now) => {
    for (const id of ['s1', 's2']) assert.deepEqual(await sessions.create(sessionAt(now, { id }), 2), [])
  }),

  'a list leaves lifeless sessions out': withLifeless(async (sessions, now) => {
    await sessions.create(sessionAt(now, { id: 'lives' }), 9)
    await sessions.create(sessionAt(now, { id: 'another', userId: 'u2' }), 9)
    assert.deepEqual(idsOf(await sessions.list('u1')), ['lives'])
    assert.deepEqual(await sessions.list('nobody'), [])
  }),

  'lifeless sessions are not touched to life': withLifeless(async (sessions, now) => {
    for (const id of ['ended', 'dead', 'idle', 'expired']) {
      const before = await sessions.find(id)
      await sessions.touch(id, now + 1)
      assert.deepEqual(await sessions.find(id), before, id)
    }
    await sessions.touch('unknown', now + 1)
  }),

  'a list has the newest first': async ({ stores: { sessions }, clock }) => {
    for (const [id, age] of [
      ['b', 5],
      ['c', 9],
      ['a', 0],
    ] as const) {
      await sessions.create(sessionAt(clock.now, { id, createdAt: clock.now - age }), 9)
    }
    const listed = await sessions.list('u1')
    assert.deepEqual(idsOf(listed), ['a', 'b', 'c'])
    assert.deepEqual(listed[1], sessionAt(clock.now, { id: 'b', createdAt: clock.now - 5 }))
  },

  'last seen is set only where it is older than asked': async ({ stores: { sessions }, clock }) => {
    const start = clock.now
    await sessions.create(sessionAt(start), 9)
    clock.now += 60
    await sessions.touch('s1', start)
    assert.equal((await sessions.find('s1'))?.session.lastSeenAt, start)
    await sessions.touch('s1', start + 1)
    assert.deepEqual((await sessions.find('s1'))?.session, sessionAt(start, { lastSeenAt: start + 60 }))
  },

  'a session is dead by an epoch above its stamp, of itself, its user or everybody': async ({ stores, clock }) => {
    const cases = [
      ['session', 's1'],
      ['user', 'u1'],
      ['everybody', 'any key'],
    ] as const
    for (const [scope, key] of cases) {
      const { stamp } = await stores.revocations.append([epochOf(scope, key)], 'revoked')
      for (const [own, dead] of [
        [stamp - 1, true],
        [stamp, false],
        [stamp + 1, false],
      ] as const) {
        await stores.sessions.create(sessionAt(clock.now, { stamp: own, expiresAt: clock.now + 1 }), 9)
        const found = await stores.sessions.find('s1')
        assert.deepEqual([found?.dead, found?.stamp], [dead, stamp], scope)
        await stores.sessions.prune(clock.now + 2, 9)
      }
    }
  },

  'no other epoch kills a session': async ({ stores, clock }) => {
    await stores.sessions.create(sessionAt(clock.now), 9)
    const foreign = { row: 'keycloak' }
    const own = (['jti', 'key', 'permissions'] as const).flatMap((scope) => [
      epochOf(scope, 's1'),
      epochOf(scope, 'u1'),
    ])
    const swapped = [epochOf('session', 'u1'), epochOf('user', 's1'), epochOf('session', ''), epochOf('user', '')]
    const others = (['session', 'user', 'everybody'] as const).map((scope) =>
      epochOf(scope, scope === 'user' ? 'u1' : 's1', foreign),
    )
    await stores.revocations.append([...own, ...swapped, ...others], 'revoked')
    const found = await stores.sessions.find('s1')
    assert.deepEqual([found?.dead, found?.session], [false, sessionAt(clock.now)])
    assert.equal(await stores.sessions.rotate('s1', 0, 'k1'), true)
  },

  'sessions that ended or expired are pruned, as many as asked': async ({
    stores: { sessions, revocations },
    clock,
  }) => {
    const now = clock.now
    for (let n = 0; n < 5; n++) await sessions.create(sessionAt(now, { id: `expired ${n}`, expiresAt: now + 10 }), 9)
    await sessions.create(sessionAt(now, { id: 'ended', userId: 'u2' }), 9)
    await revocations.append([epochOf('session', 'ended')], 'logout')
    await sessions.create(sessionAt(now, { id: 'lives', userId: 'u2' }), 9)
    assert.equal(await sessions.prune(now, 100), 0)
    assert.equal(await sessions.prune(now + 1, 100), 1)
    assert.equal(await sessions.find('ended'), undefined)
    assert.deepEqual(
      [await sessions.prune(now + 11, 3), await sessions.prune(now + 11, 3), await sessions.prune(now + 11, 3)],
      [3, 2, 0],
    )
    assert.equal((await sessions.find('lives'))?.session.endedAt, null)
  },
}
