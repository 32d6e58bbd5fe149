/** Conformance of our own users table. */
import assert from 'node:assert/strict'
import type { AccountPatch } from '../port.js'
import { accountOf, type StorePromises, shown, together, trues } from './kit.js'

export const accountPromises: StorePromises = {
  'an account comes back as it was written, without its hash': async ({ stores: { users } }) => {
    const account = accountOf('u1', { email: 'a@example.com', admin: true, permissions: ['posts:*', 'a "b"', ''] })
    assert.equal(await users.create(account), true)
    assert.deepEqual(await users.findById('u1'), shown(account))
    assert.equal(await users.findById('u2'), undefined)
  },

  'an account and its hash are found by the user name and nothing else': async ({ stores: { users } }) => {
    const account = accountOf('u1', { username: 'alice', email: 'a@example.com' })
    await users.create(account)
    await users.create(accountOf('u2', { username: 'external', passwordHash: null }))
    assert.deepEqual(await users.findByLogin('alice'), { user: shown(account), passwordHash: 'hash' })
    assert.equal((await users.findByLogin('external'))?.passwordHash, null)
    for (const other of ['Alice', 'alice ', 'alic', 'a@example.com', 'u1', '']) {
      assert.equal(await users.findByLogin(other), undefined, other)
    }
  },

  'an id, a user name and an e-mail address are taken once': async ({ stores: { users } }) => {
    await users.create(accountOf('u1', { username: 'alice', email: 'a@example.com' }))
    assert.equal(await users.create(accountOf('u1', { username: 'bob' })), false)
    assert.equal(await users.create(accountOf('u2', { username: 'alice' })), false)
    assert.equal(await users.create(accountOf('u2', { username: 'bob', email: 'a@example.com' })), false)
    assert.equal(await users.findById('u2'), undefined)
    assert.equal((await users.findById('u1'))?.username, 'alice')
    assert.equal(await users.create(accountOf('u2', { username: 'bob' })), true)
    assert.equal(await users.create(accountOf('u3', { username: 'carol' })), true, 'any number may lack an address')
  },

  'of many who create one user name at once exactly one succeeds': async ({ stores: { users } }) => {
    const answers = await together(32, (index) => users.create(accountOf(`u${index}`, { username: 'alice' })))
    assert.equal(trues(answers), 1)
    assert.equal((await users.findByLogin('alice'))?.user.id, `u${answers.indexOf(true)}`)
  },

  'a hash is replaced only while it is the expected one': async ({ stores: { users } }) => {
    await users.create(accountOf('u1', { username: 'alice', passwordHash: null }))
    assert.equal(await users.setPasswordHash('u1', 'first', 'other'), false)
    assert.equal(await users.setPasswordHash('u1', 'first', null), true)
    assert.equal(await users.setPasswordHash('u1', 'second', null), false)
    assert.equal(await users.setPasswordHash('u2', 'second', null), false)
    assert.equal((await users.findByLogin('alice'))?.passwordHash, 'first')
    const answers = await together(32, (index) => users.setPasswordHash('u1', `hash ${index}`, 'first'))
    assert.equal(trues(answers), 1)
    assert.equal((await users.findByLogin('alice'))?.passwordHash, `hash ${answers.indexOf(true)}`)
  },

  'a change is made where every expectation holds': async ({ stores: { users } }) => {
    const account = accountOf('u1', { email: 'a@example.com', permissions: ['a', 'b'] })
    await users.create(account)
    const { username, email, active, admin, permissions, passwordHash } = account
    const holds: AccountPatch = { username, email, active, admin, permissions, passwordHash }
    const wrong: AccountPatch[] = [
      { email: null },
      { active: false },
      { permissions: ['b', 'a'] },
      { passwordHash: 'x' },
    ]
    for (const expect of wrong)
      assert.equal(await users.change('u1', { active: false }, { ...holds, ...expect }), false)
    assert.equal(await users.change('u2', { active: false }, {}), false)
    assert.deepEqual(await users.findById('u1'), shown(account))
    assert.equal(await users.change('u1', { email: null, active: false }, holds), true)
    assert.equal(await users.change('u1', {}, { email: null, active: false }), true, 'nothing to change, and it holds')
    assert.equal(await users.change('u1', {}, { email }), false)
  },

  'a change alters what it names and nothing else': async ({ stores: { users } }) => {
    const account = accountOf('u1', { email: 'a@example.com' })
    await users.create(account)
    await users.create(accountOf('u2'))
    const smuggled = { permissions: ['new'], id: 'u9', createdAt: 0, root: true } as AccountPatch
    assert.equal(await users.change('u1', smuggled, {}), true)
    assert.deepEqual(await users.findById('u1'), shown({ ...account, permissions: ['new'] }))
    assert.deepEqual(await users.findById('u2'), shown(accountOf('u2')))
    const all = { username: 'x', email: null, active: false, admin: true, permissions: [], passwordHash: null }
    assert.equal(await users.change('u1', all, {}), true)
    assert.deepEqual(await users.findByLogin('x'), { user: shown({ ...account, ...all }), passwordHash: null })
  },

  'a change to a name or an address that is taken changes nothing': async ({ stores: { users } }) => {
    await users.create(accountOf('u1', { username: 'alice', email: 'a@example.com' }))
    await users.create(accountOf('u2', { username: 'bob' }))
    assert.equal(await users.change('u2', { username: 'alice', active: false }, {}), false)
    assert.equal(await users.change('u2', { email: 'a@example.com', active: false }, {}), false)
    assert.deepEqual(await users.findById('u2'), shown(accountOf('u2', { username: 'bob' })))
    assert.equal(
      await users.change('u1', { username: 'alice', email: 'a@example.com' }, {}),
      true,
      'its own are not taken',
    )
    assert.equal(await users.change('u2', { email: null }, {}), true)
  },

  'the last active administrator is neither disabled nor demoted': async ({ stores: { users } }) => {
    await users.create(accountOf('u1', { admin: true }))
    await users.create(accountOf('u2', { admin: true, active: false }))
    await users.create(accountOf('u3'))
    for (const patch of [{ admin: false }, { active: false }, { admin: false, active: true }]) {
      assert.equal(await users.change('u1', patch, {}), false)
    }
    assert.equal(await users.change('u1', { admin: true, email: 'a@example.com' }, {}), true)
    assert.equal(await users.change('u2', { admin: false }, {}), true, 'was no active one')
    assert.equal(await users.change('u3', { active: false }, {}), true, 'was no administrator')
    assert.equal(await users.change('u2', { admin: true, active: true }, {}), true)
    assert.equal(await users.change('u1', { admin: false }, {}), true, 'another is left')
  },

  'of administrators who demote each other at once one is left': async ({ stores: { users } }) => {
    for (let round = 0; round < 10; round++) {
      const ids = [`a${round}`, `b${round}`, `c${round}`]
      for (const id of ids) await users.create(accountOf(id, { admin: true }))
      // Those of the round before, so that only these three are there to lead.
      if (round > 0) await users.change(await leader(round - 1), { admin: false }, {})
      const answers = await together(3, (index) => users.change(ids[index] ?? '', { admin: false }, { admin: true }))
      assert.equal(trues(answers), 2)
    }
    async function leader(round: number): Promise<string> {
      for (const letter of ['a', 'b', 'c'])
        if ((await users.findById(`${letter}${round}`))?.admin) return `${letter}${round}`
      throw new Error('nobody leads')
    }
  },

  'without any administrator ordinary accounts can still be changed': async ({ stores: { users } }) => {
    await users.create(accountOf('u1'))
    assert.equal(await users.change('u1', { active: false, admin: false }, {}), true)
  },

  'accounts are listed by the bytes of their names, from the given one on, as many as asked': async ({
    stores: { users },
  }) => {
    const sorted = ['Z', 'a', 'a b', 'aa', 'b', 'ß', '\uffee', '\u{1f600}']
    for (const [index, username] of [...sorted].reverse().entries())
      await users.create(accountOf(`u${index}`, { username }))
    const names = async (after: string, limit: number) =>
      (await users.list(after, limit)).map(({ username }) => username)
    assert.deepEqual(await names('', 100), sorted)
    assert.deepEqual(await names('a', 2), ['a b', 'aa'])
    assert.deepEqual(await names('a!', 1), ['aa'])
    assert.deepEqual(await names('\u{1f600}', 5), [])
    assert.deepEqual((await users.list('', 1))[0], shown(accountOf('u7', { username: 'Z' })))
  },
}
