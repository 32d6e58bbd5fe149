/** Conformance of what happens to an account besides its changes: attributes, logins, and its end. */
import assert from 'node:assert/strict'
import type { ApiToken } from '../port.js'
import { accountOf, epochOf, type StorePromises, sessionAt, together, tokenOf, trues } from './kit.js'

const revokedAt = (tokens: readonly ApiToken[]) => tokens.map((token) => token.revokedAt)

export const removalPromises: StorePromises = {
  'attributes are replaced as a whole, and compared whatever the order of their members': async ({
    stores: { users },
  }) => {
    const attributes = { team: 'blue', tags: ['b', 'a', '\0\ud800'], deep: { y: null, x: [{ b: 1.5, a: true }] } }
    await users.create(accountOf('u1', { attributes }))
    assert.deepEqual((await users.findById('u1'))?.attributes, attributes)
    const turned = { deep: { x: [{ a: true, b: 1.5 }], y: null }, tags: ['b', 'a', '\0\ud800'], team: 'blue' }
    assert.equal(await users.change('u1', {}, { attributes: turned }), true)
    for (const other of [{}, { ...attributes, tags: ['a', 'b'] }, { ...attributes, more: 1 }])
      assert.equal(await users.change('u1', { attributes: {} }, { attributes: other }), false)
    assert.equal(await users.change('u1', { attributes: { team: 'red' } }, { attributes: turned }), true)
    assert.deepEqual((await users.findById('u1'))?.attributes, { team: 'red' })
  },

  'hostile names of attributes are data': async ({ stores: { users } }) => {
    const attributes = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"":2,"a\\u0000":3}')
    await users.create(accountOf('u1', { attributes }))
    const found = (await users.findById('u1'))?.attributes ?? {}
    assert.equal(JSON.stringify(Object.entries(found).sort()), JSON.stringify(Object.entries(attributes).sort()))
    assert.equal(Object.getPrototypeOf(found), Object.prototype)
  },

  'what is done to an answer is not done to the account': async ({ stores: { users } }) => {
    const attributes = { tags: ['a'] }
    await users.create(accountOf('u1', { attributes }))
    attributes.tags.push('b')
    const [found] = await users.list('', 1)
    Object(found?.attributes).tags.push('c')
    assert.deepEqual((await users.findById('u1'))?.attributes, { tags: ['a'] })
  },

  'the last login goes forward only, and one of many notes it': async ({ stores: { users } }) => {
    await together(2, (index) => users.create(accountOf(`u${index + 1}`)))
    const last = async () => (await users.findById('u1'))?.lastLoginAt
    assert.equal(await last(), null)
    assert.equal(trues(await together(32, () => users.signedIn('u1', 100))), 1)
    assert.equal(await last(), 100)
    for (const at of [100, 99, 0, -1]) assert.equal(await users.signedIn('u1', at), false)
    assert.equal(await users.signedIn('u1', 101), true)
    assert.equal(await last(), 101)
    assert.equal(await users.signedIn('u3', 1), false)
    assert.equal((await users.findById('u2'))?.lastLoginAt, null)
    const smuggled = { lastLoginAt: 7 } as object
    assert.equal(await users.change('u1', smuggled, {}), true)
    assert.equal(await last(), 101)
  },

  'a session is a login of its account': async ({ stores: { users, sessions }, clock: { now } }) => {
    await users.create(accountOf('u1'))
    await sessions.create(sessionAt(now), 9)
    assert.equal((await users.findById('u1'))?.lastLoginAt, now)
    await sessions.create(sessionAt(now, { id: 's2', createdAt: now - 60 }), 9)
    assert.equal((await users.findById('u1'))?.lastLoginAt, now)
    await assert.rejects(sessions.create(sessionAt(now + 60), 9), { code: 'conflict' })
    assert.equal((await users.findById('u1'))?.lastLoginAt, now, 'there was no session, so there was no login')
    await sessions.create(sessionAt(now, { id: 's3', userId: 'of another table' }), 9)
  },

  'a deleted account is gone, and its name and address are free': async ({ stores: { users } }) => {
    const account = accountOf('u1', { username: 'ann', email: 'a@example.com' })
    await users.create(account)
    await users.create(accountOf('u2'))
    assert.equal(await users.remove('u3'), false)
    assert.equal(await users.remove('u1'), true)
    assert.equal(await users.remove('u1'), false)
    assert.equal(await users.findById('u1'), undefined)
    assert.equal(await users.findByLogin('ann'), undefined)
    assert.equal((await users.findById('u2'))?.username, 'name-u2')
    assert.equal(await users.create({ ...account, id: 'u9' }), true)
  },

  'the last active administrator is not deleted': async ({ stores: { users } }) => {
    await users.create(accountOf('u1', { admin: true }))
    await users.create(accountOf('u2', { admin: true, active: false }))
    assert.equal(await users.remove('u1'), false)
    assert.equal((await users.findById('u1'))?.admin, true)
    assert.equal(await users.remove('u2'), true, 'was no active one')
    await users.create(accountOf('u3', { admin: true }))
    assert.equal(await users.remove('u1'), true, 'another is left')
    for (const round of [1, 2, 3]) {
      await users.create(accountOf(`a${round}`, { admin: true }))
      const [first, second] = (await users.list('', 9)).map(({ id }) => id)
      const answers = await Promise.all([users.remove(first ?? ''), users.change(second ?? '', { admin: false }, {})])
      assert.equal(trues(answers), 1)
      for (const { id, admin } of await users.list('', 9)) if (!admin) await users.remove(id)
    }
  },

  'the identities of a deleted account stay, and are nobody for good': async ({ stores: { identities, users } }) => {
    await identities.provision('idp', 'ann', accountOf('u1'))
    await identities.link('acme', 'ann', 'u1', 7)
    await identities.provision('idp', 'bob', accountOf('u2'))
    const [linked, made] = await identities.list('u1')
    assert.ok(linked && made)
    await users.remove('u1')
    assert.deepEqual(await identities.find('idp', 'ann'), { ...made, userId: null })
    assert.deepEqual(await identities.find('acme', 'ann'), { ...linked, userId: null })
    assert.deepEqual(await identities.list('u1'), [])
    const again = await identities.provision('idp', 'ann', accountOf('u3'))
    assert.deepEqual(again, { identity: { ...made, userId: null }, created: false })
    assert.equal(await users.findById('u3'), undefined)
    assert.equal(await identities.link('idp', 'ann', 'u2', 1), false)
    for (const user of ['u1', 'null', '']) assert.equal(await identities.unlink('idp', 'ann', user), false)
    assert.equal((await identities.find('idp', 'bob'))?.userId, 'u2')
  },

  'no identity is linked to an account that is deleted meanwhile': async ({ stores: { identities, users } }) => {
    for (let round = 0; round < 12; round++) {
      const [id, subject] = [`u${round}`, `s${round}`]
      await users.create(accountOf(id))
      const [linked, removed] = await Promise.all([identities.link('idp', subject, id, 1), users.remove(id)])
      assert.equal(removed, true)
      const found = await identities.find('idp', subject)
      assert.equal(found?.userId, linked ? null : undefined)
    }
  },

  'the API tokens of a deleted account are revoked, and their epochs say so': async ({ stores, clock: { now } }) => {
    const { users, apiTokens, revocations } = stores
    await users.create(accountOf('u1'))
    for (const id of ['t1', 't2']) await apiTokens.create(tokenOf(id))
    await apiTokens.create(tokenOf('old', { revokedAt: 7 }))
    await apiTokens.create(tokenOf('other', { userId: 'u2' }))
    const before = await revocations.stamp()
    await users.remove('u1')
    assert.deepEqual(revokedAt(await apiTokens.list({}, '', 9)), [7, null, now, now])
    const { epochs } = await revocations.since(before, 9)
    const expected = ['t1', 't2'].map((key) => epochOf('jti', key, { row: 'api-token', until: now + 86_400 }))
    const sorted = [...epochs].sort((a, b) => (a.key < b.key ? -1 : 1))
    assert.deepEqual(
      sorted.map(({ stamp: _, ...epoch }) => epoch),
      expected,
    )
  },
}
