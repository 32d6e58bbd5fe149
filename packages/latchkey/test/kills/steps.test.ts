/** Case 231 in short: a server whose clock is set forward and back loses nothing, forgets nothing and lets nothing outlive its end. */
import { expect, test } from 'vitest'
import { count } from '../count.js'
import { runSteps } from './steps.mjs'

const HOUR = 3_600

test('a clock that is two hours ahead, then an hour behind, then right again, ends and revives nothing', {
  timeout: 120_000,
}, async () => {
  const result = await runSteps({ offsets: [2 * HOUR, -HOUR, 0, 12, -12, HOUR, 0], questions: 60 })
  expect(result).toMatchObject({ lost: 0, forks: 0, falseReuse: 0, resurrected: 0, odd: 0, findings: [] })
  expect(result).toMatchObject({ crashed: 0, outlived: 0, steps: 8 })
  // A run in which nothing happened would prove nothing.
  expect(result.rotations).toBeGreaterThan(100)
  expect(result.endings).toBeGreaterThan(5)
  expect(result.expired).toBeGreaterThan(0)
  count('clock steps under load', result.steps)
})

test('sessions that go by the time instead of the log are caught', { timeout: 120_000 }, async () => {
  const until = ({ lost }: { lost: number }) => lost > 0
  const result = await runSteps({
    offsets: [2 * HOUR, -HOUR, 0, -HOUR, 0],
    variant: 'by-the-clock',
    questions: 60,
    until,
  })
  expect(result.lost).toBeGreaterThan(0)
  count('planted faults caught', 1)
})

test('tokens that are accepted after their end are caught: by a clock half an hour behind they have half an hour left', {
  timeout: 120_000,
}, async () => {
  const result = await runSteps({ offsets: [-HOUR / 2, 0], expiredBehind: HOUR / 2, questions: 20 })
  expect(result.outlived).toBeGreaterThan(0)
  count('planted faults caught', 1)
})
