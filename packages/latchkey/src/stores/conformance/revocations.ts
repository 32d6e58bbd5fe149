/** Conformance of what an appended epoch does to sessions: which end, and which one is spared. */
import assert from 'node:assert/strict'
import type { NewEpoch, Session, Stores } from '../port.js'
import { epochOf, type StorePromises, sessionAt } from './kit.js'

/** Sessions a1 and a2 of one user, b1 of another. */
async function three(stores: Stores, now: number): Promise<void> {
  const stamp = await stores.revocations.stamp()
  const owners = { a1: 'a', a2: 'a', b1: 'b' }
  for (const [id, userId] of Object.entries(owners))
    await stores.sessions.create(sessionAt(now, { id, userId, stamp }), 9)
}

/** Of the sessions that are over, the reasons. */
async function reasons(stores: Stores): Promise<Record<string, string | null>> {
  const over: Record<string, string | null> = {}
  for (const id of ['a1', 'a2', 'b1']) {
    const found = await stores.sessions.find(id)
    assert.equal(found?.dead, found?.session.endedAt !== null, id)
    if (found?.dead) over[id] = found.session.endedBy
  }
  return over
}

const ends: readonly (readonly [NewEpoch, readonly string[]])[] = [
  [epochOf('session', 'a1'), ['a1']],
  [epochOf('user', 'a'), ['a1', 'a2']],
  [epochOf('everybody', ''), ['a1', 'a2', 'b1']],
  [epochOf('everybody', 'any'), ['a1', 'a2', 'b1']],
  [epochOf('permissions', 'a'), []],
  [epochOf('jti', 'a1'), []],
  [epochOf('key', 'a1'), []],
  [epochOf('session', 'a1', { row: 'other' }), []],
  [epochOf('user', 'a', { row: 'other' }), []],
  [epochOf('everybody', '', { row: 'other' }), []],
]

async function sessionOf(stores: Stores, id: string): Promise<Session | undefined> {
  return (await stores.sessions.find(id))?.session
}

export const revocationPromises: StorePromises = {
  'an epoch ends the rows it covers, with the reason, and no others': async ({ stores, clock }) => {
    for (const [epoch, ended] of ends) {
      await three(stores, clock.now)
      clock.now += 1
      const { at } = await stores.revocations.append([epoch], `by ${epoch.scope}`)
      assert.deepEqual(await reasons(stores), Object.fromEntries(ended.map((id) => [id, `by ${epoch.scope}`])))
      for (const id of ended) assert.equal((await sessionOf(stores, id))?.endedAt, at)
      clock.now += 10_000
      assert.equal(await stores.sessions.prune(clock.now, 9), 3)
    }
  },

  'a session keeps the first reason for its end': async ({ stores, clock }) => {
    await three(stores, clock.now)
    const { at } = await stores.revocations.append([epochOf('session', 'a1')], 'logout')
    clock.now += 60
    await stores.revocations.append([epochOf('session', 'a1'), epochOf('user', 'a')], 'revoked')
    assert.deepEqual(await reasons(stores), { a1: 'logout', a2: 'revoked' })
    assert.equal((await sessionOf(stores, 'a1'))?.endedAt, at)
  },

  'the spared session survives the epoch of its user, and only that': async ({ stores, clock }) => {
    await three(stores, clock.now)
    const before = await sessionOf(stores, 'a1')
    const what = [epochOf('permissions', 'a'), epochOf('user', 'a'), epochOf('user', 'b')]
    const { stamp } = await stores.revocations.append(what, 'password', 'a1')
    assert.deepEqual(await reasons(stores), { a2: 'password', b1: 'password' })
    assert.deepEqual(await sessionOf(stores, 'a1'), { ...before, stamp })
    assert.equal(await stores.sessions.rotate('a1', 0, 'k1'), true)
    await stores.revocations.append([epochOf('user', 'a')], 'revoked')
    assert.deepEqual(await reasons(stores), { a1: 'revoked', a2: 'password', b1: 'password' })
  },

  'a session is not spared what is aimed at itself or at everybody': async ({ stores, clock }) => {
    for (const aimed of [epochOf('session', 'a1'), epochOf('everybody', '')]) {
      await three(stores, clock.now)
      await stores.revocations.append([epochOf('user', 'a'), aimed], 'revoked', 'a1')
      assert.equal((await reasons(stores)).a1, 'revoked')
      assert.equal((await stores.sessions.find('a1'))?.dead, true)
      clock.now += 10_000
      await stores.sessions.prune(clock.now, 9)
    }
  },

  'sparing brings no session back, and touches none of another user': async ({ stores, clock }) => {
    await three(stores, clock.now)
    const untouched = await sessionOf(stores, 'b1')
    await stores.revocations.append([epochOf('user', 'a')], 'password', 'b1')
    await stores.revocations.append([epochOf('user', 'a', { row: 'other' })], 'password', 'b1')
    assert.deepEqual(await sessionOf(stores, 'b1'), untouched)
    await stores.revocations.append([epochOf('user', 'a')], 'password', 'a1')
    assert.deepEqual(await reasons(stores), { a1: 'password', a2: 'password' })
    await stores.sessions.create(sessionAt(clock.now, { id: 'late', userId: 'a' }), 9)
    await stores.revocations.append([epochOf('user', 'a')], 'password', 'late')
    assert.equal((await stores.sessions.find('late'))?.dead, true, 'it was dead before')
    await stores.revocations.append([epochOf('user', 'b')], 'password', 'unknown')
    assert.equal((await sessionOf(stores, 'b1'))?.endedBy, 'password')
  },

  'the epochs of a spared session reach the readers like any other': async ({ stores, clock }) => {
    await three(stores, clock.now)
    const after = await stores.revocations.stamp()
    const { stamp } = await stores.revocations.append([epochOf('user', 'a')], 'password', 'a1')
    const { epochs, head } = await stores.revocations.since(after, 9)
    assert.deepEqual([epochs, head], [[{ ...epochOf('user', 'a'), stamp }], stamp])
  },
}
