/** The suite that every store passes: each sentence of the ports as a promise that can be run by any test runner. */
import { accountPromises } from './conformance/accounts.js'
import { apiTokenPromises } from './conformance/api-tokens.js'
import { arrivalPromises } from './conformance/arrivals.js'
import { bootstrapPromises } from './conformance/bootstrap.js'
import { groupPromises } from './conformance/groups.js'
import { hostilePromises } from './conformance/hostile.js'
import { identityPromises } from './conformance/identities.js'
import { keySetPromises } from './conformance/key-sets.js'
import { keyPromises } from './conformance/keys.js'
import type { StorePromise, StoreUnderTest } from './conformance/kit.js'
import { logPromises } from './conformance/log.js'
import { openingPromises } from './conformance/opening.js'
import { racePromises } from './conformance/race.js'
import { removalPromises } from './conformance/removal.js'
import { revocationPromises } from './conformance/revocations.js'
import { rotationPromises } from './conformance/rotations.js'
import { sessionPromises } from './conformance/sessions.js'

export type { StoreUnderTest } from './conformance/kit.js'

/** One case: it rejects when the store breaks the promise. */
export interface ConformanceCase {
  readonly name: string
  /** Passes, or rejects with what the store did wrong. */
  run(): Promise<void>
}

/**
 * The cases for a store; each makes stores of its own, opens them, and closes and cleans up at its end.
 */
export function storeConformance(name: string, make: () => Promise<StoreUnderTest>): readonly ConformanceCase[] {
  return Object.entries(all).map(([sentence, promise]) => ({
    name: `${name}: ${sentence}`,
    run: () => keep(promise, make),
  }))
}

const all: Readonly<Record<string, StorePromise>> = {
  ...openingPromises,
  ...accountPromises,
  ...removalPromises,
  ...bootstrapPromises,
  ...groupPromises,
  ...identityPromises,
  ...arrivalPromises,
  ...apiTokenPromises,
  ...sessionPromises,
  ...rotationPromises,
  ...revocationPromises,
  ...logPromises,
  ...keyPromises,
  ...keySetPromises,
  ...racePromises,
  ...hostilePromises,
}

async function keep(promise: StorePromise, make: () => Promise<StoreUnderTest>): Promise<void> {
  const test = await make()
  try {
    await test.stores.open()
    await promise(test)
  } finally {
    await test.stores.close()
    await test.cleanup()
  }
}
