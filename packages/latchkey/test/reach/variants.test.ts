/** Goal G10: the same run and the same judge catch every server to which revocations do not come as promised. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { runReach } from './run.mjs'

const RUNS = 4

const cases = [
  { variant: 'counts-as-read', rule: 'missed', pushes: false, count: 4, stop: 0, bound: 2 },
  { variant: 'unheard', rule: 'slow', pushes: true, count: 24, stop: 0, poll: 4 },
  { variant: 'trusts-its-timer', rule: 'behind', pushes: false, count: 20, stop: 3, bound: 2 },
] as const

test.concurrent.for(cases)('$variant is $rule', { timeout: 300_000 }, async ({ variant, rule, ...options }) => {
  // Whether a stopped server answers before it has read is a race of a few milliseconds: it is lost sometimes, not every time.
  let caught = 0
  for (let run = 0; run < RUNS && caught === 0; run++) {
    const database = await postgresDatabase(`reach-${variant}-${run}`)
    caught = (await runReach({ ...options, database, variant }))[rule]
  }
  expect(caught).toBeGreaterThan(0)
  count('servers that revocations do not reach, caught', 1)
})
