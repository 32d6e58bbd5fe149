/** Promises of the bounded queue. */
import { expect, test } from 'vitest'
import { createQueue } from '../../src/util/queue.js'
import { outcome } from '../users/fixtures.js'

const task = () => {
  const { promise, resolve, reject } = withResolvers()
  return { run: () => promise, resolve, reject }
}

function withResolvers() {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

test('first come, first served; nobody beyond the bound; a failed task frees its place', async () => {
  const queue = createQueue({ workers: 1, waiting: 1, secondsPerTask: 0.1 })
  const order: string[] = []
  const [first, second] = [task(), task()]
  const one = outcome(queue(first.run).finally(() => order.push('first')))
  const two = outcome(queue(second.run).finally(() => order.push('second')))
  expect(await outcome(queue(async () => order.push('never')))).toBe('overloaded')
  first.reject(new Error('failed'))
  await one
  second.resolve()
  expect(await two).toBe('ok')
  expect(await outcome(queue(async () => order.push('third')))).toBe('ok')
  expect(order).toEqual(['first', 'second', 'third'])
})

test('as many run at a time as there are workers', async () => {
  const queue = createQueue({ workers: 2, waiting: 100, secondsPerTask: 0.1 })
  let running = 0
  let most = 0
  const all = Array.from({ length: 50 }, () => {
    return queue(async () => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running -= 1
    })
  })
  await Promise.all(all)
  expect(most).toBe(2)
  expect(running).toBe(0)
})
