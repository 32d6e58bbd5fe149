/** Conformance of identities: each (row, subject) is one user for good, and no other text is that user. */
import assert from 'node:assert/strict'
import { accountOf, type StorePromises, shown, together, trues } from './kit.js'

/** Subjects that a database which folds, trims or normalises takes for one. */
const lookalikes = [
  'Ann',
  'ann',
  'ann ',
  ' ann',
  'ann\t',
  'a\u0301',
  '\u00e1',
  'ﬁ',
  'fi',
  'ss',
  'ß',
  'İ',
  'i',
  '0',
  '00',
]

export const identityPromises: StorePromises = {
  'an identity is made with its account, and found': async ({ stores: { identities, users } }) => {
    assert.equal(await identities.find('idp', 'ann'), undefined)
    const account = accountOf('u1', { passwordHash: null, attributes: { team: 'blue' } })
    const identity = { row: 'idp', subject: 'ann', userId: 'u1', createdAt: account.createdAt }
    assert.deepEqual(await identities.provision('idp', 'ann', account), { identity, created: true })
    assert.deepEqual(await identities.find('idp', 'ann'), identity)
    assert.deepEqual(await users.findByLogin('name-u1'), { user: shown(account), passwordHash: null })
    assert.deepEqual(await identities.list('u1'), [identity])
  },

  'an identity that stands is answered, and no account is made': async ({ stores: { identities, users } }) => {
    await identities.provision('idp', 'ann', accountOf('u1'))
    const identity = await identities.find('idp', 'ann')
    for (const account of [accountOf('u2'), accountOf('u3', { username: 'name-u1' }), accountOf('u1')]) {
      assert.deepEqual(await identities.provision('idp', 'ann', account), { identity, created: false })
    }
    assert.deepEqual(
      (await users.list('', 9)).map(({ id }) => id),
      ['u1'],
    )
  },

  'of fifty who provision one identity at once one makes it, and all get it': async ({
    stores: { identities, users },
  }) => {
    for (let round = 0; round < 4; round++) {
      const answers = await together(50, (index) =>
        identities.provision('idp', `ann ${round}`, accountOf(`${round}-${index}`)),
      )
      const identity = await identities.find('idp', `ann ${round}`)
      assert.equal(trues(answers.map((answer) => answer !== 'taken' && answer.created)), 1)
      for (const answer of answers) assert.deepEqual(answer !== 'taken' && answer.identity, identity)
      assert.equal((await users.list('', 99)).length, round + 1)
    }
  },

  'an account whose name or address is taken is nobody, and leaves no identity': async ({
    stores: { identities, users },
  }) => {
    const root = accountOf('u1', { username: 'root', email: 'root@example.com', admin: true })
    await users.create(root)
    const wishes = [{ username: 'root' }, { email: 'root@example.com' }, { username: 'root', email: root.email }]
    for (const wish of [...wishes.map((over) => accountOf('u2', over)), accountOf('u1')]) {
      assert.equal(await identities.provision('idp', 'ann', wish), 'taken')
      assert.equal(await identities.find('idp', 'ann'), undefined)
    }
    assert.deepEqual(await identities.list('u1'), [])
    assert.equal((await users.list('', 9)).length, 1)
    assert.equal(Object(await identities.provision('idp', 'ann', accountOf('u2'))).created, true)
  },

  'of many who provision one identity at once nobody fails by the account of another': async ({
    stores: { identities, users },
  }) => {
    await users.create(accountOf('root', { username: 'root' }))
    const wishes = ['root', 'root', 'a\0b', 'free', 'root', 'free too', 'a\0b', 'free as well']
    const answers = await Promise.allSettled(
      wishes.map((username, index) => identities.provision('idp', 'ann', accountOf(`u${index}`, { username }))),
    )
    const identity = await identities.find('idp', 'ann')
    assert.ok(identity)
    for (const [index, answer] of answers.entries()) {
      if (!wishes[index]?.startsWith('free')) continue
      assert.ok(answer.status === 'fulfilled' && answer.value !== 'taken', wishes[index])
      assert.deepEqual(answer.value.identity, identity)
    }
    assert.equal((await users.list('', 9)).length, 2)
  },

  'of many identities that want one name at once one gets it, and the others stay nobody': async ({
    stores: { identities, users },
  }) => {
    const answers = await together(32, (index) =>
      identities.provision('idp', `s${index}`, accountOf(`u${index}`, { username: 'ann' })),
    )
    assert.equal(answers.filter((answer) => answer === 'taken').length, 31)
    const found = await together(32, (index) => identities.find('idp', `s${index}`))
    assert.deepEqual(
      found.map((identity) => identity !== undefined),
      answers.map((answer) => answer !== 'taken'),
    )
    assert.equal((await users.list('', 99)).length, 1)
  },

  'subjects that look alike are different users (case 211)': async ({ stores: { identities } }) => {
    for (const [index, subject] of lookalikes.entries()) {
      const made = await identities.provision('idp', subject, accountOf(`u${index}`))
      assert.equal(made !== 'taken' && made.created, true, JSON.stringify(subject))
    }
    for (const [index, subject] of lookalikes.entries()) {
      assert.equal((await identities.find('idp', subject))?.userId, `u${index}`, JSON.stringify(subject))
    }
  },

  'a subject is somebody in its own row only': async ({ stores: { identities } }) => {
    const rows = ['idp', 'IdP', 'idp ', '', 'self']
    for (const row of rows) await identities.provision(row, 'ann', accountOf(`of ${row}`))
    for (const row of rows) assert.equal((await identities.find(row, 'ann'))?.userId, `of ${row}`)
    await identities.provision('a', 'b.c', accountOf('u1'))
    for (const [row, subject] of [
      ['a.b', 'c'],
      ['ab', '.c'],
      ['', 'a.b.c'],
    ] as const)
      assert.equal(await identities.find(row, subject), undefined)
  },

  'an identity is linked to an account that exists, once': async ({ stores: { identities, users } }) => {
    assert.equal(await identities.link('idp', 'ann', 'u1', 7), false)
    await together(2, (index) => users.create(accountOf(`u${index + 1}`)))
    assert.equal(await identities.link('idp', 'ann', 'u1', 7), true)
    for (const user of ['u1', 'u2']) assert.equal(await identities.link('idp', 'ann', user, 8), false)
    assert.equal(await identities.link('acme', 'ann', 'u1', 9), true)
    const [acme, idp] = ['acme', 'idp'].map((row) => ({ row, subject: 'ann', userId: 'u1' }))
    assert.deepEqual(await identities.list('u1'), [
      { ...acme, createdAt: 9 },
      { ...idp, createdAt: 7 },
    ])
    assert.deepEqual(await identities.list('u2'), [])
    const answers = await together(32, (index) => identities.link('idp', 'bob', `u${(index % 2) + 1}`, 1))
    assert.equal(trues(answers), 1)
    assert.equal((await identities.find('idp', 'bob'))?.userId, `u${(answers.indexOf(true) % 2) + 1}`)
  },

  'an identity is taken from its user and nobody else, and is new afterwards': async ({ stores: { identities } }) => {
    await identities.provision('idp', 'ann', accountOf('u1'))
    await identities.provision('idp', 'bob', accountOf('u2'))
    for (const [row, subject, user] of [
      ['idp', 'ann', 'u2'],
      ['idp', 'ann', ''],
      ['idp', 'Ann', 'u1'],
      ['IDP', 'ann', 'u1'],
    ] as const)
      assert.equal(await identities.unlink(row, subject, user), false)
    assert.equal(await identities.unlink('idp', 'ann', 'u1'), true)
    assert.equal(await identities.unlink('idp', 'ann', 'u1'), false)
    assert.equal(await identities.find('idp', 'ann'), undefined)
    assert.equal((await identities.find('idp', 'bob'))?.userId, 'u2')
    assert.equal(await identities.link('idp', 'ann', 'u2', 1), true)
  },
}
