/** Promises of the keyring: one ring for all processes, nobody refused who holds a valid token, nothing signed in the dark. */
import { describe, expect, test } from 'vitest'
import type { Keyring } from '../../src/keys/keyring.js'
import { seal, serverSecrets } from '../../src/keys/seal.js'
import { codeOf, NEWER, SECRET, watched, world } from './fixtures.js'

const kidOf = async (ring: Keyring) => (await ring.signer()).kid ?? ''
const statesOf = async (ring: Keyring) => (await ring.list()).map(({ state }) => state)

describe('starting', () => {
  test('case 234: four processes on an empty store make one key, and sign with it', async () => {
    const { process } = world()
    const rings = [process(), process(), process(), process()]
    await Promise.all(rings.map((ring) => ring.open()))
    const kids = await Promise.all(rings.map(kidOf))
    expect(new Set(kids).size).toBe(1)
    expect(await statesOf(process())).toEqual(['active', 'standby'])
  })

  test('a ring that was never opened opens itself when it is asked to sign or to find', async () => {
    const { process } = world()
    const kid = await kidOf(process())
    expect((await process().find(kid, 'EdDSA'))?.kid).toBe(kid)
    expect((await process().jwks()).keys).toHaveLength(2)
  })

  test('a restart finds the same keys', async () => {
    const { process } = world()
    const kid = await kidOf(process())
    expect(await kidOf(process())).toBe(kid)
  })

  test('case 232: another secret does not start, and leaves the keys as they are', async () => {
    const { process, stores, clock } = world()
    await process().open()
    const before = await stores.keys.load()
    const other = process({ secrets: serverSecrets([NEWER], clock) })
    expect(await codeOf(() => other.open())).toBe('options_invalid')
    expect(await codeOf(() => other.signer())).toBe('options_invalid')
    expect(await stores.keys.load()).toBe(before)
  })

  test('case 233: an edited document, an older one and that of another row do not open', async () => {
    const { process, stores, secrets } = world()
    const ring = process()
    await ring.open()
    const first = await stores.keys.load()
    expect(await codeOf(() => process({ row: 'other' }).open())).toBe('options_invalid')
    await ring.rotate()
    await stores.keys.save(2, first?.sealed ?? '', [])
    expect(await codeOf(() => process().open())).toBe('options_invalid')
    await stores.keys.save(3, seal('{"keys":[]}', secrets.current(), 'ring'), [])
    expect(await codeOf(() => process().open())).toBe('options_invalid')
    await stores.keys.save(4, 'no document', [])
    expect(await codeOf(() => process().open())).toBe('options_invalid')
  })
})

describe('signing', () => {
  test('is synchronous while the ring is fresh, and reads it again ahead of time', async () => {
    const { process, stores, clock } = world()
    const store = watched(stores.keys)
    const ring = process({ store })
    await ring.open()
    clock.now += 30
    expect(ring.signer()).not.toBeInstanceOf(Promise)
    expect(store.loads).toBe(1)
    clock.now += 1
    expect(ring.signer()).not.toBeInstanceOf(Promise)
    await ring.open()
    expect(store.loads).toBe(2)
    clock.now += 60
    expect(ring.signer()).not.toBeInstanceOf(Promise)
  })

  test('stops when the store has not confirmed the ring for a minute, and goes on when it does', async () => {
    const { process, stores, clock } = world()
    const store = watched(stores.keys)
    const ring = process({ store })
    const kid = await kidOf(ring)
    store.down = true
    clock.now += 60
    expect(await kidOf(ring)).toBe(kid)
    clock.now += 1
    expect(await codeOf(() => ring.signer())).toBe('store_failed')
    expect(await ring.find(kid, 'EdDSA')).toBeDefined()
    expect((await ring.jwks()).keys).toHaveLength(2)
    store.down = false
    expect(await kidOf(ring)).toBe(kid)
  })

  test('case 231: a wall clock set back does not make an old ring fresh', async () => {
    const { process, stores, clock } = world()
    const store = watched(stores.keys)
    let elapsed = 0
    const ring = process({ store, monotonic: () => elapsed })
    await ring.open()
    store.down = true
    clock.now -= 3_600
    elapsed += 61
    expect(await codeOf(() => ring.signer())).toBe('store_failed')
  })

  test('goes over to the next key on its date, everywhere at once, and says so once', async () => {
    const rotated: string[] = []
    const { process, clock } = world({ activeSeconds: 1_000, rotated: (kid) => rotated.push(kid) })
    const rings = [process(), process()] as const
    await rings[0].open()
    await rings[1].open()
    const [old, next] = (await rings[0].list()).map(({ kid }) => kid ?? '')
    clock.now += 999
    expect(await Promise.all(rings.map(kidOf))).toEqual([old, old])
    clock.now += 1
    expect(await Promise.all(rings.map(kidOf))).toEqual([next, next])
    expect(rotated).toEqual([next, next])
    expect(await statesOf(rings[0])).toEqual(['retired', 'active', 'standby'])
  })
})

describe('finding', () => {
  test('needs the name and the algorithm, and is synchronous for a known name', async () => {
    const { process } = world()
    const ring = process()
    const kid = await kidOf(ring)
    expect(ring.find(kid, 'EdDSA')).toMatchObject({ kid, alg: 'EdDSA' })
    expect(ring.find(kid, 'ES256')).toBeUndefined()
    expect(ring.find(kid, 'none')).toBeUndefined()
    expect(ring.find(undefined, 'EdDSA')).toBeUndefined()
  })

  test('a key is found until the second its last date says, and the set counts as changed', async () => {
    const { process, clock } = world({ activeSeconds: 1_000 })
    const ring = process()
    const kid = await kidOf(ring)
    const { generation, usableUntil } = ring
    expect(usableUntil).toBe(clock.now + 1_360)
    clock.now += 1_359
    expect(ring.find(kid, 'EdDSA')).toBeDefined()
    expect(ring.generation).toBe(generation)
    clock.now += 1
    expect(await ring.find(kid, 'EdDSA')).toBeUndefined()
    expect(ring.generation).toBeGreaterThan(generation)
    expect(ring.usableUntil).toBe(clock.now + 1_000)
  })

  test('case 231: a clock that ran ahead for a while forgets no key', async () => {
    const { process, clock } = world({ activeSeconds: 1_000 })
    const ring = process()
    const kid = await kidOf(ring)
    clock.now += 7_200
    expect(await ring.find(kid, 'EdDSA')).toBeUndefined()
    await ring.signer()
    clock.now -= 7_200
    expect(await ring.find(kid, 'EdDSA')).toBeDefined()
  })

  test('the set does not count as changed by being read again, or sealed again by another process', async () => {
    const { process, clock, stores } = world()
    await process().open()
    const secrets = serverSecrets([NEWER, SECRET], clock)
    const ring = process({ secrets })
    await ring.open()
    const { generation } = ring
    clock.now += 600
    await process({ secrets }).open()
    await ring.open()
    expect((await stores.keys.load())?.version).toBe(2)
    expect(ring.generation).toBe(generation)
  })

  test('a key stays the same object when the ring around it changes', async () => {
    const { process, clock } = world()
    const ring = process()
    const key = await ring.signer()
    clock.now += 3_600
    await process().rotate()
    await ring.open()
    expect(ring.find(key.kid, 'EdDSA')).toBe(key)
  })
})

describe('what is published', () => {
  test('is public, and names what it is for', async () => {
    const { process } = world({ algorithm: 'ES256' })
    const ring = process()
    const { keys } = await ring.jwks()
    expect(keys.map(({ kid }) => kid)).toEqual((await ring.list()).map(({ kid }) => kid))
    for (const jwk of keys) {
      expect(jwk).toMatchObject({ kty: 'EC', alg: 'ES256', use: 'sig' })
      expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    }
  })

  test('secrets of HS algorithms are not, though they sign and verify', async () => {
    const { process } = world({ algorithm: 'HS256' })
    const ring = process()
    const kid = await kidOf(ring)
    expect(await ring.find(kid, 'HS256')).toMatchObject({ kid })
    expect((await process().find(kid, 'HS256'))?.kid).toBe(kid)
    expect((await ring.jwks()).keys).toEqual([])
    expect(JSON.stringify(await ring.list())).not.toMatch(/material|"k"/)
  })
})
