/** Promises about keys that ended, for a process that knows it when the ring does not. */
import { describe, expect, test } from 'vitest'
import type { KeyStore } from '../../src/stores/port.js'
import { codeOf, watched, world } from './fixtures.js'

/** A process that hears what ended, and a store that a test can set back to the ring of the beginning. */
async function hearing() {
  const { process, stores, clock } = world()
  const ended = new Set<string>()
  const older = world()
  let current: KeyStore = stores.keys
  const store = watched({
    load: () => current.load(),
    save: (...given) => current.save(...given),
    announce: (...given) => current.announce(...given),
  })
  const ring = process({ store, isRevoked: (kid) => ended.has(kid) })
  const { kid: stolen = '' } = await ring.signer()
  const { version = 0, sealed = '' } = (await stores.keys.load()) ?? {}
  await older.stores.keys.save(0, sealed, [])
  return { ring, deaf: process({ store }), store, ended, clock, stolen, version, goBack }

  function goBack(): void {
    current = older.stores.keys
  }
}

test('what a revoked key signed is refused without a look at the store', async () => {
  const { ring, ended, stolen, store } = await hearing()
  await ring.revoke(stolen)
  const { loads } = store
  ended.add(stolen)
  expect(ring.find(stolen, 'EdDSA')).toBeUndefined()
  expect(store.loads).toBe(loads)
})

describe('a key that came back with a backup', () => {
  test('leaves the ring again, and the next one signs, for those too who have not heard', async () => {
    const { ring, deaf, ended, stolen, version, goBack } = await hearing()
    const { kid: next } = await ring.rotate({ emergency: true })
    ended.add(stolen)
    goBack()
    ring.noticed(version)
    expect((await ring.find(next, 'EdDSA'))?.kid).toBe(next)
    expect(await ring.find(stolen, 'EdDSA')).toBeUndefined()
    expect((await ring.signer()).kid).toBe(next)
    await deaf.open()
    expect((await deaf.list()).map(({ kid, state }) => [kid, state])).toEqual([
      [next, 'active'],
      [expect.any(String), 'standby'],
    ])
    expect(await deaf.find(stolen, 'EdDSA')).toBeUndefined()
  })

  test('that has not ended stays', async () => {
    const { ring, stolen, version, goBack } = await hearing()
    await ring.rotate()
    goBack()
    ring.noticed(version)
    await ring.open()
    expect((await ring.signer()).kid).toBe(stolen)
  })
})

test('nobody signs with a key whose end was heard of, and while the ring cannot be read nobody signs', async () => {
  const { ring, deaf, ended, stolen, store } = await hearing()
  const { kid: next } = await deaf.rotate({ emergency: true })
  ended.add(stolen)
  store.down = true
  expect(await codeOf(() => ring.signer())).toBe('store_failed')
  store.down = false
  expect((await ring.signer()).kid).toBe(next)
})
