/** Group commit without a database. */
import { expect, test } from 'vitest'
import { batch, type Outcomes } from '../../src/stores/sql/batch.js'

test('calls of one turn are one group, and get their own outcomes', async () => {
  const groups: (readonly number[])[] = []
  const double = batch(async (items: readonly number[]) => {
    groups.push(items)
    return items.map((item) => (item === 3 ? new Error('three') : item * 2))
  }, 9)
  const answers = await Promise.allSettled([1, 2, 3, 4].map(double))
  expect(groups).toEqual([[1, 2, 3, 4]])
  expect(answers.map((answer) => ('value' in answer ? answer.value : answer.reason.message))).toEqual([
    2,
    4,
    'three',
    8,
  ])
})

test('what comes while a group is under way waits for it, and no group is larger than allowed', async () => {
  const finish: (() => void)[] = []
  const sizes: number[] = []
  const run = (items: readonly number[]) =>
    new Promise<Outcomes<number>>((resolve) => {
      sizes.push(items.length)
      finish.push(() => resolve(items))
    })
  const echo = batch(run, 3)
  const first = [1, 2].map(echo)
  await turn()
  const later = [3, 4, 5, 6].map(echo)
  await turn()
  expect(sizes).toEqual([2])
  for (let group = 0; group < 3; group++) {
    finish[group]?.()
    await turn()
  }
  expect(await Promise.all([...first, ...later])).toEqual([1, 2, 3, 4, 5, 6])
  expect(sizes).toEqual([2, 3, 1])
})

test('as many groups are under way as may be, and no more', async () => {
  const finish: (() => void)[] = []
  const groups: (readonly number[])[] = []
  const run = (items: readonly number[]) =>
    new Promise<Outcomes<number>>((resolve) => {
      groups.push(items)
      finish.push(() => resolve(items))
    })
  const echo = batch(run, 2, 2)
  const answers = [1, 2, 3, 4, 5].map(echo)
  await turn()
  expect(groups).toEqual([
    [1, 2],
    [3, 4],
  ])
  finish[1]?.()
  await turn()
  expect(groups[2]).toEqual([5])
  finish[0]?.()
  finish[2]?.()
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5])
})

test('a group that fails fails for all of it, and the next one runs', async () => {
  let fails = true
  const echo = batch(async (items: readonly number[]) => {
    if (fails) throw new Error('gone')
    return items
  }, 9)
  for (const answer of await Promise.allSettled([1, 2].map(echo)))
    expect(answer).toMatchObject({ reason: { message: 'gone' } })
  fails = false
  expect(await echo(3)).toBe(3)
})

/** Two turns: the first runs a group, the second lets its callers go on. */
async function turn(): Promise<void> {
  for (let n = 0; n < 2; n++) await new Promise((resolve) => setImmediate(resolve))
}
