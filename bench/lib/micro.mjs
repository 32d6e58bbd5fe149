/** Small operations side by side: microseconds of CPU per operation, one list of rounds per candidate. */
import { quick } from './command.mjs'
import { start } from './remote.mjs'
import { inTurn } from './turns.mjs'

const pace = quick ? { warmUp: 2, slice: 2 } : { warmUp: 300, slice: 40 }

/** A candidate is `{ name, module, make, options }`, as lib/loop.mjs takes them. */
export async function compare(candidates) {
  const running = candidates.map(() => start('./loop.mjs'))
  try {
    for (const [at, { module, make, options }] of candidates.entries()) {
      const url = new URL(`../candidates/${module}`, import.meta.url).href
      await running[at].ask('prepare', url, make, options, pace)
    }
    return await inTurn(running, (candidate) => candidate.ask('slice'))
  } finally {
    for (const one of running) one.stop()
  }
}
