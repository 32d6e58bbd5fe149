/** Promises of the epochs: exact, whatever the ids look like, and never forgotten too early. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEpochs, type Judged } from '../../src/revocation/epochs.js'
import type { Epoch, Scope } from '../../src/stores/port.js'

const START = 1_800_000_000
const epoch = (scope: Scope, key: string, stamp: number, row = 'self', until = START + 300): Epoch => ({
  scope,
  row,
  key,
  stamp,
  until,
})
const token = (rev: number): Judged => ({ subject: 'u1', sessionId: 's1', jti: 'j1', kid: 'k1', rev })
const empty = (clock = () => START, monotonic = () => 0) => createEpochs({ clock, monotonic })

describe('a token', () => {
  test.each([
    ['user', 'u1', 'dead'],
    ['everybody', '', 'dead'],
    ['everybody', 'whatever', 'dead'],
    ['permissions', 'u1', 'stale'],
    ['permissions', '', 'stale'],
  ] as const)('older than an epoch of its %s %j is %s, as old or younger it is alive', (scope, key, expected) => {
    const epochs = empty()
    epochs.add([epoch(scope, key, 1_000)])
    expect(epochs.verdict('self', token(999))).toBe(expected)
    expect(epochs.verdict('self', token(1_000))).toBe('alive')
    expect(epochs.verdict('self', token(1_001))).toBe('alive')
    expect(epochs.verdict('other', token(999))).toBe('alive')
  })

  // What ended never begins again; and whoever stole the key would sign a `rev` above every epoch.
  test.each([
    ['session', 's1'],
    ['jti', 'j1'],
    ['key', 'k1'],
  ] as const)('whose %s %j ended is dead, whatever stamp it claims', (scope, key) => {
    const epochs = empty()
    epochs.add([epoch(scope, key, 1_000)])
    for (const rev of [0, 999, 1_000, 1_001, Number.MAX_SAFE_INTEGER]) {
      expect(epochs.verdict('self', token(rev))).toBe('dead')
      expect(epochs.verdict('other', token(rev))).toBe('alive')
    }
  })

  test('is alive if the epoch is of somebody else, or of something else with the same name', () => {
    const epochs = empty()
    epochs.add([epoch('session', 'u1', 9), epoch('user', 's1', 9), epoch('jti', 'k1', 9), epoch('key', 'j1', 9)])
    expect(epochs.verdict('self', token(1))).toBe('alive')
  })

  test('that lacks a session, an id or a key name is judged by the rest', () => {
    const epochs = empty()
    epochs.add([epoch('session', 'undefined', 9), epoch('jti', '', 9)])
    expect(epochs.verdict('self', { subject: 'u1', rev: 1 })).toBe('alive')
    epochs.add([epoch('user', 'u1', 9)])
    expect(epochs.verdict('self', { subject: 'u1', rev: 1 })).toBe('dead')
  })

  test('is dead rather than stale', () => {
    const epochs = empty()
    epochs.add([epoch('permissions', 'u1', 9), epoch('session', 's1', 9)])
    expect(epochs.verdict('self', token(1))).toBe('dead')
  })

  test('whose stamp is no number is older than anything', () => {
    const epochs = empty()
    epochs.add([epoch('user', 'u1', 9)])
    expect(epochs.verdict('self', token(Number.NaN))).toBe('dead')
  })

  test('has ids that are only ids', () => {
    const epochs = empty()
    for (const key of ['__proto__', 'constructor', 'self', 'u1:s1', '["user"']) {
      expect(epochs.verdict(key, { ...token(1), subject: key, sessionId: key })).toBe('alive')
      epochs.add([epoch('user', key, 9, key)])
      expect(epochs.verdict(key, { ...token(1), subject: key })).toBe('dead')
    }
  })
})

describe('what is known', () => {
  test('the highest stamp and the latest end win, in whatever order and however often they come', () => {
    const epochs = empty()
    epochs.add([epoch('user', 'u1', 5, 'self', START + 900), epoch('user', 'u1', 3, 'self', START + 100)])
    expect(epochs.size).toBe(1)
    expect([...epochs.above(0)]).toEqual([epoch('user', 'u1', 5, 'self', START + 900)])
    expect([...epochs.above(5)]).toEqual([])
    epochs.add([epoch('user', 'u1', 6, 'self', START + 100), epoch('user', 'u1', 2, 'self', START + 950)])
    expect([...epochs.above(5)]).toEqual([epoch('user', 'u1', 6, 'self', START + 950)])
  })

  test('the version stands as long as no verdict can have changed', () => {
    const epochs = empty()
    epochs.add([epoch('user', 'u1', 5)])
    const { version } = epochs
    epochs.add([epoch('user', 'u1', 5), epoch('user', 'u1', 4, 'self', START + 900)])
    expect(epochs.version).toBe(version)
    epochs.add([epoch('user', 'u1', 6)])
    expect(epochs.version).toBeGreaterThan(version)
  })

  const scopes: readonly Scope[] = ['session', 'user', 'jti', 'key', 'everybody', 'permissions']
  // Ids as we make them, one that only looks like them (its last bits belong to no byte), and whatever else there is.
  const made = ['AAAAAAAAAAAAAAAAAAAAAA', '_____________________w', 'AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAB']
  const id = fc.constantFrom('a', 'b', '', 'ab', '__proto__', ...made)
  const row = fc.constantFrom('self', 'other', 'b')
  const anEpoch = fc.record({
    scope: fc.constantFrom(...scopes),
    row,
    key: id,
    stamp: fc.integer({ min: 1, max: 20 }),
    until: fc.constant(START + 300),
  })
  const aToken = fc.record({
    subject: id,
    sessionId: fc.option(id, { nil: undefined }),
    jti: fc.option(id, { nil: undefined }),
    kid: fc.option(id, { nil: undefined }),
    rev: fc.integer({ min: 0, max: 21 }),
  })

  test('verdicts are those of a list that is searched from end to end', () => {
    const naive = (all: readonly Epoch[], where: string, { subject, sessionId, jti, kid, rev }: Judged) => {
      const names = { session: sessionId, user: subject, jti, key: kid, permissions: subject }
      const forGood: readonly Scope[] = ['session', 'jti', 'key']
      const over = all.filter((one) => one.row === where && (one.stamp > rev || forGood.includes(one.scope)))
      const ofAll = ({ scope, key }: Epoch) => scope === 'everybody' || (scope === 'permissions' && key === '')
      const hits = over.filter((one) => ofAll(one) || names[one.scope as keyof typeof names] === one.key)
      if (hits.some(({ scope }) => scope !== 'permissions')) return 'dead'
      return hits.length > 0 ? 'stale' : 'alive'
    }
    fc.assert(
      fc.property(fc.array(anEpoch, { maxLength: 12 }), row, aToken, (all, where, one) => {
        const epochs = empty()
        epochs.add(all)
        expect(epochs.verdict(where, one)).toBe(naive(all, where, one))
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('forgetting', () => {
  test('takes place three minutes after the last token concerned has expired, which is how long a leeway can keep it, and a minute', () => {
    let elapsed = 0
    const epochs = empty(
      () => START,
      () => elapsed,
    )
    epochs.add([epoch('session', 's1', 9), epoch('user', 'u1', 9, 'self', START + 900)])
    elapsed = 480
    expect(epochs.prune(START + 480)).toBe(0)
    elapsed = 481
    expect(epochs.prune(START + 481)).toBe(1)
    expect(epochs.size).toBe(1)
    expect(epochs.verdict('self', { subject: 'u1', rev: 1 })).toBe('dead')
    expect(epochs.verdict('self', { subject: 'u2', sessionId: 's1', rev: 1 })).toBe('alive')
  })

  test('case 231: does not follow a wall clock that was set, in either direction', () => {
    let elapsed = 0
    const epochs = empty(
      () => START,
      () => elapsed,
    )
    epochs.add([epoch('session', 's1', 9)])
    expect(epochs.prune(START + 7_200)).toBe(0)
    elapsed = 7_200
    expect(epochs.prune(START - 3_600)).toBe(0)
    expect(epochs.verdict('self', token(1))).toBe('dead')
    expect(epochs.prune(START + 3_600)).toBe(1)
  })
})
