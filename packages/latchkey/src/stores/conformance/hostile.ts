/** Conformance under hostile text: it is stored exactly or refused, and never becomes another one's. */
import assert from 'node:assert/strict'
import { AuthError } from '../../errors.js'
import { accountOf, epochOf, groupOf, type StorePromises, sessionAt, shown, tokenOf } from './kit.js'

const texts: Readonly<Record<string, string>> = {
  empty: '',
  quotes: `'"\`; drop table latchkey_users; --`,
  doubled: `' or ''='`,
  wildcards: '%_*?[a-z]',
  placeholders: '? ?1 :a @a $1 $$',
  backslashes: '\\\\ \\n \\u0000',
  prototype: '__proto__',
  constructor: 'constructor',
  number: '0010',
  infinity: '1e999',
  null: 'null',
  spaces: ' a ',
  emoji: '\u{1f469}\u200d\u{1f4bb}\u{1f600}',
  mark: '\ufeffa',
  controls: '\u0001\u001f\u007f\u0085\u2028',
  composed: 'e\u0301',
  long: 'x'.repeat(1_000_000),
  nul: 'a\0b',
  half: 'a\ud800',
}

/** `undefined` when the store refused the text. Whatever else it throws, it was not hardened against it. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    assert.ok(error instanceof AuthError && error.code === 'request_invalid', String(error))
    return undefined
  }
}

/** A promise for each text; a store may refuse NUL, halves of surrogate pairs and what no index holds, and nothing else. */
function forEachText(
  about: string,
  promise: (test: Parameters<StorePromises[string]>[0], text: string) => Promise<boolean>,
): StorePromises {
  return Object.fromEntries(
    Object.entries(texts).map(([kind, text]) => [
      `${about} is stored exactly or refused: ${kind}`,
      async (test) => {
        const stored = await promise(test, text)
        assert.ok(stored || ['nul', 'half', 'long'].includes(kind), 'refused')
      },
    ]),
  )
}

const accounts = forEachText('text in an account', async ({ stores: { users } }, text) => {
  // What a store would make of the text that cut it, or replaced half a pair.
  const neighbours = [
    accountOf('a'),
    accountOf('u2', { username: 'a' }),
    accountOf('u3', { username: 'a\ufffd', email: 'a' }),
  ]
  for (const neighbour of neighbours) await users.create(neighbour)
  const account = accountOf(text, { username: `${text}.`, email: text, permissions: [text], passwordHash: text })
  const stored = await unlessRefused(users.create(account))
  if (stored === undefined) {
    assert.equal(await unlessRefused(users.findById(text)), undefined)
    assert.equal(await unlessRefused(users.findByLogin(text)), undefined)
  } else {
    assert.equal(stored, true)
    const user = shown(account)
    assert.deepEqual(await users.findByLogin(`${text}.`), { user, passwordHash: text })
    assert.deepEqual(await users.findById(text), user)
    assert.equal(await users.change(text, { email: null }, { email: text, permissions: [text] }), true)
    assert.equal(await users.setPasswordHash(text, 'new', text), true)
    assert.ok((await users.list('', 99)).some(({ id }) => id === text))
  }
  for (const { id, username } of neighbours) assert.equal((await users.findByLogin(username))?.passwordHash, 'hash', id)
  return stored !== undefined
})

const sessions = forEachText('text in a session', async ({ stores: { sessions, revocations }, clock }, text) => {
  await sessions.create(sessionAt(clock.now, { id: 'a', userId: 'a' }), 9)
  await sessions.create(sessionAt(clock.now, { id: 'a\ufffd', userId: 'a\ufffd' }), 9)
  const fields = { id: text, userId: text, seed: text, secretId: text, device: text, address: text, scope: text }
  const session = sessionAt(clock.now, fields)
  const stored = (await unlessRefused(sessions.create(session, 9))) !== undefined
  const found = await unlessRefused(sessions.find(text))
  assert.deepEqual(found?.session, stored ? session : undefined)
  assert.equal((await unlessRefused(sessions.rotate(text, 0, text))) ?? false, stored)
  assert.equal((await unlessRefused(sessions.list(text)))?.length ?? 0, stored ? 1 : 0)
  await unlessRefused(revocations.append([epochOf('session', text), epochOf('user', text)], text))
  assert.equal((await unlessRefused(sessions.find(text)))?.session.endedBy, stored ? text : undefined)
  for (const id of ['a', 'a\ufffd']) assert.equal((await sessions.find(id))?.session.endedAt, null)
  return stored
})

const epochs = forEachText('text in an epoch', async ({ stores: { revocations, keys } }, text) => {
  const epoch = epochOf('jti', text, { row: text })
  const stored = (await unlessRefused(revocations.append([epoch], text))) !== undefined
  const read = (await revocations.since(0, 9)).epochs.map(({ stamp: _, ...rest }) => rest)
  assert.deepEqual(read, stored ? [epoch] : [])
  const saved = (await unlessRefused(keys.save(0, text, []))) ?? false
  assert.equal((await keys.load())?.sealed, saved ? text : undefined)
  const known = (await unlessRefused(keys.announce([text])))?.get(text)
  assert.equal(known, known === undefined ? undefined : 0)
  return stored && saved && known === 0
})

const identities = forEachText('text in an identity', async ({ stores: { identities, users } }, text) => {
  for (const [index, subject] of ['a', 'a\ufffd'].entries())
    await identities.provision(subject, subject, accountOf(`n${index}`))
  const made = await unlessRefused(identities.provision(text, text, accountOf('u1')))
  const found = await unlessRefused(identities.find(text, text))
  const identity = made && made !== 'taken' && made.created ? made.identity : undefined
  assert.deepEqual(found, identity)
  assert.equal((await users.findById('u1'))?.id, identity && 'u1', 'both or neither')
  assert.equal((await unlessRefused(identities.link(text, `${text}.`, 'u1', 1))) ?? false, identity !== undefined)
  assert.equal((await unlessRefused(identities.unlink(text, `${text}.`, 'u1'))) ?? false, identity !== undefined)
  for (const [index, subject] of ['a', 'a\ufffd'].entries())
    assert.equal((await identities.find(subject, subject))?.userId, `n${index}`)
  return identity !== undefined
})

const groups = forEachText('text in a group', async ({ stores: { groups, users } }, text) => {
  for (const name of ['a', 'a\ufffd']) await groups.create(groupOf(name, ['other']))
  await users.create(accountOf('u1', { permissions: [] }))
  const group = groupOf(text, [text])
  const stored = (await unlessRefused(groups.create(group))) ?? false
  assert.deepEqual(await unlessRefused(groups.find(text)), stored ? group : undefined)
  assert.equal((await unlessRefused(groups.join(text, 'u1', 1))) ?? false, stored)
  assert.equal((await unlessRefused(groups.join('a', text, 1))) ?? false, false)
  const { permissions, groups: names } = (await users.findById('u1')) ?? {}
  assert.deepEqual({ permissions, names }, { permissions: stored ? [text] : [], names: stored ? [text] : [] })
  assert.equal((await unlessRefused(groups.members(text, '', 9)))?.length ?? 0, stored ? 1 : 0)
  assert.equal((await unlessRefused(groups.change(text, [`${text}.`], [text], 1))) ?? false, stored)
  assert.equal((await unlessRefused(groups.leave(text, 'u1', 1))) ?? false, stored)
  assert.equal((await unlessRefused(groups.remove(text, 1))) ?? false, stored)
  for (const name of ['a', 'a\ufffd']) assert.deepEqual(await groups.find(name), groupOf(name, ['other']))
  return stored
})

const tokens = forEachText('text in an API token', async ({ stores: { apiTokens, keySets } }, text) => {
  for (const id of ['a', 'a\ufffd']) await apiTokens.create(tokenOf(id))
  const token = tokenOf(text, { userId: text, name: text, hash: text, permissions: [text] })
  const stored = (await unlessRefused(apiTokens.create(token).then(() => true))) ?? false
  assert.deepEqual(await unlessRefused(apiTokens.find(text)), stored ? token : undefined)
  assert.equal(
    (await unlessRefused(apiTokens.list({ userId: text }, '', 9)))?.length ?? 0,
    stored && text !== '' ? 1 : 0,
  )
  await unlessRefused(apiTokens.touch(text, 2, 2))
  assert.equal((await unlessRefused(apiTokens.revoke(text, 1, 2))) ?? false, stored)
  for (const id of ['a', 'a\ufffd']) assert.deepEqual(await apiTokens.find(id), tokenOf(id))
  await unlessRefused(keySets.save(text, text, 1))
  assert.equal((await unlessRefused(keySets.load(text)))?.text, stored ? text : undefined)
  return stored
})

export const hostilePromises: StorePromises = {
  ...accounts,
  ...sessions,
  ...epochs,
  ...identities,
  ...groups,
  ...tokens,
}
