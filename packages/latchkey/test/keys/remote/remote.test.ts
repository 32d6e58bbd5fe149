/** Promises of fetched keys while the issuer has good and bad days: who waits, who is served, how often anybody is asked (cases 113-115, 121-127). */
import { expect, test } from 'vitest'
import { generateKey, publicJwk } from '../../../src/jwt/key.js'
import { codeOf } from '../fixtures.js'
import { down, later, named, remote, setOf } from './kit.js'

const a = named('a')
const b = named('b')
const COOL_DOWN = 30
const MAX_AGE = 600
const MAX_STALE = 3_600

test('the first token makes us ask, and every later one finds the key at once', async () => {
  const { keys, fetch } = remote(() => setOf(a))
  const first = keys.find('a', 'ES256')
  expect(first).toBeInstanceOf(Promise)
  expect((await first)?.kid).toBe('a')
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a', alg: 'ES256' })
  expect(fetch.urls).toHaveLength(1)
})

test('nothing is fetched for an algorithm that the row does not pin', () => {
  const { keys, fetch } = remote(() => setOf(a))
  expect(keys.find('a', 'PS256')).toBeUndefined()
  expect(keys.find('a', 'HS256')).toBeUndefined()
  expect(fetch.urls).toEqual([])
})

test('case 115: a thousand tokens at a cold start are one request', async () => {
  const { keys, fetch } = remote(() => setOf(a))
  const found = await Promise.all(Array.from({ length: 1_000 }, () => keys.find('a', 'ES256')))
  expect(found.every((key) => key?.kid === 'a')).toBe(true)
  expect(fetch.urls).toHaveLength(1)
})

test('case 115: a thousand tokens at a cold start without an answer are one request, and a 503 with the time to wait', async () => {
  const { keys, fetch } = remote(down)
  const all = await Promise.allSettled(Array.from({ length: 1_000 }, () => keys.find('a', 'ES256')))
  expect(all.every((one) => one.status === 'rejected' && one.reason.code === 'issuer_unreachable')).toBe(true)
  await expect(keys.find('a', 'ES256')).rejects.toMatchObject({
    code: 'issuer_unreachable',
    status: 503,
    reason: 'issuer_unavailable',
    retryAfter: COOL_DOWN,
  })
  expect(fetch.urls).toHaveLength(1)
})

test('case 113: ten thousand unknown names in ten seconds are at most one request, and good tokens wait for none of them', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('a', 'ES256')
  clock.now += COOL_DOWN
  const before = fetch.urls.length
  for (let second = 0; second < 10; second++) {
    const junk = Array.from({ length: 1_000 }, (_, at) => keys.find(`junk-${second}-${at}`, 'ES256'))
    expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
    expect((await Promise.all(junk)).every((key) => key === undefined)).toBe(true)
    clock.now++
  }
  expect(fetch.urls.length - before).toBeLessThanOrEqual(1)
})

test('case 113: over an hour of unknown names there is never more than one request in a cool-down', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  const times: number[] = []
  fetch.answer = () => {
    times.push(clock.now)
    return setOf(a)
  }
  for (let second = 0; second < 3_600; second++) {
    await keys.find(`junk-${second}`, 'ES256')
    clock.now++
  }
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(COOL_DOWN)
  // The judge can fail: a source that asked for each of them would have been seen.
  expect(times.length).toBeGreaterThan(100)
})

test('a name that was not there is not asked for again for two minutes, cool-down or not', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('gone', 'ES256')
  for (const seconds of [31, 31, 31]) {
    clock.now += seconds
    expect(keys.find('gone', 'ES256')).toBeUndefined()
  }
  expect(fetch.urls).toHaveLength(1)
  clock.now += 31
  expect(await keys.find('gone', 'ES256')).toBeUndefined()
  expect(fetch.urls).toHaveLength(2)
})

test('a new key is found as soon as the cool-down is over', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('a', 'ES256')
  fetch.answer = () => setOf(a, b)
  expect(keys.find('b', 'ES256')).toBeUndefined()
  clock.now += COOL_DOWN
  expect((await keys.find('b', 'ES256'))?.kid).toBe('b')
})

const bad: readonly [string, (url: string) => unknown][] = [
  ['refuses the connection', down],
  ['answers with a list', () => []],
  ['answers with keys that are no list', () => ({ keys: {} })],
  ['answers with nothing usable', () => ({ keys: [null, {}] })],
  ['answers with an empty set', () => ({ keys: [] })],
  [
    'answers with a private key',
    () => ({ keys: [{ ...a.material.export({ format: 'jwk' }), kid: 'a', alg: 'ES256' }] }),
  ],
  ['answers with a secret', () => ({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a', alg: 'HS256' }] })],
]

test.each(bad)(
  'cases 114, 20, 19, 121: an issuer that %s does not take away the keys it gave before',
  async (_, answer) => {
    const { keys, clock, fetch, reports } = remote(() => setOf(a))
    await keys.find('a', 'ES256')
    const { generation } = keys
    fetch.answer = answer
    clock.now += COOL_DOWN
    expect(await codeOf(() => keys.find('junk', 'ES256'))).toBe('issuer_unreachable')
    expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
    expect(keys.generation).toBe(generation)
    expect(reports).toHaveLength(1)
    // The failure started the cool-down.
    expect(await codeOf(() => keys.find('junk-2', 'ES256'))).toBe('issuer_unreachable')
    expect(fetch.urls).toHaveLength(2)
  },
)

test('case 20: a published private key is reported, and nothing of it is shown', async () => {
  const jwk = a.material.export({ format: 'jwk' })
  const { keys, reports } = remote(() => ({ keys: [{ ...jwk, kid: 'a', alg: 'ES256' }, ...setOf(b).keys] }))
  expect(await codeOf(() => keys.find('b', 'ES256'))).toBe('issuer_unreachable')
  expect(reports[0]).toMatch(/login.*private key/)
  expect(reports[0]).not.toContain(jwk.d)
})

test('case 121: good keys are used, bad ones are named for operators', async () => {
  const { keys } = remote(() => ({ keys: [null, {}, ...setOf(a).keys, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }] }))
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(keys.state().refused.map(({ index }) => index)).toEqual([0, 1, 3])
})

test('case 122: two keys of one name are both refused', async () => {
  const { keys } = remote(() => setOf(a, named('a'), b))
  expect(await keys.find('a', 'ES256')).toBeUndefined()
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
})

test('case 123: a key that the issuer took back is gone within max-age, even if nobody came by meanwhile', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a, b))
  await keys.find('a', 'ES256')
  const { generation } = keys
  fetch.answer = () => setOf(b)
  clock.now += MAX_AGE
  expect(clock.now).toBeGreaterThanOrEqual(keys.usableUntil)
  expect(await keys.find('a', 'ES256')).toBeUndefined()
  expect(keys.generation).toBe(generation + 1)
})

test('case 123: a key that the issuer took back is gone at once after a purge', async () => {
  const { keys, fetch } = remote(() => setOf(a, b))
  await keys.find('a', 'ES256')
  const { generation } = keys
  fetch.answer = () => setOf(b)
  await keys.purge()
  expect(keys.generation).toBeGreaterThan(generation)
  expect(keys.usableUntil).toBe(0)
  expect(await keys.find('a', 'ES256')).toBeUndefined()
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
})

test('shortly before a set gets old it is fetched again, and nobody waits', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('a', 'ES256')
  clock.now += MAX_AGE * 0.8
  expect(clock.now).toBeGreaterThanOrEqual(keys.usableUntil)
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  // Whoever keeps verdicts need not come by again while somebody asks.
  expect(keys.usableUntil).toBeGreaterThan(clock.now)
  await keys.refresh()
  expect(fetch.urls).toHaveLength(3)
  clock.now += MAX_AGE * 0.3
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(fetch.urls).toHaveLength(3)
})

test('case 123: while somebody asks, kept verdicts are good no longer than the set', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  const start = clock.now
  await keys.find('a', 'ES256')
  fetch.answer = () => later().promise
  clock.now = start + MAX_AGE - 2
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(keys.usableUntil).toBe(start + MAX_AGE)
})

test('case 124: without an answer, known keys are served for an hour after their time, then 503', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  const start = clock.now
  await keys.find('a', 'ES256')
  fetch.answer = down
  const codes = new Map<number, string>()
  for (clock.now = start; clock.now < start + 86_400; clock.now += 60) {
    codes.set(clock.now - start, await codeOf(() => keys.find('a', 'ES256')))
  }
  const good = [...codes].filter(([, code]) => code === 'no error').map(([age]) => age)
  expect(Math.max(...good)).toBe(MAX_AGE + MAX_STALE - 60)
  expect(good).toHaveLength((MAX_AGE + MAX_STALE) / 60)
  expect(new Set(codes.values())).toEqual(new Set(['no error', 'issuer_unreachable']))
})

test('case 124: when an issuer is back after a day, so are its tokens, within a cool-down', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('a', 'ES256')
  fetch.answer = down
  clock.now += 86_400
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  fetch.answer = () => setOf(a)
  clock.now += COOL_DOWN
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
})

test('kept verdicts may be used until somebody has to look, and never longer than stale keys may', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  const start = clock.now
  await keys.find('a', 'ES256')
  expect(keys.usableUntil).toBe(start + MAX_AGE * 0.8)
  fetch.answer = down
  clock.now = start + MAX_AGE + MAX_STALE - 10
  await keys.find('a', 'ES256')
  expect(keys.usableUntil).toBe(start + MAX_AGE + MAX_STALE)
  clock.now += 10
  expect(clock.now).toBeGreaterThanOrEqual(keys.usableUntil)
})

test('during an outage nobody waits for an issuer that hangs while old keys may still be used', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('a', 'ES256')
  fetch.answer = down
  clock.now += MAX_AGE
  await keys.find('a', 'ES256')
  fetch.answer = () => later().promise
  clock.now += COOL_DOWN
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(fetch.urls).toHaveLength(3)
})

test('case 125: of two overlapping requests the newest wins, whichever answers last', async () => {
  const { keys, fetch } = remote(() => setOf(a))
  const [older, newer] = [later<unknown>(), later<unknown>()]
  fetch.answer = () => older.promise
  const first = keys.refresh()
  fetch.answer = () => newer.promise
  const second = keys.refresh()
  newer.resolve(setOf(b))
  await second
  older.resolve(setOf(a))
  await first
  expect(keys.state().keys.map(({ kid }) => kid)).toEqual(['b'])
  expect(keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
})

test('case 125: an older request that fails after a newer one succeeded is no outage', async () => {
  const { keys, fetch, reports } = remote(() => setOf(a))
  const older = later<unknown>()
  fetch.answer = () => older.promise
  const first = keys.refresh()
  fetch.answer = () => setOf(b)
  await keys.refresh()
  older.reject(new Error('reset'))
  await first
  expect([keys.state().lastError, reports]).toEqual([undefined, []])
})

test('case 125: what was asked for before a purge does not come back after it', async () => {
  const { keys, fetch } = remote(() => setOf(a))
  const before = later<unknown>()
  fetch.answer = () => before.promise
  const waiting = keys.find('a', 'ES256')
  await new Promise(setImmediate)
  await keys.purge()
  fetch.answer = () => setOf(b)
  before.resolve(setOf(a))
  expect(await waiting).toBeUndefined()
  expect(await keys.find('b', 'ES256')).toMatchObject({ kid: 'b' })
})

test.each([
  [undefined, 600],
  [0, 60],
  [-5, 60],
  [59, 60],
  [300, 300],
  [315_360_000, 600],
  [Number.POSITIVE_INFINITY, 600],
])('case 127: a max-age of %s seconds is one of %d', async (maxAge, seconds) => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  fetch.maxAge = maxAge
  await keys.find('a', 'ES256')
  clock.now += seconds - 1
  expect(keys.find('a', 'ES256')).not.toBeInstanceOf(Promise)
  await keys.purge()
  await keys.find('a', 'ES256')
  clock.now += seconds
  expect(keys.find('a', 'ES256')).toBeInstanceOf(Promise)
})

test('case 127: a row may let a set live for a day, and no issuer makes it longer', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a), { maxAge: 86_400 })
  fetch.maxAge = 315_360_000
  await keys.find('a', 'ES256')
  clock.now += 86_399
  expect(keys.find('a', 'ES256')).not.toBeInstanceOf(Promise)
  await keys.purge()
  await keys.find('a', 'ES256')
  clock.now += 86_400
  expect(keys.find('a', 'ES256')).toBeInstanceOf(Promise)
})

test('a clock that is set back makes no set younger, and kept verdicts no longer good', async () => {
  let elapsed = 0
  const { keys, clock } = remote(() => setOf(a), { monotonic: () => elapsed })
  await keys.find('a', 'ES256')
  clock.now -= 3_600
  elapsed += MAX_AGE
  expect(keys.usableUntil).toBe(0)
  expect(keys.find('a', 'ES256')).toBeInstanceOf(Promise)
})

test('the generation stands while the issuer publishes the same keys, in whatever order', async () => {
  const { keys, fetch } = remote(() => setOf(a, b))
  await keys.refresh()
  expect(keys.generation).toBe(1)
  fetch.answer = () => setOf(b, a)
  await keys.refresh()
  expect(keys.generation).toBe(1)
  fetch.answer = () => setOf(named('a'), b)
  await keys.refresh()
  expect(keys.generation).toBe(2)
})

test('a token without a name is taken where one key fits its algorithm, and refused where two do (case 35)', async () => {
  const one = remote(() => setOf(a))
  expect(await one.keys.find(undefined, 'ES256')).toMatchObject({ kid: 'a' })
  const two = remote(() => setOf(a, b))
  expect(await two.keys.find(undefined, 'ES256')).toBeUndefined()
})

test('operators see keys, ages, the next look and what went wrong', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  expect(keys.state()).toMatchObject({ fetchedAt: undefined, keys: [], lastError: undefined })
  const start = clock.now
  const state = await keys.refresh()
  expect(state).toMatchObject({ url: 'https://login.example/jwks.json', fetchedAt: start, nextFetch: start + 480 })
  expect(state.keys).toEqual([{ kid: 'a', alg: 'ES256', thumbprint: keys.thumbprints()[0] }])
  fetch.answer = down
  expect(await codeOf(() => keys.refresh())).toBe('issuer_unreachable')
  expect(keys.state().lastError).toMatch(/issuer login: .*ECONNREFUSED/)
})

test('after it was closed nothing is fetched, and what is known stays usable for its time', async () => {
  const { keys, clock, fetch } = remote(() => setOf(a))
  await keys.find('a', 'ES256')
  await keys.close()
  clock.now += MAX_AGE - 1
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  clock.now += 1
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  expect(fetch.urls).toHaveLength(1)
})

test('whoever listens for failures and throws breaks nothing', async () => {
  const failed = () => {
    throw new Error('the log is full')
  }
  const { keys, clock, fetch } = remote(down, { failed })
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  fetch.answer = () => setOf(a)
  clock.now += COOL_DOWN
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
})

const rsa = publicJwk({ ...generateKey('RS256'), kid: 'sig' }) ?? {}
const { alg: _, ...bare } = publicJwk({ ...generateKey('RS256'), kid: 'bare' }) ?? {}
const extras = { x5c: ['MIIC'], x5t: 'abc', 'x5t#S256': 'def' }
const published: readonly [string, object[], string][] = [
  [
    'Keycloak',
    [
      { ...rsa, kid: 'enc', alg: 'RSA-OAEP', use: 'enc', ...extras },
      { ...rsa, ...extras },
    ],
    'sig',
  ],
  [
    'Auth0',
    [
      { ...rsa, ...extras },
      { ...bare, alg: 'RS256', ...extras },
    ],
    'sig',
  ],
  ['Entra', [{ ...bare, ...extras, issuer: 'https://login.example/v2.0' }], 'bare'],
]

test.each(published)('a set in the shape of %s is understood', async (_, all, kid) => {
  const { keys } = remote(() => ({ keys: all }), { algorithms: ['RS256'] })
  expect(await keys.find(kid, 'RS256')).toMatchObject({ kid, alg: 'RS256' })
  expect(await keys.find('enc', 'RS256')).toBeUndefined()
})
