/** Goal G12 in short: a server that is killed at forty random instants loses nothing that it acknowledged. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { runKills } from './run.mjs'

const KILLS = 40

test('a server killed at random instants loses no session, forks none, takes no retry for a thief and revives none', {
  timeout: 300_000,
}, async () => {
  const result = await runKills({ kills: KILLS })
  expect(result).toMatchObject({ kills: KILLS, lost: 0, forks: 0, falseReuse: 0, resurrected: 0, odd: 0, findings: [] })
  // A run in which nothing happened would prove nothing.
  expect(result.rotations).toBeGreaterThan(KILLS * 5)
  expect(result.unanswered).toBeGreaterThan(KILLS)
  expect(result.endings).toBeGreaterThan(KILLS / 4)
  count('kills', result.kills)
  count('kills: questions judged', result.presentations + result.uses)
  count('kills: sessions lost', result.lost)
  count('kills: sessions forked', result.forks)
  count('kills: false reuse', result.falseReuse)
  count('kills: sessions resurrected', result.resurrected)
})
