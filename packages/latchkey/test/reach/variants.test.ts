/** Goal G10: the same run and the same judge catch every server to which revocations do not come as promised. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { postgresDatabase } from '../services/postgres.js'
import { runReach } from './run.mjs'

const cases = [
  { variant: 'counts-as-read', rule: 'missed', pushes: false, count: 4, stop: 0, bound: 2 },
  { variant: 'unheard', rule: 'slow', pushes: true, count: 24, stop: 0, poll: 4 },
  { variant: 'trusts-its-timer', rule: 'behind', pushes: false, count: 20, stop: 3, bound: 2 },
] as const

test.concurrent.for(cases)('$variant is $rule', { timeout: 300_000 }, async ({ variant, rule, ...options }) => {
  const database = await postgresDatabase(`reach-${variant}`)
  const result = await runReach({ ...options, database, variant })
  expect(result[rule]).toBeGreaterThan(0)
  count('servers that revocations do not reach, caught', 1)
})
