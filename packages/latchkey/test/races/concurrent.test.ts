/** Goal G11 in one process: many present one token at once, and all of them go on with one and the same successor (case 142). */
import { describe, expect, test } from 'vitest'
import { count } from '../count.js'
import { makers, said, world } from './kit.js'

/** How many at a time: a hundred rounds, some of them large. */
const ROUNDS = [...Array<number>(95).fill(64), 128, 128, 128, 256, 256]

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test('all who present one token at once get the identical successor', { timeout: 120_000 }, async () => {
    const alice = await world(await make())
    let token: string = alice.tokens.refresh_token
    for (const [generation, many] of ROUNDS.entries()) {
      const answers = await Promise.all(Array.from({ length: many }, () => alice.refresh(token)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      const successors = new Set(answers.map(({ body }) => body.refresh_token as string))
      expect(successors.size).toBe(1)
      token = [...successors][0] as string
      expect(token.split('.')[1]).toBe(String(generation + 1))
    }
    expect((await alice.stores.sessions.find(token.split('.')[0] as string))?.session.endedAt).toBeNull()
    count(
      'concurrent refreshes',
      ROUNDS.reduce((sum, many) => sum + many, 0),
    )
    await alice.end()
  })

  test('without a grace period a double click still gets one successor, and a second later it is reuse', async () => {
    const alice = await world(await make(), { grace: 0 })
    const { refresh_token } = alice.tokens
    const answers = await Promise.all(Array.from({ length: 64 }, () => alice.refresh(refresh_token)))
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
    alice.clock.now += 1
    expect(said(await alice.refresh(refresh_token))).toEqual([401, 'refresh_reused'])
    await alice.end()
  })

  test('sessions that refresh at the same time do not hinder each other', async () => {
    const alice = await world(await make())
    const pairs = await Promise.all(Array.from({ length: 50 }, () => alice.auth.tokens.issue(alice.user)))
    const answers = await Promise.all(pairs.map(({ refresh }) => alice.refresh(refresh)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(50)
    await alice.end()
  })
})
