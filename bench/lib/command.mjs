/** The command line of a benchmark: `--quick` only shows that it runs, `--rounds 31` is more patient, `--only ES256` is one part of it. */
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', multiple: true, default: [] },
  },
})

/** True where the numbers mean nothing and only the run counts. */
export const quick = values.quick

export const roundsWanted = quick ? 1 : Number(values.rounds)

/** Whether a part of the benchmark was asked for; all of them are where none is named. */
export const wanted = (...names) => values.only.length === 0 || names.some((name) => values.only.includes(name))
