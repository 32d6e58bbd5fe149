/** Users of other issuers: made at first sight, once, and never anybody who was here before (security.md 2.14, goal G23). */
import { afterEach, describe, expect, test } from 'vitest'
import type { IssuerOptions } from '../../src/issuer-options.js'
import { memoryStores } from '../../src/stores/memory.js'
import { PASSWORD } from '../auth-kit.js'
import { mint, row, START, trusting } from './kit.js'

const closing: (() => Promise<void>)[] = []
afterEach(async () => void (await Promise.all(closing.splice(0).map((close) => close()))))

function trust(options: Partial<IssuerOptions> = {}, stores = memoryStores({ clock: () => START })) {
  const kit = trusting([row({ username: 'preferred_username', email: 'email', ...options })], { database: stores })
  const seen: string[] = []
  for (const name of ['user.provisioned', 'login.succeeded'] as const)
    kit.auth.events.on(name, ({ userId }) => void seen.push(`${name} ${userId}`))
  closing.push(kit.auth.close)
  return { ...kit, stores, seen, settled: () => new Promise((done) => setTimeout(done, 5)) }
}

describe('the first good token', () => {
  test('of 50 at once makes one user and one login (case 211)', async () => {
    const { whoIs, auth, seen, settled } = trust()
    const token = await mint({ preferred_username: 'hello' })
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await whoIs(token)).context?.userId))
    expect(new Set(ids).size).toBe(1)
    const users = await auth.users.list()
    expect(users).toMatchObject([{ id: ids[0], username: 'hello', admin: false, permissions: [], lastLoginAt: START }])
    await settled()
    expect(seen).toEqual([`user.provisioned ${ids[0]}`, `login.succeeded ${ids[0]}`])
  })

  test('of 50 at once at two processes makes one user too', async () => {
    const stores = memoryStores({ clock: () => START })
    const both = [trust({}, stores), trust({}, stores)]
    const token = await mint()
    const found = await Promise.all(both.flatMap(({ whoIs }) => Array.from({ length: 25 }, () => whoIs(token))))
    expect(new Set(found.map(({ context }) => context?.userId)).size).toBe(1)
    await both[0]?.settled()
    const made = both.flatMap(({ seen }) => seen).filter((one) => one.startsWith('user.provisioned'))
    const logins = both.flatMap(({ seen }) => seen).filter((one) => one.startsWith('login.succeeded'))
    expect([made.length, logins.length]).toEqual([1, 1])
  })

  test('of subjects that differ by case, space or composition makes different users (case 211)', async () => {
    const { whoIs, auth } = trust()
    const subjects = ['u', 'U', 'u ', ' u', 'é', 'e\u0301', 'ｕ']
    const ids = await Promise.all(subjects.map(async (sub) => (await whoIs(await mint({ sub }))).context?.userId))
    expect(new Set(ids).size).toBe(subjects.length)
    expect((await auth.users.list()).length).toBe(subjects.length)
  })

  test('of too many new subjects waits, and those who are known do not (case 211)', async () => {
    const { whoIs, clock } = trust({ newUsers: { points: 3, seconds: 60 } })
    for (let i = 0; i < 3; i++) expect((await whoIs(await mint({ sub: `s${i}` }))).code).toBeUndefined()
    const refused = await whoIs(await mint({ sub: 's3' }))
    expect(refused).toMatchObject({ code: 'login_throttled', failure: { retryAfter: 60 } })
    expect((await whoIs(await mint({ sub: 's1' }))).code).toBeUndefined()
    clock.now += 60
    expect((await whoIs(await mint({ sub: 's3', exp: START + 600 }))).code).toBeUndefined()
  })
})

describe('a name or an address of somebody here', () => {
  test.each([true, false, 'true', undefined])(
    'leads to a user of its own, verified or not: %s (cases 35, 209)',
    async (verified) => {
      const { whoIs, auth } = trust()
      const root = await auth.users.create({
        username: 'root',
        email: 'root@example.com',
        password: PASSWORD,
        admin: true,
      })
      const claims = { sub: 'x', preferred_username: 'ROOT', email: 'root@example.com', email_verified: verified }
      const { context } = await whoIs(await mint(claims))
      const user = (await context?.user()) as { id: string; username: string; email: string | null; admin: boolean }
      expect(user.id).not.toBe(root.id)
      expect(user).toMatchObject({ admin: false, email: null })
      expect(user.username).not.toBe('root')
      expect(await auth.users.byId(root.id)).toEqual(root)
    },
  )

  test('is kept as an address only where the issuer verified it', async () => {
    const { whoIs, auth } = trust()
    await whoIs(await mint({ sub: 'a', email: 'a@example.com', email_verified: 'true' }))
    await whoIs(await mint({ sub: 'b', email: 'b@example.com', email_verified: true }))
    expect((await auth.users.list()).map(({ email }) => email).sort()).toEqual(['b@example.com', null])
  })

  test.each(['', 'a b', '\0', 'x'.repeat(300), 5, null, '<script>', ['a']])(
    'that cannot be one, %j, is no reason to refuse',
    async (name) => {
      const { whoIs, auth } = trust()
      expect((await whoIs(await mint({ preferred_username: name }))).code).toBeUndefined()
      const [user] = await auth.users.list()
      expect(user?.username).toMatch(/^[\w-]+$/)
    },
  )

  test('of a user made on the fly is theirs: registering it later is a conflict', async () => {
    const { whoIs, auth } = trust()
    await whoIs(await mint({ preferred_username: 'hello' }))
    await expect(auth.users.create({ username: 'Hello', password: PASSWORD })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})

describe('a user who must stay out', () => {
  test('is out at once when disabled, and in again with a token from after that', async () => {
    const { whoIs, auth, clock } = trust()
    const token = await mint()
    const id = (await whoIs(token)).context?.userId as string
    await auth.users.disable(id)
    expect((await whoIs(token)).code).toBe('user_inactive')
    expect((await whoIs(await mint({ iat: START + 5 }))).code).toBe('user_inactive')
    await auth.users.enable(id)
    expect((await whoIs(token)).code).toBe('token_revoked')
    clock.now += 60
    expect((await whoIs(await mint({ iat: START + 60, exp: START + 360 }))).context?.userId).toBe(id)
  })

  test('is not made again when deleted', async () => {
    const { whoIs, auth } = trust()
    const id = (await whoIs(await mint())).context?.userId as string
    await auth.users.remove(id)
    expect(await whoIs(await mint())).toMatchObject({ code: 'user_inactive', reason: 'user_gone' })
    expect(await auth.users.list()).toEqual([])
  })

  test('is out when all that is theirs was revoked, until their issuer gives them a new token', async () => {
    const { whoIs, auth, clock } = trust()
    const token = await mint()
    const id = (await whoIs(token)).context?.userId as string
    await auth.revoke({ user: id })
    expect((await whoIs(token)).code).toBe('token_revoked')
    clock.now += 60
    expect((await whoIs(await mint({ iat: START + 60, exp: START + 360 }))).code).toBeUndefined()
  })

  test('is anybody unknown where only known users are let in, until they are linked', async () => {
    const { whoIs, auth, stores } = trust({ users: 'known' })
    expect((await whoIs(await mint())).code).toBe('user_inactive')
    const alice = await auth.users.create({ username: 'alice', password: PASSWORD })
    await stores.identities.link('company', 'u-1', alice.id, START)
    expect((await whoIs(await mint())).context?.userId).toBe(alice.id)
  })
})

describe('what is written', () => {
  test('is nothing, while the issuer says nothing new', async () => {
    const stores = memoryStores({ clock: () => START })
    let writes = 0
    const counted = <T extends object>(target: T, names: readonly string[]): T =>
      new Proxy(target, {
        get(it, name) {
          if (names.includes(String(name))) writes++
          return Reflect.get(it, name)
        },
      })
    const users = counted(stores.users, ['change', 'signedIn'])
    const { whoIs } = trust({ attributes: { team: 'team' } }, { ...stores, users })
    const token = await mint({ team: 'red' })
    await whoIs(token)
    const first = writes
    for (let i = 0; i < 20; i++) await whoIs(token)
    expect([first, writes]).toEqual([first, first])
    expect(first).toBeLessThan(5)
  })

  test('is what changed, with the next token, and only what the row lists', async () => {
    const { whoIs, auth } = trust({ attributes: { team: 'team', level: { claim: 'level', values: [1, 2] } } })
    await whoIs(await mint({ team: 'red', level: 9, is_admin: true, __proto__: { x: 1 } }))
    expect((await auth.users.list())[0]?.attributes).toEqual({ team: 'red' })
    await whoIs(await mint({ team: 'blue', level: 2, iat: START + 10 }))
    expect((await auth.users.list())[0]).toMatchObject({
      attributes: { team: 'blue', level: 2 },
      lastLoginAt: START + 10,
    })
  })

  test('is a login for each new token, and not for each request', async () => {
    const { whoIs, seen, settled } = trust()
    for (const iat of [START, START, START + 5, START, START + 5]) await whoIs(await mint({ iat }))
    await settled()
    expect(seen.filter((one) => one.startsWith('login.succeeded')).length).toBe(2)
  })

  test('that fails refuses nobody who is known', async () => {
    const stores = memoryStores({ clock: () => START })
    const broken = { ...stores.users, signedIn: () => Promise.reject(new Error('disk full')) }
    const { whoIs } = trust({}, { ...stores, users: broken as typeof stores.users })
    expect((await whoIs(await mint())).code).toBeUndefined()
  })
})

test('a store that fails at first sight answers 503 and makes nobody', async () => {
  const stores = memoryStores({ clock: () => START })
  const identities = { ...stores.identities, find: () => Promise.reject(new Error('gone')) }
  const { whoIs, auth } = trust({}, { ...stores, identities })
  expect((await whoIs(await mint())).code).toBe('store_failed')
  expect(await auth.users.list()).toEqual([])
})
