/** Conformance of the log as its readers see it: the order of stamps, and what is pruned. */
import assert from 'node:assert/strict'
import type { Epoch, RevocationLog } from '../port.js'
import { epochOf, type StorePromises, sessionAt, together } from './kit.js'

/** Reads page by page to the end, as a feed does. */
async function readAll(revocations: RevocationLog, after: number, limit: number): Promise<readonly Epoch[]> {
  const all: Epoch[] = []
  for (;;) {
    const { epochs } = await revocations.since(all.at(-1)?.stamp ?? after, limit)
    all.push(...epochs)
    if (epochs.length < limit) return all
  }
}

const isGrowing = (stamps: readonly number[]): boolean =>
  stamps.every((stamp, index) => index === 0 || stamp > (stamps[index - 1] ?? 0))

export const logPromises: StorePromises = {
  'the counter is what was appended last': async ({ stores: { revocations }, clock }) => {
    const before = await revocations.stamp()
    assert.deepEqual(await revocations.since(0, 9), { epochs: [], head: before, ring: 0, now: clock.now })
    const { stamp, at } = await revocations.append([epochOf('user', 'u1')], 'revoked')
    assert.equal(at, clock.now)
    assert.equal(await revocations.stamp(), stamp)
    const expected = { epochs: [{ ...epochOf('user', 'u1'), stamp }], head: stamp, ring: 0, now: clock.now }
    assert.deepEqual(await revocations.since(0, 9), expected)
    assert.deepEqual(await revocations.since(stamp, 9), { ...expected, epochs: [] })
    clock.now += 5
    assert.deepEqual(await revocations.append([], 'revoked'), { stamp, at: clock.now }, 'nothing raises nothing')
  },

  'a stamp is above the milliseconds of whatever was issued earlier in its second': async ({
    stores: { revocations },
    clock,
  }) => {
    const first = await revocations.append([epochOf('user', 'u1')], 'revoked')
    assert.ok(first.stamp > clock.now * 1000 && first.stamp < (clock.now + 1) * 1000)
    clock.now += 10
    const second = await revocations.append([epochOf('user', 'u1')], 'revoked')
    assert.ok(second.stamp > clock.now * 1000 && Number.isSafeInteger(second.stamp))
  },

  'stamps grow although the clock goes back': async ({ stores: { revocations }, clock }) => {
    const stamps: number[] = []
    for (const step of [0, 0, -3_600, 1, -86_400 * 365, 86_400 * 730, 0]) {
      clock.now += step
      stamps.push((await revocations.append([epochOf('user', `u${stamps.length}`)], 'revoked')).stamp)
    }
    assert.ok(isGrowing(stamps))
    assert.deepEqual(
      (await revocations.since(0, 99)).epochs.map(({ stamp }) => stamp),
      stamps,
    )
  },

  'every epoch has a stamp of its own, also when many are appended at once': async ({ stores: { revocations } }) => {
    const answers = await together(64, (index) =>
      revocations.append(
        [0, 1, 2].map((n) => epochOf('jti', `${index} ${n}`)),
        'revoked',
      ),
    )
    const epochs = await readAll(revocations, 0, 1_000)
    assert.equal(new Set(epochs.map(({ key }) => key)).size, 192)
    assert.ok(isGrowing(epochs.map(({ stamp }) => stamp)))
    assert.equal(new Set(answers.map(({ stamp }) => stamp)).size, 64)
    for (const [index, { stamp }] of answers.entries()) {
      assert.deepEqual(epochs.filter(({ key }) => key.startsWith(`${index} `)).at(-1)?.stamp, stamp)
    }
  },

  'a reader by pages of any size misses nothing while others write': async ({ stores: { revocations } }) => {
    const seen: Epoch[] = []
    const writers = together(40, (index) =>
      revocations.append([epochOf('jti', `${index} a`), epochOf('jti', `${index} b`)], 'revoked'),
    )
    for (let turn = 0; turn < 60; turn++)
      seen.push(...(await readAll(revocations, seen.at(-1)?.stamp ?? 0, 1 + (turn % 3))))
    await writers
    seen.push(...(await readAll(revocations, seen.at(-1)?.stamp ?? 0, 7)))
    assert.equal(new Set(seen.map(({ key }) => key)).size, 80)
    assert.ok(isGrowing(seen.map(({ stamp }) => stamp)))
  },

  'a scope, row and key has one epoch: the highest stamp, the longest life': async ({ stores: { revocations } }) => {
    await revocations.append([epochOf('user', 'u1', { until: 2_000_000_000 })], 'revoked')
    await revocations.append(
      [epochOf('user', 'u2'), epochOf('session', 'u1'), epochOf('user', 'u1', { row: 'other' })],
      'revoked',
    )
    const twice = [epochOf('user', 'u1', { until: 1_900_000_000 }), epochOf('user', 'u1', { until: 1_950_000_000 })]
    const { stamp } = await revocations.append(twice, 'revoked')
    const { epochs, head } = await revocations.since(0, 99)
    assert.equal(epochs.length, 4)
    assert.deepEqual(epochs.at(-1), { ...epochOf('user', 'u1'), until: 2_000_000_000, stamp })
    assert.equal(head, stamp)
  },

  'epochs are pruned after their time, as many as asked, and the counter stays': async ({
    stores: { revocations },
  }) => {
    const until = 2_000_000_000
    await revocations.append(
      [1, 2, 3, 4, 5].map((n) => epochOf('jti', `j${n}`, { until })),
      'revoked',
    )
    const { stamp } = await revocations.append([epochOf('jti', 'longer', { until: until + 1 })], 'revoked')
    assert.equal(await revocations.prune(until, 99), 0)
    assert.deepEqual([await revocations.prune(until + 1, 3), await revocations.prune(until + 1, 3)], [3, 2])
    assert.equal(await revocations.prune(until + 1, 3), 0)
    const { epochs, head } = await revocations.since(0, 99)
    assert.deepEqual([epochs.map(({ key }) => key), head], [['longer'], stamp])
  },

  'a session that begins at the counter of now outlives what was appended before': async ({ stores, clock }) => {
    await stores.revocations.append([epochOf('user', 'u1'), epochOf('everybody', '')], 'password')
    await stores.sessions.create(sessionAt(clock.now, { stamp: await stores.revocations.stamp() }), 9)
    assert.equal((await stores.sessions.find('s1'))?.dead, false)
    assert.equal(await stores.sessions.rotate('s1', 0, 'k1'), true)
  },
}
