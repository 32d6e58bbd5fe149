/** The cache of verified tokens: what is in it is as good as what is not, and nothing else gets in (cases 129-137). */
import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { expectations } from '../../src/jwt/claims.js'
import { createEpochs } from '../../src/revocation/epochs.js'
import { memoryStores } from '../../src/stores/memory.js'
import { OWN_ROW } from '../../src/stores/port.js'
import { createVerifiedCache, type Verified, type VerifiedCache } from '../../src/tokens/verified.js'
import { encodeBase64url, sha256 } from '../../src/util/bytes.js'
import { count } from '../count.js'
import { intercepted, replica, said, world } from '../races/kit.js'

/** Every cache that the library made in a test. */
const caches: VerifiedCache[] = []
beforeEach(() => void caches.splice(0))
vi.mock('../../src/tokens/verified.js', async (load) => {
  const real = await load<typeof import('../../src/tokens/verified.js')>()
  const createVerifiedCache: typeof real.createVerifiedCache = (...given) => {
    const cache = real.createVerifiedCache(...given)
    caches.push(cache)
    return cache
  }
  return { ...real, createVerifiedCache }
})

const START = 1_800_000_000

/** A cache by itself, with a row, a clock and a monotonic clock that are set by hand. */
function alone(capacity = 100) {
  const time = { now: START, monotonic: 0 }
  const keys = { generation: 1, usableUntil: START + 1_000_000, find: () => undefined }
  const issuer = { id: OWN_ROW, iss: 'https://api.example.com', keys, expect: expectations({}) }
  const epochs = createEpochs({ clock: () => time.now, monotonic: () => time.monotonic })
  const cache = createVerifiedCache(capacity, () => time.monotonic)
  const find = (token: string) => cache.find(token, epochs, time.now)
  const keep = (token: string, facts: Partial<Verified> = {}) => {
    const verified = {
      row: OWN_ROW,
      subject: 'alice',
      sessionId: 'sid',
      jti: token,
      stamp: 5,
      expiresAt: START + 300,
      ...facts,
    }
    cache.keep(
      token,
      verified as Verified,
      { issuer, generation: keys.generation, epochsVersion: epochs.version },
      time.now,
    )
  }
  return { cache, time, keys, epochs, find, keep }
}

describe('an entry', () => {
  test('is found by the complete token and by no other (case 129)', () => {
    const { find, keep } = alone()
    const token = `${'h'.repeat(40)}.${'p'.repeat(200)}.${'s'.repeat(86)}`
    keep(token)
    expect(find(token)).toMatchObject({ jti: token })
    const others = [20, 40, 41, 100, 240, 241, 300].map((at) => `${token.slice(0, at)}X${token.slice(at + 1)}`)
    for (const other of [...others, token.slice(1), `X${token}`, token.slice(-22), `${token} `])
      expect(find(other)).toBeUndefined()
  })

  test('is never that of another token, however alike they are (case 129)', () => {
    const { cache, find, keep } = alone(1_000_000)
    const part = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 0, maxLength: 3 })
    const token = fc
      .tuple(part, part, part)
      .map(([header, payload, end]) => `${header}.${payload}.${end.padStart(30, 'a')}`)
    fc.assert(
      fc.property(token, token, (one, other) => {
        keep(one)
        expect(find(other)?.jti ?? other).toBe(other)
      }),
      { numRuns: 20_000 },
    )
    expect(cache.size).toBeGreaterThan(0)
  })

  test('ends with its token, by the clock on the wall (case 130)', () => {
    const { time, find, keep } = alone()
    keep('token')
    time.now = START + 299
    expect(find('token')).toBeDefined()
    time.now = START + 300
    expect(find('token')).toBeUndefined()
  })

  test('gets no longer when the clock goes back an hour: the monotonic clock ends it (case 131)', () => {
    const { time, find, keep } = alone()
    keep('token')
    Object.assign(time, { now: START - 3_600, monotonic: 299 })
    expect(find('token')).toBeDefined()
    time.monotonic = 300
    expect(find('token')).toBeUndefined()
  })

  test('ends when its session, its user, its jti or everybody is revoked, and not when others are (case 132)', () => {
    const keysOf = { session: 'sid', user: 'alice', jti: 'token', everybody: '' } as const
    for (const [scope, key] of Object.entries(keysOf) as [keyof typeof keysOf, string][]) {
      const { epochs, find, keep } = alone()
      keep('token')
      const until = START + 300
      if (key) epochs.add([{ scope, row: OWN_ROW, key: `another ${key}`, stamp: 9, until }])
      epochs.add([{ scope, row: 'another row', key, stamp: 9, until }])
      expect(find('token')).toBeDefined()
      epochs.add([{ scope, row: OWN_ROW, key, stamp: 6, until }])
      expect(find('token')).toBeUndefined()
      expect(find('token')).toBeUndefined()
    }
  })

  test('ends when the set of keys changed, and when it is too old to be used (case 133)', () => {
    const { keys, find, keep } = alone()
    keep('token')
    keys.generation = 2
    expect(find('token')).toBeUndefined()
    keep('another')
    keys.usableUntil = START
    expect(find('another')).toBeUndefined()
  })
})

test('the cache is bounded, and the tokens that are used stay (case 135)', () => {
  const { cache, find, keep } = alone(1_000)
  const signed = (text: string) => `${text}.${encodeBase64url(sha256(text))}`
  const hot = Array.from({ length: 100 }, (_, n) => signed(`hot token number ${n}`))
  for (const token of hot) keep(token)
  let hits = 0
  for (let n = 0; n < 50_000; n++) {
    keep(signed(`a token that is seen once and never again, number ${n}`))
    const token = hot[n % hot.length] as string
    if (find(token)) hits++
    else keep(token)
    if (cache.size > 1_000) expect(cache.size).toBeLessThanOrEqual(1_000)
  }
  expect(hits / 50_000).toBeGreaterThan(0.95)
})

test('a token is verified once: the second time the same frozen answer comes back', async () => {
  const alice = await world()
  const token = alice.tokens.access_token
  const first = await alice.auth.tokens.verify(token)
  expect(await alice.auth.tokens.verify(token)).toBe(first)
  expect(caches.map(({ size }) => size)).toEqual([1])
  await alice.end()
})

test('a cached token is refused from the second it expires (case 130)', async () => {
  const alice = await world()
  const token = alice.tokens.access_token
  alice.clock.now += 299
  expect((await alice.me(token)).status).toBe(200)
  alice.clock.now += 1
  expect(said(await alice.me(token))).toEqual([401, 'token_expired'])
  await alice.end()
})

test('a cached token is refused by the next request after logout, disabling or an emergency with its key (cases 132, 133)', async () => {
  const alice = await world()
  const [first, second, third] = [await alice.login(), await alice.login(), await alice.login()].map(
    ({ access_token }) => access_token,
  )
  for (const token of [first, second, third]) expect((await alice.me(token)).status).toBe(200)
  await alice.call('POST', '/auth/logout', { token: first })
  expect([said(await alice.me(first))[1], (await alice.me(second)).status]).toEqual(['token_revoked', 200])
  await alice.auth.keys.rotate({ emergency: true })
  expect((await alice.me(second)).status).toBe(401)
  const fresh = await alice.login()
  expect((await alice.me(fresh.access_token)).status).toBe(200)
  await alice.auth.users.disable(alice.user.id)
  expect(said(await alice.me(fresh.access_token))).toEqual([401, 'token_revoked'])
  await alice.end()
})

test('what one verifier cached another with a different audience refuses (case 134)', async () => {
  const clock = { now: START }
  const stores = memoryStores({ clock: () => clock.now })
  const here = await world({ stores, clock, cleanup: async () => {} })
  const there = replica(stores, clock, { audience: 'https://other.example.com' })
  const token = here.tokens.access_token
  for (let turn = 0; turn < 2; turn++) {
    expect((await here.me(token)).status).toBe(200)
    expect(said(await there.me(token))).toEqual([401, 'token_audience'])
  }
  expect(caches.map(({ size }) => size)).toEqual([1, 0])
  await there.auth.close()
  await here.end()
})

test('a hundred thousand invalid tokens leave nothing in the cache (case 135)', { timeout: 60_000 }, async () => {
  const MANY = 100_000
  const alice = await world(undefined, { algorithm: 'HS256', tokenCache: 1_000 })
  const [header, payload, signature] = alice.tokens.access_token.split('.')
  let refused = 0
  for (let n = 0; n < MANY; n++) {
    const salt = Buffer.from(`${n}`).toString('base64url')
    const forged = [
      `${header}.${payload}.${salt}${signature.slice(salt.length)}`,
      `${header}.${payload}${salt}.${signature}`,
      `${salt}.${n}`,
    ]
    try {
      await alice.auth.tokens.verify(forged[n % 3] as string)
    } catch {
      refused++
    }
  }
  expect(refused).toBe(MANY)
  expect(caches.map(({ size }) => size)).toEqual([0])
  count('invalid tokens kept out of the cache', MANY)
  await alice.end()
})

test('whatever a handler does to the claims, the next request gets them as they were signed (case 136)', async () => {
  const roles = () => ({ roles: ['reader'], nested: { deep: [{ role: 'reader' }] } })
  const alice = await world(undefined, { claims: roles })
  const { access } = await alice.auth.tokens.issue(alice.user, { scope: 'posts:read' })
  for (let turn = 0; turn < 2; turn++) {
    const verified = await alice.auth.tokens.verify(access)
    const claims = verified.claims as ReturnType<typeof roles> & Record<string, unknown>
    expect(claims).toMatchObject(roles())
    expect([...verified.scopes]).toEqual(['posts:read'])
    expect(() => claims.roles.push('admin')).toThrow(TypeError)
    expect(() => claims.nested.deep.push({ role: 'admin' })).toThrow(TypeError)
    expect(() => Object.assign(claims.nested.deep[0] as object, { role: 'admin' })).toThrow(TypeError)
    expect(() => Object.assign(claims, { sub: 'somebody else' })).toThrow(TypeError)
    expect(() => Object.assign(verified, { subject: 'somebody else' })).toThrow(TypeError)
    expect(() => (verified.scopes as Set<string>).add('admin')).toThrow(TypeError)
    expect(() => (verified.scopes as Set<string>).clear()).toThrow(TypeError)
  }
  // Nor for those who were granted nothing.
  const bare = await alice.auth.tokens.verify(alice.tokens.access_token)
  expect(() => (bare.scopes as Set<string>).add('admin')).toThrow(TypeError)
  expect(bare.scopes.size).toBe(0)
  await alice.end()
})

test('a token that could not be judged, because the store was away, is judged when it is back (case 137)', async () => {
  const clock = { now: START }
  const stores = memoryStores({ clock: () => clock.now })
  const here = await world({ stores, clock, cleanup: async () => {} })
  let away = false
  const there = replica(
    intercepted(stores, (name) => {
      if (away && name === 'keys.load') throw new Error('connection refused')
    }),
    clock,
  )
  await there.auth.ready()
  away = true
  // The first emergency takes the key that stood by and is known everywhere; the second one that nobody has seen.
  for (let time = 0; time < 2; time++) await here.auth.keys.rotate({ emergency: true })
  const { access_token } = await here.login()
  expect(said(await there.me(access_token))).toEqual([503, 'store_failed'])
  away = false
  // The ring is asked for at most once a second, by a clock that nobody sets.
  await expect.poll(async () => (await there.me(access_token)).status, { timeout: 5_000 }).toBe(200)
  await there.auth.close()
  await here.end()
})

test('without a cache every request is judged in full', async () => {
  const alice = await world(undefined, { tokenCache: 0 })
  const token = alice.tokens.access_token
  expect((await alice.me(token)).status).toBe(200)
  expect(await alice.auth.tokens.verify(token)).not.toBe(await alice.auth.tokens.verify(token))
  expect(caches).toEqual([])
  await alice.end()
})
