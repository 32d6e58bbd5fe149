/** Conformance of rotation: the one statement that decides whether a refresh token forks. */
import assert from 'node:assert/strict'
import type { Session } from '../port.js'
import { epochOf, type StorePromises, type StoreUnderTest, sessionAt, together, trues } from './kit.js'

/** Nobody rotates this session, and nothing of it changes. */
async function refuses(
  { stores: { sessions } }: StoreUnderTest,
  { id, generation }: Session,
  why: string,
): Promise<void> {
  const before = await sessions.find(id)
  assert.deepEqual(await together(3, () => sessions.rotate(id, generation, 'k2')), [false, false, false], why)
  assert.deepEqual(await sessions.find(id), before, why)
}

export const rotationPromises: StorePromises = {
  'a rotation raises the generation, sets the secret and the times, and keeps the secret before': async ({
    stores: { sessions },
    clock,
  }) => {
    const session = sessionAt(clock.now, { generation: 6, device: 'x' })
    await sessions.create(session, 9)
    await sessions.create(sessionAt(clock.now, { id: 's2' }), 9)
    clock.now += 30
    assert.equal(await sessions.rotate('s1', 6, 'k2'), true)
    const secrets = { secretId: 'k2', previousSecretId: 'k1' }
    const expected = { ...session, ...secrets, generation: 7, rotatedAt: clock.now, lastSeenAt: clock.now }
    assert.deepEqual((await sessions.find('s1'))?.session, expected)
    assert.equal((await sessions.find('s2'))?.session.generation, 0)
    clock.now -= 300
    assert.equal(await sessions.rotate('s1', 7, 'k1'), true, 'a clock that went back locks nobody out')
    assert.equal((await sessions.find('s1'))?.session.rotatedAt, clock.now)
  },

  'only the generation of the row is rotated': async ({ stores: { sessions }, clock }) => {
    await sessions.create(sessionAt(clock.now, { generation: 3 }), 9)
    for (const generation of [2, 4, 0, -3, 3.5, Number.NaN]) {
      assert.equal(await sessions.rotate('s1', generation, 'k2'), false, String(generation))
    }
    for (const id of ['s2', 'S1', '', 's1 ', '%', '__proto__'])
      assert.equal(await sessions.rotate(id, 3, 'k2'), false, id)
    assert.deepEqual((await sessions.find('s1'))?.session, sessionAt(clock.now, { generation: 3 }))
  },

  'a session is rotated until the second before it expires': async (test) => {
    const { stores, clock } = test
    const absolute = sessionAt(clock.now, { id: 'absolute', expiresAt: clock.now + 60 })
    const idle = sessionAt(clock.now, { id: 'idle', idleSeconds: 60 })
    await stores.sessions.create(absolute, 9)
    await stores.sessions.create(idle, 9)
    clock.now += 59
    assert.equal(await stores.sessions.rotate('absolute', 0, 'k1'), true)
    clock.now += 1
    await refuses(test, { ...absolute, generation: 1 }, 'absolute')
    await refuses(test, idle, 'idle')
    clock.now -= 1
    assert.equal(await stores.sessions.rotate('idle', 0, 'k1'), true)
    clock.now += 59
    assert.equal(await stores.sessions.rotate('idle', 1, 'k1'), true, 'being used keeps it alive')
  },

  'neither an ended nor a dead session is rotated': async (test) => {
    const { stores, clock } = test
    const ended = sessionAt(clock.now, { id: 'ended', endedAt: clock.now, endedBy: 'logout' })
    await stores.sessions.create(ended, 9)
    await refuses(test, ended, 'ended')
    for (const scope of ['session', 'user', 'everybody'] as const) {
      const [living, early] = ['living', 'early'].map((word) =>
        sessionAt(clock.now, { id: `${word} ${scope}`, userId: scope, stamp: 1e15 }),
      )
      assert.ok(living && early)
      await stores.sessions.create(living, 9)
      const before = await stores.revocations.stamp()
      const keys = scope === 'session' ? [living.id, early.id] : [scope]
      await stores.revocations.append(
        keys.map((key) => epochOf(scope, key)),
        'revoked',
      )
      await stores.sessions.create({ ...early, stamp: before }, 9)
      await refuses(test, living, `${scope}: was ended`)
      await refuses(test, early, `${scope}: began with an older stamp`)
    }
  },

  'a login that races a password change does not survive it': async (test) => {
    const { stores, clock } = test
    const stamp = await stores.revocations.stamp()
    await stores.users.setPasswordHash('u1', 'new', 'old')
    await stores.revocations.append([epochOf('user', 'u1')], 'password')
    const session = sessionAt(clock.now, { stamp })
    await stores.sessions.create(session, 9)
    assert.equal((await stores.sessions.find('s1'))?.dead, true)
    assert.deepEqual(await stores.sessions.list('u1'), [])
    await refuses(test, session, 'dead from the beginning')
  },

  'of many who rotate one generation at once exactly one succeeds': async ({ stores: { sessions }, clock }) => {
    await sessions.create(sessionAt(clock.now), 9)
    const crowds = [...Array(20).fill(64), ...Array(5).fill(256)]
    for (const [generation, crowd] of crowds.entries()) {
      const answers = await together(crowd, (index) => sessions.rotate('s1', generation, `k${index}`))
      assert.equal(trues(answers), 1)
      const found = await sessions.find('s1')
      assert.deepEqual(
        [found?.session.generation, found?.session.secretId],
        [generation + 1, `k${answers.indexOf(true)}`],
      )
    }
  },

  'rotations of different sessions at once do not touch each other': async ({ stores: { sessions }, clock }) => {
    await together(64, (index) => sessions.create(sessionAt(clock.now, { id: `s${index}`, userId: `u${index}` }), 9))
    for (let generation = 0; generation < 5; generation++) {
      const good = together(64, (index) => sessions.rotate(`s${index}`, generation, 'k1'))
      const bad = Promise.allSettled(
        ['', 'unknown', 's1\0', '\ud800'].map((id) => sessions.rotate(id, generation, 'k1')),
      )
      assert.equal(trues(await good), 64)
      for (const answer of await bad) assert.ok(answer.status === 'rejected' || answer.value === false)
    }
  },

  'no rotation that starts after a revocation was acknowledged succeeds': async ({
    stores: { sessions, revocations },
    clock,
  }) => {
    for (let round = 0; round < 30; round++) {
      const id = `s${round}`
      await sessions.create(sessionAt(clock.now, { id, stamp: await revocations.stamp() }), 99)
      let revoked = false
      let generation = 0
      const writer = revocations.append([epochOf('session', id)], 'logout').then(() => (revoked = true))
      const readers = together(8, async () => {
        for (let turn = 0; turn < 6; turn++) {
          const late = revoked
          const rotated = await sessions.rotate(id, generation, 'k1')
          if (rotated) generation++
          assert.ok(!(late && rotated))
        }
      })
      await Promise.all([writer, readers])
      assert.equal(await sessions.rotate(id, generation, 'k1'), false)
    }
  },
}
