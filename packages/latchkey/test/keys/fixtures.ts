/** What the tests of keys share: secrets that are good enough, clocks set by hand, and replicas over one store. */
import { AuthError } from '../../src/errors.js'
import { createKeyring, type Keyring, type KeyringParts } from '../../src/keys/keyring.js'
import { type ServerSecrets, serverSecrets } from '../../src/keys/seal.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { KeyStore, Stores } from '../../src/stores/port.js'

export const SECRET = 'k3Jv9Qp-2wXz7Lm_5rTc8Bn4Hd6Gf1Sa0Yu'
export const NEWER = 'hex:9f2c61d07ab35e48c1f7d20b946e83a5570c1bd9e2648af3317d5c90be82f604'
const START = 1_800_000_000

export type FakeClock = (() => number) & { now: number }

export function fakeClock(now = START): FakeClock {
  const clock = Object.assign(() => clock.now, { now })
  return clock
}

export interface FakePause {
  (seconds: number): Promise<void>
  /** Lets so many seconds pass: whoever waits no longer than that goes on, in order. */
  pass(seconds: number): Promise<void>
}

/** Waits by a clock set by hand. */
export function fakePause(clock: FakeClock): FakePause {
  let sleepers: { readonly until: number; readonly wake: () => void }[] = []
  const pause = (seconds: number) =>
    new Promise<void>((wake) => {
      sleepers.push({ until: clock.now + seconds, wake })
    })
  return Object.assign(pause, { pass })

  async function pass(seconds: number): Promise<void> {
    clock.now += seconds
    const due = sleepers.filter(({ until }) => until <= clock.now)
    sleepers = sleepers.filter((one) => !due.includes(one))
    for (const { wake } of due) wake()
    // What was awaited goes on in turns of its own; the stores of these tests are in memory.
    await new Promise(setImmediate)
  }
}

/** One store with a clock, and as many processes over it as a test starts. */
export interface World {
  readonly clock: FakeClock
  readonly stores: Stores
  readonly secrets: ServerSecrets
  /** A process that has not opened its ring yet. */
  process(parts?: Partial<KeyringParts>): Keyring
}

export function world(shared: Partial<KeyringParts> = {}): World {
  const clock = fakeClock()
  const stores = memoryStores({ clock })
  const secrets = serverSecrets([SECRET], clock)
  return { clock, stores, secrets, process }

  function process(parts: Partial<KeyringParts> = {}): Keyring {
    return createKeyring({
      store: stores.keys,
      secrets,
      algorithm: 'EdDSA',
      clock,
      monotonic: clock,
      longestSeconds: 300,
      row: 'self',
      ...shared,
      ...parts,
    })
  }
}

/** A key store that counts its loads and fails when told to. */
export function watched(store: KeyStore): KeyStore & { loads: number; down: boolean } {
  const up = async () => {
    if (watch.down) throw new Error('connection refused')
  }
  const watch = {
    loads: 0,
    down: false,
    load: () => {
      watch.loads++
      return up().then(store.load)
    },
    save: (...args: Parameters<KeyStore['save']>) => up().then(() => store.save(...args)),
    announce: (ids: readonly string[]) => up().then(() => store.announce(ids)),
  }
  return watch
}

/** The code of the AuthError that this throws or rejects with. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (error instanceof AuthError) return error.code
    throw error
  }
  return 'no error'
}
