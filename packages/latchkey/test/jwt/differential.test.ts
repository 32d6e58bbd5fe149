/** Twenty thousand mutants against jose on every run, as many as `LATCHKEY_FUZZ` says otherwise (goal G3). */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { fuzz } from './fuzz.js'

const runs = Number(process.env.LATCHKEY_FUZZ ?? 20_000)
const seed = Number(process.env.LATCHKEY_SEED ?? 20_261_122)

test(
  `of ${runs} mutated tokens (seed ${seed}) none is accepted by us and refused by jose, or read differently`,
  async () => {
    const report = await fuzz(runs, seed)
    expect(report.findings).toEqual([])
    // The mutants must reach the inside of both: about a third of them is good for both, and we refuse some that jose takes.
    expect(report.accepted).toBeGreaterThan(runs / 5)
    expect(report.stricter).toBeGreaterThan(0)
    count('mutated tokens against jose', report.run)
  },
  Math.max(60_000, runs * 10),
)
