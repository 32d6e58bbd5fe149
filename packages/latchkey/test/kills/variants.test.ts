/** Goal G13: the same run and the same judge catch every store that makes one mistake. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { runKills } from './run.mjs'
import { variants } from './variants.mjs'

const MOST_KILLS = 60

type Counts = Readonly<Record<'lost' | 'forks' | 'falseReuse' | 'resurrected', number>>

const violations = ({ lost, forks, falseReuse, resurrected }: Counts) => lost + forks + falseReuse + resurrected

for (const variant of Object.keys(variants).filter((name) => name !== 'none')) {
  test(`the variant ${variant} is caught`, { timeout: 300_000 }, async () => {
    const result = await runKills({ kills: MOST_KILLS, variant, until: (verdict) => violations(verdict) > 0 })
    expect(violations(result)).toBeGreaterThan(0)
    count('faulty stores caught by the kills', 1)
  })
}
