/** Conformance of API tokens. */
import assert from 'node:assert/strict'
import { epochOf, type StorePromises, together, tokenOf, trues } from './kit.js'

export const apiTokenPromises: StorePromises = {
  'an API token comes back as it was written': async ({ stores: { apiTokens } }) => {
    const full = { permissions: ['posts:*', 'a "b"', ''], expiresAt: 9, lastUsedAt: 0, revokedAt: 8, name: '' }
    const tokens = [tokenOf('t1'), tokenOf('t2', full), tokenOf('t3', { permissions: [] })]
    for (const token of tokens) await apiTokens.create(token)
    for (const token of tokens) assert.deepEqual(await apiTokens.find(token.id), token)
    for (const id of ['T1', 't1 ', 't', '', '%']) assert.equal(await apiTokens.find(id), undefined, id)
  },

  'the id of an API token is taken once': async ({ stores: { apiTokens } }) => {
    await apiTokens.create(tokenOf('t1'))
    await assert.rejects(apiTokens.create(tokenOf('t1', { userId: 'u2' })), { code: 'conflict' })
    const race = await Promise.allSettled([1, 2].map((n) => apiTokens.create(tokenOf('t2', { userId: `u${n}` }))))
    assert.deepEqual(race.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.equal((await apiTokens.find('t1'))?.userId, 'u1')
    assert.equal((await apiTokens.find('t2'))?.userId, race[0]?.status === 'fulfilled' ? 'u1' : 'u2')
  },

  'API tokens are listed by the bytes of their ids, from the given one on, as many as asked': async ({
    stores: { apiTokens },
  }) => {
    const sorted = ['A', 'a', 'aa', 'ß', '\uffee', '\u{1f600}']
    for (const [index, id] of [...sorted].reverse().entries())
      await apiTokens.create(tokenOf(id, { userId: `u${index % 2}` }))
    const ids = async (userId: string | undefined, after: string, limit: number) =>
      (await apiTokens.list({ userId }, after, limit)).map(({ id }) => id)
    assert.deepEqual(await ids(undefined, '', 9), sorted)
    assert.deepEqual(await ids(undefined, 'A', 2), ['a', 'aa'])
    assert.deepEqual(await ids('u1', '', 9), ['A', 'aa', '\uffee'])
    assert.deepEqual(await ids('u1', 'A', 1), ['aa'])
    assert.deepEqual(await ids('u2', '', 9), [])
    assert.deepEqual((await apiTokens.list({}, '', 1))[0], tokenOf('A', { userId: 'u1' }))
  },

  'an API token is revoked once, and its epoch says so': async ({ stores: { apiTokens, revocations } }) => {
    await together(2, (index) => apiTokens.create(tokenOf(`t${index + 1}`)))
    const before = await revocations.stamp()
    assert.equal(await apiTokens.revoke('t3', 50, 90), false)
    assert.equal(await revocations.stamp(), before, 'nothing was revoked, so there is no news')
    assert.equal(trues(await together(32, () => apiTokens.revoke('t1', 50, 90))), 1)
    assert.deepEqual(await apiTokens.find('t1'), tokenOf('t1', { revokedAt: 50 }))
    assert.equal((await apiTokens.find('t2'))?.revokedAt, null)
    const { epochs, head } = await revocations.since(before, 9)
    assert.deepEqual(epochs, [{ ...epochOf('jti', 't1', { row: 'api-token', until: 90 }), stamp: head }])
  },

  'an API token was last used when somebody said so, not more often than asked': async ({ stores: { apiTokens } }) => {
    await together(2, (index) => apiTokens.create(tokenOf(`t${index + 1}`)))
    const last = async () => (await apiTokens.find('t1'))?.lastUsedAt
    await apiTokens.touch('t1', 100, 40)
    assert.equal(await last(), 100)
    await apiTokens.touch('t1', 150, 100)
    assert.equal(await last(), 100)
    await apiTokens.touch('t1', 161, 101)
    assert.equal(await last(), 161)
    await apiTokens.touch('t3', 1, 1)
    assert.deepEqual(await apiTokens.find('t2'), tokenOf('t2'))
  },

  'API tokens that expired or were revoked are pruned, as many as asked': async ({ stores: { apiTokens } }) => {
    for (let n = 0; n < 4; n++) await apiTokens.create(tokenOf(`expired ${n}`, { expiresAt: 100 }))
    await apiTokens.create(tokenOf('revoked', { revokedAt: 100, expiresAt: 900 }))
    await apiTokens.create(tokenOf('living', { expiresAt: 101 }))
    await apiTokens.create(tokenOf('lasting'))
    assert.equal(await apiTokens.prune(100, 9), 0)
    const steps = []
    for (let step = 0; step < 4; step++) steps.push(await apiTokens.prune(101, 2))
    assert.deepEqual(steps, [2, 2, 1, 0])
    const left = await apiTokens.list({}, '', 9)
    assert.deepEqual(
      left.map(({ id }) => id),
      ['lasting', 'living'],
    )
  },
}
