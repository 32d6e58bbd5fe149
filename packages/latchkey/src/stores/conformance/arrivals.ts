/** Conformance of arrivals: many accounts of another system in one transaction, each with its identity and its groups. */
import assert from 'node:assert/strict'
import { accountOf, groupOf, type StorePromises, together } from './kit.js'

const arrivalOf = (id: string, groups: readonly string[] = []) => ({ subject: id, account: accountOf(id), groups })

export const arrivalPromises: StorePromises = {
  'accounts arrive with their identities, and are in those of their groups that there are': async ({ stores }) => {
    const { identities, groups, users, revocations } = stores
    await groups.create(groupOf('editors', ['posts:write']))
    const stamp = await revocations.stamp()
    const made = await identities.provisionAll('import', [
      arrivalOf('u1', ['editors', 'editors', 'nobody']),
      arrivalOf('u2'),
    ])
    const identity = { row: 'import', subject: 'u1', userId: 'u1', createdAt: accountOf('u1').createdAt }
    assert.deepEqual(made[0], { identity, created: true })
    assert.deepEqual((await users.findById('u1'))?.groups, ['editors'])
    assert.deepEqual((await users.findById('u1'))?.permissions, ['posts:read', 'posts:write'])
    assert.deepEqual((await users.findById('u2'))?.groups, [])
    // Nobody has a token that this could make stale.
    assert.deepEqual((await revocations.since(stamp, 9)).epochs, [])
  },

  'who arrived before is answered and left alone, and who is deleted stays out': async ({
    stores: { identities, groups, users },
  }) => {
    await groups.create(groupOf('editors'))
    await identities.provisionAll('import', [arrivalOf('u1'), arrivalOf('u2')])
    await users.remove('u2')
    const [first, second, third] = await identities.provisionAll('import', [
      { ...arrivalOf('u1', ['editors']), account: accountOf('u1', { username: 'other', admin: true }) },
      arrivalOf('u2'),
      arrivalOf('u3'),
    ])
    assert.deepEqual(
      [first, second, third].map((one) => one !== 'taken' && one?.created),
      [false, false, true],
    )
    assert.equal(second !== 'taken' && second?.identity.userId, null)
    const account = await users.findById('u1')
    assert.deepEqual([account?.username, account?.admin, account?.groups], ['name-u1', false, []])
    assert.equal(await users.findById('u2'), undefined)
  },

  'nobody who is here is taken over, and who comes after one who cannot is made': async ({
    stores: { identities, users },
  }) => {
    await users.create(accountOf('u1', { username: 'ann', email: 'ann@example.com' }))
    const named = (id: string, over: object) => ({ ...arrivalOf(id), account: accountOf(id, over) })
    const made = await identities.provisionAll('import', [
      named('u1', {}),
      named('u2', { username: 'ann' }),
      named('u3', { email: 'ann@example.com' }),
      named('u4', { username: 'bob' }),
      named('u5', { username: 'bob' }),
    ])
    assert.deepEqual(
      made.map((one) => one === 'taken'),
      [true, true, true, false, true],
    )
    assert.deepEqual((await users.findByLogin('ann'))?.user.id, 'u1')
    // What was refused left nothing behind that would keep it out later.
    for (const id of ['u1', 'u2', 'u3', 'u5']) assert.equal(await identities.find('import', id), undefined)
  },

  'of ten who bring the same hundred at once each account is made by one': async ({
    stores: { identities, users },
  }) => {
    const arrivals = Array.from({ length: 100 }, (_, index) => arrivalOf(`u${index}`))
    const answers = await together(10, () => identities.provisionAll('import', arrivals))
    for (const [index] of arrivals.entries()) {
      const created = answers.filter((made) => made[index] !== 'taken' && (made[index] as { created: boolean }).created)
      assert.equal(created.length, 1)
    }
    assert.equal((await users.list('', 999)).length, 100)
  },
}
