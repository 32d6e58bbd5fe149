/** Replicas in this process, over one store: each with what it knows, all at one time. */
import { createAuth } from '../../../src/index.js'
import type { StoreUnderTest } from '../../../src/stores/conformance.js'
import type { Stores } from '../../../src/stores/port.js'
import { ISSUER, SECRET } from '../../auth-kit.js'
import '../../cheap-passwords.mjs'
import { crowdOptions, race } from './crowd.js'
import { claims, doorOf } from './door.mjs'
import type { History } from './history.js'

interface Race {
  readonly replicas: number
  /** Of each actor. */
  readonly steps: number
  readonly seed: number
  /** What a test does to the stores of each replica. */
  readonly around?: (stores: Stores) => Stores
  readonly patienceSeconds?: number
}

/** Races over replicas that each have stores of their own, where there can be several, and cleans up. */
export async function raceOver(store: StoreUnderTest, given: Race): Promise<History> {
  const { replicas, steps, seed, around = (stores) => stores, patienceSeconds } = given
  const auths = Array.from({ length: replicas }, (_, index) =>
    createAuth({
      ...crowdOptions,
      issuer: ISSUER,
      secret: SECRET,
      clock: () => store.clock.now,
      database: around((index > 0 && store.reopen?.()) || store.stores),
      claims,
    }),
  )
  try {
    await Promise.all(auths.map((auth) => auth.ready()))
    return await race(auths.map(doorOf), steps, seed, patienceSeconds)
  } finally {
    await Promise.all(auths.map((auth) => auth.close()))
    await store.cleanup()
  }
}
