/** Who watches open connections is held up by none of them. */
import { expect, test } from 'vitest'
import type { Caller } from '../../src/graphql/caller.js'
import { createWatch } from '../../src/graphql/watch.js'
import { AuthError } from '../../src/index.js'

const caller = (again: Caller['again']) => ({ found: { context: {} }, again, failure: undefined }) as unknown as Caller

test('a store that does not answer for one caller keeps no other connection open', async () => {
  const watch = createWatch()
  let asked = 0
  const silent = caller(() => {
    asked += 1
    return new Promise(() => {})
  })
  const stop = watch.add(silent, () => expect.unreachable())
  const failure = new AuthError('token_expired')
  let isGood = true
  const others = Array.from({ length: 500 }, () =>
    caller(async () => ({ auth: undefined, failure: isGood ? undefined : failure })),
  )
  const ended = others.map((one) => new Promise<AuthError>((resolve) => watch.add(one, resolve)))
  await new Promise((resolve) => setTimeout(resolve, 600))
  isGood = false
  const began = performance.now()
  expect(new Set(await Promise.all(ended))).toEqual(new Set([failure]))
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(asked).toBe(1)
  stop()
})

test('a store that fails has said nothing about a caller', async () => {
  const watch = createWatch()
  let asked = 0
  const failing = caller(async () => {
    asked += 1
    return { auth: undefined, failure: new AuthError(asked < 2 ? 'store_failed' : 'token_revoked') }
  })
  const why = await new Promise<AuthError>((resolve) => watch.add(failing, resolve))
  expect([why.code, asked]).toEqual(['token_revoked', 2])
})
