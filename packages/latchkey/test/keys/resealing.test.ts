/** Promises of the keyring while the server secret is exchanged under it. */
import { describe, expect, test } from 'vitest'
import type { Keyring } from '../../src/keys/keyring.js'
import { announce, serverSecrets } from '../../src/keys/seal.js'
import { codeOf, NEWER, SECRET, world } from './fixtures.js'

const kidOf = async (ring: Keyring) => (await ring.signer()).kid ?? ''

describe('a new server secret', () => {
  test('seals the ring ten minutes after the store learnt of it, and then the old one may go', async () => {
    const { process, clock, stores } = world()
    const kid = await kidOf(process())
    const both = serverSecrets([NEWER, SECRET], clock)
    const ring = process({ secrets: both })
    await ring.open()
    clock.now += 599
    await ring.open()
    expect((await stores.keys.load())?.version).toBe(1)
    expect(await kidOf(process())).toBe(kid)
    clock.now += 1
    await ring.open()
    const onlyNew = process({ secrets: serverSecrets([NEWER], clock) })
    expect(await kidOf(onlyNew)).toBe(kid)
    expect(await codeOf(() => process().open())).toBe('options_invalid')
  })

  test('is not undone by a replica that does not trust it yet', async () => {
    const { process, clock, stores } = world()
    await process().open()
    await announce(serverSecrets([NEWER], clock), stores.keys)
    clock.now += 600
    await process({ secrets: serverSecrets([NEWER, SECRET], clock) }).open()
    const sealed = await stores.keys.load()
    const behind = Object.assign(() => clock.now - 300, {})
    await process({ secrets: serverSecrets([NEWER, SECRET], behind) }).open()
    expect(await stores.keys.load()).toBe(sealed)
  })
})
