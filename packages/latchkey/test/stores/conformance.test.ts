/** Every store passes the suite, and stores with the usual faults do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StoreUnderTest, storeConformance } from '../../src/stores/conformance.js'
import type { AccountStore, IdentityStore, RevocationLog, SessionStore } from '../../src/stores/port.js'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { memory, postgres, sqlite } from './kit.js'

let database: string
beforeAll(async () => {
  database = await postgresDatabase('conformance')
})

const makers: Readonly<Record<string, () => Promise<StoreUnderTest>>> = {
  memory,
  SQLite: sqlite,
  PostgreSQL: () => postgres(database),
}

const RACE =
  'of twenty at once nobody rotates what was ended, is dead by an end before its beginning, or waits for ever'

const faults = [
  [
    'a rotation that reads first and writes later',
    readThenWrite,
    'of many who rotate one generation at once exactly one succeeds',
  ],
  [
    'a provisioning that looks first and writes later',
    lookThenProvision,
    'of fifty who provision one identity at once one makes it, and all get it',
  ],
  ['subjects that are normalised', normalised, 'subjects that look alike are different users (case 211)'],
  [
    'a deletion that forgets who was deleted',
    forgetful,
    'the identities of a deleted account stay, and are nobody for good',
  ],
  [
    'an arrival that is taken for who has its name',
    takingOver,
    'nobody who is here is taken over, and who comes after one who cannot is made',
  ],
  ['an end that is acknowledged before it is written', late, RACE],
  ['the end of permissions that is forgotten', permissive, RACE],
] as const

for (const [name, make] of Object.entries(makers)) {
  const cases = storeConformance(name, make)
  describe(name, () => {
    for (const { name: sentence, run } of cases) test(sentence, run)
    afterAll(() => count(`conformance ${name}`, cases.length))
  })

  test.each(faults)(`${name}: the suite fails %s`, async (_, spoil, sentence) => {
    const cases = storeConformance('bad', async () => spoil(await make()))
    const caught = cases.find((one) => one.name === `bad: ${sentence}`)
    await expect(caught?.run()).rejects.toMatchObject({ code: 'ERR_ASSERTION' })
  })
}

/** What rotation would be if the port had a get and a set: whoever read the old generation believes that it wrote the new one. */
function readThenWrite(test: StoreUnderTest): StoreUnderTest {
  const { sessions } = test.stores
  const rotate: SessionStore['rotate'] = async (id, generation, secretId) => {
    const found = await sessions.find(id)
    if (found?.session.generation !== generation || found.dead) return false
    await sessions.rotate(id, generation, secretId)
    return true
  }
  return { ...test, stores: { ...test.stores, sessions: { ...sessions, rotate } } }
}

function late(test: StoreUnderTest): StoreUnderTest {
  const { revocations } = test.stores
  const append: RevocationLog['append'] = async (...given) => {
    setTimeout(() => void revocations.append(...given).catch(() => {}), 50)
    return { stamp: (await revocations.stamp()) + 1, at: test.clock.now }
  }
  return { ...test, stores: { ...test.stores, revocations: { ...revocations, append } } }
}

function permissive(test: StoreUnderTest): StoreUnderTest {
  const { revocations } = test.stores
  const append: RevocationLog['append'] = (what, ...given) =>
    revocations.append(
      what.filter(({ scope }) => scope !== 'permissions'),
      ...given,
    )
  return { ...test, stores: { ...test.stores, revocations: { ...revocations, append } } }
}

function lookThenProvision(test: StoreUnderTest): StoreUnderTest {
  const { users, identities } = test.stores
  const provision: IdentityStore['provision'] = async (row, subject, account) => {
    const standing = await identities.find(row, subject)
    if (standing) return { identity: standing, created: false }
    if (!(await users.create(account))) return 'taken'
    await identities.link(row, subject, account.id, account.createdAt)
    return { identity: { row, subject, userId: account.id, createdAt: account.createdAt }, created: true }
  }
  return { ...test, stores: { ...test.stores, identities: { ...identities, provision } } }
}

function takingOver(test: StoreUnderTest): StoreUnderTest {
  const { users, identities } = test.stores
  const provisionAll: IdentityStore['provisionAll'] = async (row, arrivals) => {
    for (const { subject, account } of arrivals) {
      const namesake = (await users.findByLogin(account.username))?.user
      if (namesake) await identities.link(row, subject, namesake.id, account.createdAt)
    }
    return identities.provisionAll(row, arrivals)
  }
  return { ...test, stores: { ...test.stores, identities: { ...identities, provisionAll } } }
}

function normalised(test: StoreUnderTest): StoreUnderTest {
  const { identities } = test.stores
  const provision: IdentityStore['provision'] = (row, subject, account) =>
    identities.provision(row, subject.normalize(), account)
  return { ...test, stores: { ...test.stores, identities: { ...identities, provision } } }
}

function forgetful(test: StoreUnderTest): StoreUnderTest {
  const { users, identities } = test.stores
  const remove: AccountStore['remove'] = async (id) => {
    for (const { row, subject } of await identities.list(id)) await identities.unlink(row, subject, id)
    return users.remove(id)
  }
  return { ...test, stores: { ...test.stores, users: { ...users, remove } } }
}
