/** Promises about names that a process does not know: no good token is refused for being early, and strangers cost a read a second. */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import type { Keyring } from '../../src/keys/keyring.js'
import type { KeyStore } from '../../src/stores/port.js'
import { codeOf, fakePause, watched, world } from './fixtures.js'

const SECOND = 1
const MINUTE = 60

/** Two processes over one store: `here` changes keys, `there` is told nothing and counts its reads. */
async function twoProcesses() {
  const { process, stores, clock } = world()
  const pause = fakePause(clock)
  const store = watched(stores.keys)
  const here = process()
  const there = process({ store, pause })
  await here.open()
  await there.open()
  clock.now += MINUTE / 2
  return { process, here, there, store, clock, pause }
}

const find = async (ring: Keyring, kid: string | undefined) => ring.find(kid, 'EdDSA')
/** What is read from now on is answered when told to, as it was when it was asked for. */
function slowed(store: KeyStore): () => void {
  const { load } = store
  let goOn = () => {}
  const told = new Promise<void>((resolve) => {
    goOn = resolve
  })
  Object.assign(store, { load: () => load().then(async (old) => told.then(() => old)) })
  return () => {
    Object.assign(store, { load })
    goOn()
  }
}

const names = (word: string, count: number) => Array.from({ length: count }, (_, at) => `${word}${at}`)
const turn = () => new Promise(setImmediate)

/** What became of it so far: a kid, a code, `none`, or `waits`. */
async function outcome(found: Promise<{ readonly kid: string | undefined } | undefined>): Promise<string | undefined> {
  const told = found.then(
    (key) => (key ? key.kid : 'none'),
    (error: unknown) => (error instanceof AuthError ? error.code : 'odd'),
  )
  return Promise.race([told, turn().then(() => 'waits')])
}

/** The key that signs after both keys that everybody knew were revoked. */
async function secondSuccessor(here: Keyring): Promise<string | undefined> {
  await here.rotate({ emergency: true })
  return (await here.rotate({ emergency: true })).kid
}

describe('two keys revoked within a second of each other', () => {
  test('no good token is refused by a process that only polls, and none is let in that is dead', async () => {
    const { here, there, pause, store } = await twoProcesses()
    const first = await secondSuccessor(here)
    expect(await outcome(find(there, first))).toBe(first)
    const reads = store.loads
    const second = await secondSuccessor(here)
    const waiting = find(there, second)
    expect(await outcome(waiting)).toBe('waits')
    await pause.pass(SECOND)
    expect(await outcome(waiting)).toBe(second)
    expect(store.loads).toBe(reads + 1)
    expect(there.find(first, 'EdDSA')).toBeInstanceOf(Promise)
  })

  test('a read that began before the key was made refuses nobody either', async () => {
    const { here, there, pause, store } = await twoProcesses()
    const goOn = slowed(store)
    const stranger = find(there, 'stranger')
    await turn()
    const kid = await secondSuccessor(here)
    const waiting = find(there, kid)
    goOn()
    expect(await outcome(stranger)).toBe('none')
    expect(await outcome(waiting)).toBe('waits')
    await pause.pass(SECOND)
    expect(await outcome(waiting)).toBe(kid)
  })

  test('nor does a reload of which the feed was the reason', async () => {
    const { here, there, store } = await twoProcesses()
    const goOn = slowed(store)
    there.noticed(99)
    await turn()
    const kid = await secondSuccessor(here)
    const waiting = find(there, kid)
    goOn()
    expect(await outcome(waiting)).toBe(kid)
  })

  test('by the clocks of a real process too, which does not end while somebody waits', async () => {
    const { process: start } = world()
    const [here, there] = [start(), start({ monotonic: () => performance.now() / 1000 })]
    await here.open()
    const first = await secondSuccessor(here)
    expect((await find(there, first))?.kid).toBe(first)
    const second = await secondSuccessor(here)
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const waiting = find(there, second)
    // Turns in which no timer of anybody else can begin or end.
    for (let step = 0; step < 20; step++) await undefined
    expect(timers()).toBe(before + 1)
    expect((await waiting)?.kid).toBe(second)
  })
})

describe('whoever invents names', () => {
  test('makes a process read its ring at most once a second, however many ask', async () => {
    const { there, store, pause } = await twoProcesses()
    const opened = store.loads
    const asked: unknown[] = []
    for (let quarter = 0; quarter < 40; quarter++) {
      asked.push(...names(`of ${quarter} `, 250).map((name) => find(there, name)))
      await pause.pass(SECOND / 4)
      expect(store.loads - opened).toBeLessThanOrEqual(Math.floor(quarter / 4) + 2)
    }
    expect(store.loads - opened).toBeGreaterThan(5)
    await pause.pass(SECOND)
    expect(new Set(await Promise.all(asked))).toEqual(new Set([undefined]))
  })

  test('has a hundred names looked for and a thousand callers wait, and the others are refused at once', async () => {
    const { there, pause } = await twoProcesses()
    await find(there, 'the read of this second')
    const asked = names('name', 1_000).map((name) => there.find(name, 'EdDSA'))
    expect(asked.filter((answer) => answer !== undefined)).toHaveLength(100)
    const again = Array.from({ length: 1_000 }, () => there.find('name0', 'EdDSA'))
    expect(again.filter((answer) => answer !== undefined)).toHaveLength(900)
    await pause.pass(SECOND)
    expect(new Set(await Promise.all([...asked, ...again]))).toEqual(new Set([undefined]))
    // All places are free again.
    const next = names('next', 1_000).map((name) => there.find(name, 'EdDSA'))
    expect(next.filter((answer) => answer !== undefined)).toHaveLength(100)
  })

  test('slows nobody whose key is known, and leaves all tokens of a new key one place that they share', async () => {
    const { here, there, pause } = await twoProcesses()
    const { kid: known } = await there.signer()
    await find(there, 'the read of this second')
    const strangers = names('name', 99).map((name) => find(there, name))
    expect(there.find(known, 'EdDSA')).not.toBeInstanceOf(Promise)
    const kid = await secondSuccessor(here)
    const good = Array.from({ length: 900 }, () => find(there, kid))
    strangers.push(...names('late', 1_000).map((name) => find(there, name)))
    await pause.pass(SECOND)
    expect(new Set((await Promise.all(good)).map((key) => key?.kid))).toEqual(new Set([kid]))
    expect(new Set(await Promise.all(strangers))).toEqual(new Set([undefined]))
  })

  test('waits once: a name that was looked for is refused at once for a minute, as the tokens of a revoked key are', async () => {
    const { here, there, store, clock } = await twoProcesses()
    const { kid } = await there.signer()
    await here.revoke(kid ?? '')
    await there.open()
    expect(await find(there, kid)).toBeUndefined()
    const { loads } = store
    clock.now += MINUTE - 1
    expect(there.find(kid, 'EdDSA')).toBeUndefined()
    expect(store.loads).toBe(loads)
    clock.now += 1
    expect(await find(there, kid)).toBeUndefined()
    expect(store.loads).toBe(loads + 1)
  })
})

describe('while the store is away', () => {
  test('an unknown name is no wrong name, and nobody waits for what just failed', async () => {
    const { there, store, pause } = await twoProcesses()
    store.down = true
    expect(await codeOf(() => there.find('other', 'EdDSA'))).toBe('store_failed')
    expect(await codeOf(() => there.find('other', 'EdDSA'))).toBe('store_failed')
    store.down = false
    await pause.pass(SECOND)
    expect(await find(there, 'other')).toBeUndefined()
  })

  test('whoever was waiting when it went is told so, and is found when it is back', async () => {
    const { here, there, store, pause } = await twoProcesses()
    await find(there, 'the read of this second')
    const kid = await secondSuccessor(here)
    const waiting = [kid, kid, 'other'].map((name) => codeOf(() => find(there, name)))
    store.down = true
    await pause.pass(SECOND)
    expect(await Promise.all(waiting)).toEqual(Array(3).fill('store_failed'))
    store.down = false
    await pause.pass(SECOND)
    expect((await find(there, kid))?.kid).toBe(kid)
  })
})
