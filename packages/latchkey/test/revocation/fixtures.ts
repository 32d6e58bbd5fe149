/** What the tests of the feed share: one store, and as many processes over it as a test starts. */
import { createEpochs } from '../../src/revocation/epochs.js'
import { createFeed, type FeedParts } from '../../src/revocation/feed.js'
import { memoryStores } from '../../src/stores/memory.js'
import type { NewEpoch, RevocationLog, Stores } from '../../src/stores/port.js'

export const START = 1_800_000_000
export const session = (key: string, until = START + 300): NewEpoch => ({ scope: 'session', row: 'self', key, until })

export function world() {
  const clock = Object.assign(() => clock.now, { now: START })
  const stores = memoryStores({ clock })
  return { clock, stores, process }

  /** A process with its feed, not started yet. */
  function process(log: RevocationLog = stores.revocations, parts: Partial<FeedParts> = {}) {
    const epochs = createEpochs({ clock, monotonic: clock })
    const feed = createFeed({ log, epochs, clock, monotonic: clock, poll: 1_000, ...parts })
    const isDead = (sessionId: string, rev = 1) => epochs.verdict('self', { subject: 'u', sessionId, rev }) === 'dead'
    return { epochs, feed, isDead }
  }
}

/** The log of a store, with what a test wants to be different. */
export const over = (stores: Stores, parts: Partial<RevocationLog>): RevocationLog => ({
  ...stores.revocations,
  ...parts,
})
