/** Conformance of groups: what they have their members have, and whatever changes it stands in the log. */
import assert from 'node:assert/strict'
import { type Account, type NewEpoch, OWN_ROW, type Stores } from '../port.js'
import { accountOf, epochOf, groupOf, type StorePromises, shown, together, trues } from './kit.js'

const UNTIL = 4_000_000_000

/** The accounts `u1` to `u3`, who were granted `posts:read`, and a group that may write. */
async function withGroup({ users, groups }: Stores): Promise<void> {
  for (const id of ['u1', 'u2', 'u3']) await users.create(accountOf(id))
  await groups.create(groupOf('editors'))
}

async function rightsOf({ users }: Stores, id: string) {
  const { permissions, granted, groups } = (await users.findById(id)) as Account
  return { permissions, granted, groups }
}

/** What the log has learnt since, as sets: in which order the members of a group come is not promised. */
async function newsSince({ revocations }: Stores, stamp: number): Promise<NewEpoch[]> {
  const { epochs } = await revocations.since(stamp, 1_000)
  return epochs.map(({ stamp: _, ...epoch }) => epoch).sort((a, b) => (a.key < b.key ? -1 : 1))
}

const stale = (...ids: string[]): NewEpoch[] => ids.map((id) => epochOf('permissions', id))

export const groupPromises: StorePromises = {
  'a group comes back as it was written, and its name is taken once': async ({ stores: { groups } }) => {
    const group = groupOf('Content editors', ['posts:*', 'a "b"', ''])
    assert.equal(await groups.create({ ...group, root: true } as typeof group), true)
    assert.deepEqual(await groups.find('Content editors'), group)
    assert.equal(await groups.create(groupOf('Content editors', [])), false)
    assert.deepEqual(await groups.find('Content editors'), group)
    for (const other of ['content editors', 'Content editors ', '', 'posts:*'])
      assert.equal(await groups.find(other), undefined)
    const answers = await together(16, (index) => groups.create(groupOf('new', [`${index}`])))
    assert.equal(trues(answers), 1)
    assert.deepEqual((await groups.find('new'))?.permissions, [`${answers.indexOf(true)}`])
  },

  'groups are listed by the bytes of their names, from the given one on, as many as asked': async ({
    stores: { groups },
  }) => {
    const sorted = ['Z', 'a', 'a b', 'ß', '\uffee', '\u{1f600}']
    for (const name of [...sorted].reverse()) await groups.create(groupOf(name))
    const names = async (after: string, limit: number) => (await groups.list(after, limit)).map(({ name }) => name)
    assert.deepEqual(await names('', 9), sorted)
    assert.deepEqual(await names('a', 2), ['a b', 'ß'])
    assert.deepEqual(await names('\u{1f600}', 9), [])
  },

  'an account may what it was granted and what its groups may, each once': async ({ stores }) => {
    const { users, groups } = stores
    await withGroup(stores)
    await groups.create(groupOf('Zoo', ['posts:read', 'zoo:*', 'posts:write']))
    assert.equal(await groups.join('editors', 'u1', UNTIL), true)
    assert.equal(await groups.join('Zoo', 'u1', UNTIL), true)
    const permissions = ['posts:read', 'zoo:*', 'posts:write']
    const all = { permissions, granted: ['posts:read'], groups: ['Zoo', 'editors'] }
    assert.deepEqual(await rightsOf(stores, 'u1'), all)
    assert.deepEqual((await users.findByLogin('name-u1'))?.user, { ...shown(accountOf('u1')), ...all })
    assert.deepEqual((await users.list('', 9))[0], { ...shown(accountOf('u1')), ...all })
    assert.deepEqual(await users.findById('u2'), shown(accountOf('u2')))
    assert.equal(await users.change('u1', { permissions: ['x'] }, { permissions }), false, 'not what was granted')
    assert.equal(await users.change('u1', { permissions: ['x'] }, { permissions: ['posts:read'] }), true)
    assert.deepEqual((await rightsOf(stores, 'u1')).granted, ['x'])
    const smuggled = { groups: ['root'], granted: ['root'] } as object
    assert.equal(await users.change('u2', smuggled, smuggled), true)
    assert.deepEqual(await users.findById('u2'), shown(accountOf('u2')))
  },

  'a user is a member once, and of a group and as a user that there is': async ({ stores }) => {
    const { groups } = stores
    await withGroup(stores)
    const stamp = await stores.revocations.stamp()
    for (const [group, user] of [
      ['editors', 'u9'],
      ['editor', 'u1'],
      ['', ''],
    ] as const)
      assert.equal(await groups.join(group, user, UNTIL), false)
    assert.equal(await groups.leave('editors', 'u1', UNTIL), false)
    assert.deepEqual(await newsSince(stores, stamp), [])
    assert.equal(trues(await together(16, () => groups.join('editors', 'u1', UNTIL))), 1)
    assert.deepEqual(await newsSince(stores, stamp), stale('u1'))
    assert.equal(trues(await together(16, () => groups.leave('editors', 'u1', UNTIL))), 1)
    assert.deepEqual(await rightsOf(stores, 'u1'), { permissions: ['posts:read'], granted: ['posts:read'], groups: [] })
    assert.deepEqual(await groups.members('editors', '', 9), [])
  },

  'members are listed by the bytes of their names': async ({ stores }) => {
    const { groups, users } = stores
    await withGroup(stores)
    await users.create(accountOf('u0', { username: 'Z' }))
    for (const id of ['u3', 'u1', 'u0']) await groups.join('editors', id, UNTIL)
    const ids = async (after: string, limit: number) =>
      (await groups.members('editors', after, limit)).map(({ id }) => id)
    assert.deepEqual(await ids('', 9), ['u0', 'u1', 'u3'])
    assert.deepEqual(await ids('Z', 1), ['u1'])
    assert.deepEqual(await groups.members('nothing', '', 9), [])
    assert.deepEqual((await groups.members('editors', '', 1))[0], await users.findById('u0'))
  },

  'a group changes where it still is what was expected, and each of its members is told': async ({ stores }) => {
    const { groups, revocations } = stores
    await withGroup(stores)
    for (const id of ['u1', 'u2']) await groups.join('editors', id, UNTIL)
    const stamp = await revocations.stamp()
    for (const expect of [[], ['posts:write', 'x'], ['posts:*']])
      assert.equal(await groups.change('editors', ['x'], expect, UNTIL), false)
    assert.equal(await groups.change('nothing', ['x'], [], UNTIL), false)
    assert.deepEqual(await newsSince(stores, stamp), [])
    assert.equal(await groups.change('editors', ['b', 'a'], ['posts:write'], UNTIL), true)
    assert.deepEqual((await rightsOf(stores, 'u2')).permissions, ['posts:read', 'b', 'a'])
    assert.deepEqual(await newsSince(stores, stamp), stale('u1', 'u2'))
    const { epochs, head } = await revocations.since(stamp, 9)
    assert.equal(new Set(epochs.map((epoch) => epoch.stamp)).size, 2, 'a stamp of its own for each')
    assert.equal(Math.max(...epochs.map((epoch) => epoch.stamp)), head)
    assert.equal(await groups.change('editors', ['a', 'b'], ['a', 'b'], UNTIL), false, 'in another order')
    const answers = await together(16, (index) => groups.change('editors', [`${index}`], ['b', 'a'], UNTIL))
    assert.equal(trues(answers), 1)
    assert.deepEqual((await groups.find('editors'))?.permissions, [`${answers.indexOf(true)}`])
  },

  'of a group that many are in, each is told, or everybody at once': async ({ stores }) => {
    const { users, groups, revocations } = stores
    await groups.create(groupOf('all'))
    const ids = Array.from({ length: 101 }, (_, index) => `m${index}`)
    await Promise.all(ids.map((id) => users.create(accountOf(id))))
    await Promise.all(ids.map((id) => groups.join('all', id, UNTIL)))
    const stamp = await revocations.stamp()
    assert.equal(await groups.change('all', [], ['posts:write'], UNTIL), true)
    const { epochs } = await revocations.since(stamp, 1_000)
    assert.ok(epochs.every(({ scope, row, until }) => scope === 'permissions' && row === OWN_ROW && until === UNTIL))
    const told = new Set(epochs.map(({ key }) => key))
    assert.ok(told.has('') || ids.every((id) => told.has(id)))
  },

  'an epoch of a group never shortens the life of an earlier one': async ({ stores }) => {
    await withGroup(stores)
    await stores.groups.join('editors', 'u1', UNTIL)
    await stores.groups.change('editors', [], ['posts:write'], 7)
    assert.deepEqual(await newsSince(stores, 0), stale('u1'))
  },

  'nobody is in a deleted group, nor in one that is called so later': async ({ stores }) => {
    const { groups, revocations } = stores
    await withGroup(stores)
    for (const id of ['u1', 'u2']) await groups.join('editors', id, UNTIL)
    const stamp = await revocations.stamp()
    assert.equal(await groups.remove('editor', UNTIL), false)
    assert.equal(trues(await together(4, () => groups.remove('editors', UNTIL))), 1)
    assert.deepEqual(await newsSince(stores, stamp), stale('u1', 'u2'))
    await groups.create(groupOf('editors', ['root']))
    assert.deepEqual(await rightsOf(stores, 'u1'), { permissions: ['posts:read'], granted: ['posts:read'], groups: [] })
    assert.deepEqual(await groups.members('editors', '', 9), [])
  },

  'who is deleted is in no group, and whoever joins meanwhile neither': async ({ stores }) => {
    const { users, groups } = stores
    await withGroup(stores)
    await groups.join('editors', 'u1', UNTIL)
    await users.remove('u1')
    await users.create(accountOf('u1'))
    assert.deepEqual(await users.findById('u1'), shown(accountOf('u1')))
    for (let round = 0; round < 8; round++) {
      await users.create(accountOf(`m${round}`))
      await Promise.all([groups.join('editors', `m${round}`, UNTIL), users.remove(`m${round}`)])
      await users.create(accountOf(`m${round}`))
    }
    assert.deepEqual(await groups.members('editors', '', 99), [])
  },

  'of a group that changes while somebody joins, nobody misses the news': async ({ stores }) => {
    const { groups, revocations } = stores
    await withGroup(stores)
    for (let round = 0; round < 8; round++) {
      const expect = (await groups.find('editors'))?.permissions ?? []
      await Promise.all([
        groups.join('editors', 'u1', UNTIL),
        groups.change('editors', [`round:${round}`], expect, UNTIL),
        groups.remove('nothing', UNTIL),
      ])
      const { epochs } = await revocations.since(0, 99)
      // Had the change not seen the new member, what was read between the two would go on with the former permissions.
      assert.equal(epochs.find(({ key }) => key === 'u1')?.stamp, await revocations.stamp())
      await groups.leave('editors', 'u1', UNTIL)
    }
  },
}
