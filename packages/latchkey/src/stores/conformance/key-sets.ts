/** Conformance of the last good keys of other issuers. */
import assert from 'node:assert/strict'
import { type StorePromises, together } from './kit.js'

export const keySetPromises: StorePromises = {
  'the newest key set of an issuer stands, and of equally new ones the last': async ({ stores: { keySets } }) => {
    assert.equal(await keySets.load('idp'), undefined)
    await keySets.save('idp', 'first', 100)
    assert.deepEqual(await keySets.load('idp'), { text: 'first', at: 100 })
    await keySets.save('idp', 'older', 99)
    assert.deepEqual(await keySets.load('idp'), { text: 'first', at: 100 })
    await keySets.save('idp', 'second', 100)
    await keySets.save('IDP', 'other', 500)
    assert.deepEqual(await keySets.load('idp'), { text: 'second', at: 100 })
    assert.deepEqual(await keySets.load('IDP'), { text: 'other', at: 500 })
    await keySets.save('idp', '', 101)
    assert.deepEqual(await keySets.load('idp'), { text: '', at: 101 })
  },

  'of many who save key sets at once the newest stands': async ({ stores: { keySets } }) => {
    for (let round = 0; round < 4; round++) {
      await together(32, (index) => keySets.save(`${round}`, `set ${index}`, (index * 7) % 32))
      assert.deepEqual(await keySets.load(`${round}`), { text: 'set 9', at: 31 })
    }
  },
}
