/** Promises of rotation, with several processes, caches of the JWKS and crashes: no valid token refused, no retired key signs. */
import { describe, expect, test } from 'vitest'
import type { Keyring } from '../../src/keys/keyring.js'
import type { KeyStore } from '../../src/stores/port.js'
import { FOREVER } from '../../src/util/time.js'
import { codeOf, type World, watched, world } from './fixtures.js'

const kidOf = async (ring: Keyring) => (await ring.signer()).kid ?? ''
const kidsOf = async (ring: Keyring) => (await ring.jwks()).keys.map(({ kid }) => kid)

const LIFE = 300

/** Runs four processes second by second: each signs, all verify, and so does a stranger who keeps the JWKS as long as he may. */
async function run({ clock, process }: World, seconds: number, jwksSeconds: number, each: Act): Promise<Set<string>> {
  const rings = [process(), process(), process(), process()]
  const operator = process()
  let cached: readonly unknown[] = []
  let tokens: { readonly kid: string; readonly exp: number }[] = []
  const seen = new Set<string>()
  for (let second = 0; second < seconds; second++) {
    await each(second, operator)
    if (second % Math.max(jwksSeconds, 1) === 0) cached = await kidsOf(rings[second % 4] as Keyring)
    const known = await operator.list()
    for (const kid of new Set(await Promise.all(rings.map(kidOf)))) {
      expect(known.find((key) => key.kid === kid)?.state, `second ${second}`).toBe('active')
      expect(cached, `second ${second}`).toContain(kid)
      tokens.push({ kid, exp: clock.now + LIFE })
      seen.add(kid)
    }
    tokens = tokens.filter(({ exp }) => clock.now < exp)
    for (const kid of new Set(tokens.map((token) => token.kid))) {
      for (const ring of rings) expect(await ring.find(kid, 'EdDSA'), `second ${second}`).toBeDefined()
    }
    clock.now++
  }
  return seen
}

type Act = (second: number, operator: Keyring) => Promise<unknown>

describe('planned', () => {
  test('case 235: five in five minutes refuse no valid token, and no retired key signs', async () => {
    const jwksSeconds = 0
    const rotate: Act = async (second, operator) => second < 300 && second % 60 === 0 && (await operator.rotate())
    const kids = await run(world({ jwksSeconds, longestSeconds: LIFE }), 900, jwksSeconds, rotate)
    expect(kids.size).toBe(6)
  })

  test('a new key is in every cache before it signs, however often somebody rotates', async () => {
    const jwksSeconds = 45
    const kids = await run(world({ jwksSeconds, longestSeconds: LIFE }), 900, jwksSeconds, (_, operator) =>
      operator.rotate(),
    )
    expect(kids.size).toBeGreaterThan(5)
  })

  test('by date alone works as well, without anybody asking', async () => {
    const jwksSeconds = 30
    const quiet: Act = async () => {}
    const kids = await run(world({ jwksSeconds, activeSeconds: 200, longestSeconds: LIFE }), 1_000, jwksSeconds, quiet)
    expect(kids.size).toBe(5)
  })

  test('by many at once is one rotation', async () => {
    const { process, clock } = world()
    const rings = [process(), process(), process(), process()]
    await Promise.all(rings.map((ring) => ring.open()))
    clock.now += 3_600
    const next = await Promise.all(rings.map((ring) => ring.rotate()))
    expect(new Set(next.map(({ kid }) => kid)).size).toBe(1)
    expect((await rings[0]?.list())?.map(({ state }) => state)).toEqual(['active', 'standby', 'standby'])
  })
})

describe('in an emergency', () => {
  test('case 236: the stolen key is dead at once, the published one signs, and the log says so in the same commit', async () => {
    const { process, stores } = world()
    const ring = process()
    const other = process()
    const stolen = await kidOf(ring)
    await other.open()
    const standby = (await ring.list())[1]?.kid
    const promoted = await ring.rotate({ emergency: true })
    expect(promoted.kid).toBe(standby)
    expect(await kidOf(ring)).toBe(standby)
    expect(await ring.find(stolen, 'EdDSA')).toBeUndefined()
    expect(await kidsOf(ring)).not.toContain(stolen)
    const { epochs, ring: version } = await stores.revocations.since(0, 10)
    const stamp = expect.any(Number)
    expect(epochs).toEqual([{ scope: 'key', row: 'self', key: stolen, stamp, until: FOREVER }])
    const { generation } = other
    other.noticed(version)
    expect(await other.find(stolen, 'EdDSA')).toBeUndefined()
    expect(other.generation).toBeGreaterThan(generation)
    expect(await kidOf(other)).toBe(standby)
  })

  test('nobody else is refused: another process has had the promoted key all along', async () => {
    const { process, stores } = world()
    const ring = process()
    const store = watched(stores.keys)
    const other = process({ store })
    await ring.open()
    await other.open()
    const { kid } = await ring.rotate({ emergency: true })
    expect(other.find(kid, 'EdDSA')).toMatchObject({ kid })
    expect(store.loads).toBe(1)
  })

  test('declared by several at once revokes one key, not its successors', async () => {
    const { process } = world()
    const rings = [process(), process(), process()]
    await Promise.all(rings.map((ring) => ring.open()))
    const kids = await Promise.all(rings.map((ring) => ring.rotate({ emergency: true })))
    expect(new Set(kids.map(({ kid }) => kid)).size).toBe(1)
  })

  test('a read that began before it does not bring the stolen key back', async () => {
    const { process, stores } = world()
    const stolen = await kidOf(process())
    let release = () => {}
    const gate = new Promise<void>((open) => {
      release = open
    })
    let loads = 0
    const load: KeyStore['load'] = async () => {
      const found = await stores.keys.load()
      if (++loads === 2) await gate
      return found
    }
    const ring = process({ store: { ...stores.keys, load } })
    await ring.open()
    const reading = ring.open()
    const rotating = ring.rotate({ emergency: true })
    // Were the two not one after the other, the second would be over before the first is let go.
    await new Promise(setImmediate)
    release()
    await Promise.all([reading, rotating])
    expect(await ring.find(stolen, 'EdDSA')).toBeUndefined()
    expect(await kidOf(ring)).not.toBe(stolen)
  })

  test('a ring that is known to be outdated judges nobody before it was read again', async () => {
    const { process, stores } = world()
    const ring = process()
    const other = process()
    const stolen = await kidOf(ring)
    await other.open()
    await ring.rotate({ emergency: true })
    other.noticed((await stores.revocations.since(0, 1)).ring)
    const answers = await Promise.all([other.find(stolen, 'EdDSA'), other.find(stolen, 'EdDSA')])
    expect(answers).toEqual([undefined, undefined])
  })
})

describe('case 237: a crash', () => {
  const broken = (store: KeyStore, when: 'before' | 'after'): KeyStore => ({
    ...store,
    save: async (...args) => {
      if (when === 'after') await store.save(...args)
      throw new Error('the connection was lost')
    },
  })

  test.each(['before', 'after'] as const)(
    '%s the commit is an error, and a restart finds a whole ring',
    async (when) => {
      const { process, stores, clock } = world()
      const kid = await kidOf(process())
      clock.now += 3_600
      for (const emergency of [false, true]) {
        const crashing = process({ store: broken(stores.keys, when) })
        expect(await codeOf(() => crashing.rotate({ emergency }))).toBe('store_failed')
      }
      const restarted = process()
      const states = (await restarted.list()).map(({ state }) => state)
      expect(states).toContain('active')
      expect(states).toContain('standby')
      expect((await kidOf(restarted)) === kid).toBe(when === 'before')
    },
  )

  test.each(['before', 'after'] as const)('%s the very first commit leaves one ring', async (when) => {
    const { process, stores } = world()
    expect(await codeOf(() => process({ store: broken(stores.keys, when) }).open())).toBe('store_failed')
    expect((await stores.keys.load())?.version).toBe(when === 'after' ? 1 : undefined)
    expect((await process().list()).map(({ state }) => state)).toEqual(['active', 'standby'])
  })
})
