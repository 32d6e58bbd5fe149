/** The process that fills the epochs and tells what they take: bytes for each, microseconds of CPU of a look-up, and of the longest step of pruning the milliseconds. */
import { randomBytes } from 'node:crypto'
// No door leads there: what is measured is a part, not the library.
import { createEpochs } from '../../packages/latchkey/dist/esm/revocation/epochs.js'
import { answer } from './remote.mjs'

const NOW = 1_800_000_000
const LOOKUPS = 100_000
const id = () => randomBytes(16).toString('base64url')

answer({ measure })

function measure(known) {
  let elapsed = 0
  const epochs = createEpochs({ clock: () => NOW, monotonic: () => elapsed })
  const before = used()
  for (let at = 0; at < known; at++) {
    epochs.add([{ scope: 'session', row: 'self', key: id(), stamp: at + 1, until: NOW + (at % 2_592_000) }])
  }
  const bytes = (used() - before) / known
  const tokens = Array.from({ length: LOOKUPS }, () => ({ subject: 'u', sessionId: id(), jti: id(), rev: 1 }))
  const lookup = (milliseconds(() => tokens.filter((one) => epochs.verdict('self', one) !== 'alive')) * 1_000) / LOOKUPS
  // Everything ends at once, which is the most that there can be to do.
  elapsed = 4_000_000
  let step = 0
  while (epochs.size > 0)
    step = Math.max(
      step,
      milliseconds(() => epochs.prune(NOW + elapsed)),
    )
  return { bytes, lookup, step }
}

function used() {
  // The first frees the tables that were outgrown, the second counts without them.
  globalThis.gc()
  globalThis.gc()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** Of CPU: neighbours on a shared machine do not count. */
function milliseconds(work) {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
