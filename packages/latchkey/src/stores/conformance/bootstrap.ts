/** Conformance of the first start. */
import assert from 'node:assert/strict'
import { accountOf, type StorePromises, together, trues } from './kit.js'

export const bootstrapPromises: StorePromises = {
  'of many nonces offered at once one stands, for all and for good': async ({ stores: { users } }) => {
    const offers = await together(32, (index) => users.offerBootstrap(`nonce ${index}`))
    const [first] = offers
    assert.equal(first?.used, false)
    for (const offer of [...offers, await users.offerBootstrap('later')]) assert.deepEqual(offer, first)
  },

  'of many who claim the first start at once exactly one gets the account': async ({ stores: { users } }) => {
    await users.offerBootstrap('nonce')
    const answers = await together(32, (index) =>
      users.claimBootstrap('nonce', accountOf(`u${index}`, { admin: true })),
    )
    assert.equal(trues(answers), 1)
    assert.equal(answers.filter((answer) => answer === false).length, 31)
    assert.deepEqual(
      (await users.list('', 100)).map(({ id }) => id),
      [`u${answers.indexOf(true)}`],
    )
    assert.deepEqual(await users.offerBootstrap('later'), { nonce: 'nonce', used: true })
    assert.equal(await users.claimBootstrap('nonce', accountOf('x')), false)
  },

  'another nonce, or none that was offered, claims nothing': async ({ stores: { users } }) => {
    assert.equal(await users.claimBootstrap('nonce', accountOf('u1')), false)
    await users.offerBootstrap('nonce')
    for (const other of ['', 'Nonce', 'nonce ', '%'])
      assert.equal(await users.claimBootstrap(other, accountOf('u1')), false)
    assert.equal(await users.findById('u1'), undefined)
    assert.deepEqual(await users.offerBootstrap('later'), { nonce: 'nonce', used: false })
  },

  'a claim for a name that is taken leaves the nonce good': async ({ stores: { users } }) => {
    await users.create(accountOf('u1', { username: 'root' }))
    await users.offerBootstrap('nonce')
    assert.equal(await users.claimBootstrap('nonce', accountOf('u2', { username: 'root' })), 'taken')
    assert.deepEqual(await users.offerBootstrap('later'), { nonce: 'nonce', used: false })
    assert.equal(await users.claimBootstrap('nonce', accountOf('u2', { username: 'admin' })), true)
    assert.equal((await users.findByLogin('admin'))?.passwordHash, 'hash')
  },
}
