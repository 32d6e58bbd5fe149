/** Between the token and its user: what changes while a token is on its way must count, and a dead token writes nothing. */
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { SaidOfUser, User, UserIdentities } from '../../src/stores/port.js'
import { ISSUER, PASSWORD, SECRET } from '../auth-kit.js'
import { mint, partner, pemOf, row, START, trusting, whoIs } from './kit.js'

/** Listeners hear of things a turn later. */
const told = () => new Promise(setImmediate)

test('a token from before everybody was sent out makes no user and no login', async () => {
  const { whoIs, auth, clock } = trusting([row()])
  const seen: string[] = []
  for (const name of ['user.provisioned', 'login.succeeded'] as const) auth.events.on(name, () => void seen.push(name))
  await auth.ready()
  clock.now += 10
  await auth.revoke({ everyone: true })
  expect((await whoIs(await mint({ sub: 'stolen' }))).code).toBe('token_revoked')
  expect(await auth.users.list()).toEqual([])
  await told()
  expect(seen).toEqual([])
})

test.each([undefined, { findById: async () => undefined, findByLogin: async () => undefined }])(
  'when everybody is sent out, so are those of whom only claims are known',
  async (users) => {
    const clock = { now: START }
    const shared = { issuer: ISSUER, database: 'memory', secret: SECRET, clock: () => clock.now }
    const issuers = [row({ users: 'none' })]
    const auth = users ? createAuth({ ...shared, issuers, users }) : createAuth({ ...shared, issuers })
    const who = whoIs(auth)
    const token = await mint()
    expect((await who(token)).code).toBeUndefined()
    clock.now += 10
    await auth.revoke({ everyone: true })
    expect((await who(token)).code).toBe('token_revoked')
    clock.now += 10
    expect((await who(await mint({ iat: clock.now }))).code).toBeUndefined()
  },
)

describe('a user of the application’s own table', () => {
  interface Member extends User {
    active: boolean
  }

  /** An auth over a table with one member behind `u-1`, which a test changes; it writes down what is noted of whom. */
  function foreign(identities: Partial<UserIdentities<Member>> = {}) {
    const bound = new Map<string, Member | 'gone'>([['company u-1', { id: 'm-1', active: true }]])
    const noted: string[] = []
    const clock = { now: START }
    const auth = createAuth({
      issuer: ISSUER,
      database: 'memory',
      secret: SECRET,
      clock: () => clock.now,
      issuers: [row({ attributes: { team: 'team' } })],
      users: {
        findById: async (id) => [...bound.values()].find((one): one is Member => one !== 'gone' && one.id === id),
        findByLogin: async () => undefined,
        identities: {
          find: async (id, subject) => bound.get(`${id} ${subject}`),
          describe: async ({ id }, said: SaidOfUser) => void noted.push(`describe ${id} ${said.attributes.team}`),
          signedIn: async (id) => noted.push(`signedIn ${id}`) > 0,
          ...identities,
        },
      },
    })
    auth.events.on('login.succeeded', ({ userId }) => void noted.push(`login ${userId}`))
    return { auth, bound, noted, clock, whoIs: whoIs(auth) }
  }

  test.each<[string, Member | 'gone' | undefined]>([
    ['was disabled', { id: 'm-1', active: false }],
    ['was deleted', 'gone'],
    ['was unbound', undefined],
  ])('who %s is out with the next new token, and it is no login', async (_, next) => {
    const { bound, noted, whoIs } = foreign()
    expect((await whoIs(await mint({ team: 'red' }))).context?.userId).toBe('m-1')
    await told()
    noted.length = 0
    if (next) bound.set('company u-1', next)
    else bound.delete('company u-1')
    expect((await whoIs(await mint({ iat: START + 5, team: 'blue' }))).code).toBe('user_inactive')
    expect((await whoIs(await mint({ iat: START + 5, team: 'blue' }))).code).toBe('user_inactive')
    await told()
    expect(noted).toEqual([])
  })

  test('is somebody else from the next new token on, if the table says so, and nothing is noted of the first', async () => {
    const { bound, noted, whoIs } = foreign()
    await whoIs(await mint({ team: 'red' }))
    await told()
    noted.length = 0
    bound.set('company u-1', { id: 'm-2', active: true })
    expect((await whoIs(await mint({ iat: START + 5, team: 'blue' }))).context?.userId).toBe('m-2')
    await told()
    expect(noted).toEqual(['describe m-2 blue', 'signedIn m-2', 'login m-2'])
  })

  test('whose table answers nonsense is 503, for every kind of nonsense', async () => {
    for (const answer of [5, 'm-1', { id: 7 }, { id: 'm-1', active: 0 }, { id: '' }, [], true]) {
      const { whoIs } = foreign({ find: async () => answer as unknown as Member })
      expect((await whoIs(await mint())).code).toBe('store_failed')
    }
  })
})

describe('while a token is looked up', () => {
  /** An auth whose look at an identity, once it was taken, waits for the test; alice is `u-1` of the company. */
  async function slow() {
    const stores = memoryStores({ clock: () => START })
    let wait = Promise.resolve()
    let open: () => void = () => {}
    const find: typeof stores.identities.find = async (id, subject) => {
      const found = await stores.identities.find(id, subject)
      await wait
      return found
    }
    const kit = trusting([row({ users: 'known' })], {
      database: { ...stores, identities: { ...stores.identities, find } },
    })
    const alice = await kit.auth.users.create({ username: 'alice', password: PASSWORD })
    await stores.identities.link('company', 'u-1', alice.id, START)
    wait = new Promise((done) => {
      open = done
    })
    return { ...kit, alice, open: () => open(), late: kit.whoIs(await mint({ iat: START + 20 })) }
  }

  test('a user who is disabled is out', async () => {
    const { whoIs, auth, alice, open, late } = await slow()
    await auth.users.disable(alice.id)
    open()
    expect((await late).context).toBeUndefined()
    expect((await whoIs(await mint({ iat: START + 20 }))).code).toBe('user_inactive')
  })

  test('a user who is deleted is out', async () => {
    const { whoIs, auth, alice, open, late } = await slow()
    await auth.users.remove(alice.id)
    open()
    await late
    expect(await whoIs(await mint({ iat: START + 20 }))).toMatchObject({ code: 'user_inactive', reason: 'user_gone' })
  })

  test('an identity that is taken back is nobody’s from the next request on', async () => {
    const { whoIs, auth, alice, open, late } = await slow()
    await auth.identities?.unlink(alice.id, { issuer: 'company', subject: 'u-1' })
    open()
    await late
    expect((await whoIs(await mint({ iat: START + 20 }))).code).toBe('user_inactive')
  })
})

test('a process that ends between making a user and telling of it leaves one user, who is found by the next', async () => {
  const stores = memoryStores({ clock: () => START })
  const { identities } = stores
  const dying: typeof identities.provision = async (...given) => {
    await identities.provision(...given)
    throw new Error('killed')
  }
  const first = trusting([row()], { database: { ...stores, identities: { ...identities, provision: dying } } })
  expect((await first.whoIs(await mint())).code).toBe('store_failed')
  const { whoIs, auth } = trusting([row()], { database: stores })
  const { context } = await whoIs(await mint())
  expect(await auth.users.list()).toMatchObject([{ id: context?.userId }])
})

test('what one issuer says of a user is not wiped out by another that knows them too', async () => {
  const PARTNER = 'https://partner.example'
  const { whoIs, auth } = trusting([
    row({ users: 'create', attributes: { team: 'team', blocked: 'blocked' } }),
    row({ id: 'partner', issuer: PARTNER, keys: { pem: pemOf(partner.publicKey) }, attributes: { level: 'level' } }),
  ])
  const id = (await whoIs(await mint({ team: 'red', blocked: true }))).context?.userId as string
  await auth.identities?.link(id, { issuer: 'partner', subject: 'p-1' })
  const other = { iss: PARTNER, sub: 'p-1', team: 'blue', level: 3, iat: START + 1 }
  expect((await whoIs(await mint(other, { key: partner.privateKey }))).context?.userId).toBe(id)
  expect((await auth.users.byId(id))?.attributes).toEqual({ team: 'red', blocked: true, level: 3 })
  await whoIs(await mint({ iat: START + 2, team: 'red' }))
  expect((await auth.users.byId(id))?.attributes).toEqual({ team: 'red', level: 3 })
})
