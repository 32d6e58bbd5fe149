/** Conformance of the sealed keyring and the known server secrets. */
import assert from 'node:assert/strict'
import { epochOf, type StorePromises, together, trues } from './kit.js'

export const keyPromises: StorePromises = {
  'a keyring is replaced by whoever knows its version': async ({ stores: { keys, revocations } }) => {
    assert.equal(await keys.load(), undefined)
    assert.equal(await keys.save(1, 'x', []), false)
    assert.equal(await keys.save(0, 'first', []), true)
    assert.deepEqual(await keys.load(), { version: 1, sealed: 'first' })
    for (const version of [0, 2, -1]) assert.equal(await keys.save(version, 'x', []), false)
    assert.equal(await keys.save(1, 'second', []), true)
    assert.deepEqual(await keys.load(), { version: 2, sealed: 'second' })
    assert.equal((await revocations.since(0, 9)).ring, 2)
  },

  'of many who save one version at once exactly one succeeds': async ({ stores: { keys } }) => {
    for (let version = 0; version < 5; version++) {
      const answers = await together(32, (index) => keys.save(version, `${version} ${index}`, []))
      assert.equal(trues(answers), 1)
      assert.deepEqual(await keys.load(), { version: version + 1, sealed: `${version} ${answers.indexOf(true)}` })
    }
  },

  'the epochs of revoked keys come with the ring that lacks them, or not at all': async ({
    stores: { keys, revocations },
  }) => {
    await keys.save(0, 'first', [])
    const before = await revocations.stamp()
    assert.equal(await keys.save(7, 'x', [epochOf('key', 'kid')]), false)
    assert.deepEqual((await revocations.since(before, 9)).epochs, [])
    assert.equal(await keys.save(1, 'second', [epochOf('key', 'kid')]), true)
    const { epochs, head, ring } = await revocations.since(before, 9)
    assert.deepEqual([epochs, ring], [[{ ...epochOf('key', 'kid'), stamp: head }], 2])
  },

  'a server secret is known since its first announcement, the very first ever since 0': async ({
    stores: { keys },
    clock,
  }) => {
    const start = clock.now
    assert.deepEqual(await keys.announce([]), new Map())
    assert.deepEqual(
      await keys.announce(['new', 'old']),
      new Map([
        ['new', 0],
        ['old', start],
      ]),
    )
    clock.now += 100
    assert.deepEqual(
      await keys.announce(['newer', 'old']),
      new Map([
        ['newer', start + 100],
        ['old', start],
      ]),
    )
    clock.now += 100
    assert.deepEqual(
      await keys.announce(['old', 'newer', 'new']),
      new Map([
        ['old', start],
        ['newer', start + 100],
        ['new', 0],
      ]),
    )
  },

  'of many who announce at once one was the first': async ({ stores: { keys }, clock }) => {
    const answers = await together(16, (index) => keys.announce([`k${index % 4}`]))
    const known = await keys.announce(['k0', 'k1', 'k2', 'k3'])
    assert.deepEqual([...known.values()].sort(), [0, clock.now, clock.now, clock.now])
    for (const answer of answers) for (const [id, since] of answer) assert.equal(known.get(id), since)
  },
}
