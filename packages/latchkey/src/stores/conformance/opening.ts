/** Conformance of opening, closing and starting anew. */
import assert from 'node:assert/strict'
import { accountOf, epochOf, type StorePromises, sessionAt, tokenOf } from './kit.js'

export const openingPromises: StorePromises = {
  'opening twice, also at once, is opening once': async ({ stores }) => {
    await stores.users.create(accountOf('u1'))
    await Promise.all([stores.open(), stores.open(), stores.open()])
    assert.equal((await stores.users.findById('u1'))?.id, 'u1')
  },

  'closing twice is closing once': async ({ stores }) => {
    await stores.close()
    await stores.close()
  },

  'what was answered is there after a restart': async ({ stores, clock, reopen }) => {
    if (!reopen) return
    await stores.users.create(accountOf('u1'))
    await stores.users.offerBootstrap('nonce')
    await stores.sessions.create(sessionAt(clock.now), 5)
    await stores.sessions.rotate('s1', 0, 'k2')
    await stores.keys.save(0, 'sealed', [epochOf('key', 'kid')])
    await stores.keys.announce(['k1', 'k2'])
    await stores.identities.link('idp', 'ann', 'u1', 7)
    await stores.apiTokens.create(tokenOf('t1'))
    await stores.keySets.save('idp', 'keys', 7)
    const log = await stores.revocations.since(0, 10)
    await stores.close()
    const again = reopen()
    await again.open()
    try {
      assert.equal((await again.users.findByLogin('name-u1'))?.passwordHash, 'hash')
      assert.deepEqual(await again.users.offerBootstrap('other'), { nonce: 'nonce', used: false })
      assert.equal((await again.sessions.find('s1'))?.session.generation, 1)
      assert.deepEqual(await again.keys.load(), { version: 1, sealed: 'sealed' })
      assert.deepEqual([...(await again.keys.announce(['k1', 'k2'])).values()], [0, clock.now])
      assert.equal((await again.identities.find('idp', 'ann'))?.userId, 'u1')
      assert.deepEqual(await again.apiTokens.find('t1'), tokenOf('t1'))
      assert.deepEqual(await again.keySets.load('idp'), { text: 'keys', at: 7 })
      assert.deepEqual(await again.revocations.since(0, 10), log)
    } finally {
      await again.close()
    }
  },

  'stamps go on growing after a restart, with a clock that went back': async ({ stores, clock, reopen }) => {
    if (!reopen) return
    const { stamp } = await stores.revocations.append([epochOf('user', 'u1')], 'revoked')
    await stores.close()
    clock.now -= 86_400
    const again = reopen()
    await again.open()
    try {
      assert.equal(await again.revocations.stamp(), stamp)
      const next = await again.revocations.append([epochOf('user', 'u1')], 'revoked')
      assert.ok(next.stamp > stamp)
    } finally {
      await again.close()
    }
  },
}
