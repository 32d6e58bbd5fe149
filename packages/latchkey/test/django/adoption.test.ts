/** Refresh tokens that Django issued: each becomes one session here, whatever happens at its first use, and nothing that was ended comes back. */
import { describe, expect, test } from 'vitest'
import { caller } from '../auth-kit.js'
import { makers } from '../races/kit.js'
import { postgresDatabase } from '../services/postgres.js'
import { memory, postgres } from '../stores/kit.js'
import { DAY, ROTATING, said, world } from './adoption-kit.js'
import { claimsOf } from './kit.js'

const stores = { ...makers, PostgreSQL: async () => postgres(await postgresDatabase(`adoption_${made++}`)) }
let made = 0

describe.each(Object.entries(stores))('%s', (_name, make) => {
  test('one that does not rotate goes on until it expires, as one session, and is dead once that is ended', async () => {
    const { auth, clock, django, sessions, end } = await world(make)
    const [token, other] = [django(), django()]
    const { tokens } = await auth.tokens.refresh(token)
    expect(claimsOf(tokens.access).sid).toContain(tokens.sessionId)
    for (let days = 0; days < 6; days++) {
      clock.now += DAY
      expect((await auth.tokens.refresh(token)).tokens.sessionId).toBe(tokens.sessionId)
    }
    expect(await sessions()).toMatchObject([{ id: tokens.sessionId, expiresAt: clock.now + DAY }])
    expect(await said(auth, other)).toBe('good')
    await auth.revoke({ session: tokens.sessionId })
    expect(await said(auth, token)).toBe('session_revoked')
    expect(await sessions()).toHaveLength(1)
    clock.now += DAY
    expect([await said(auth, token), await said(auth, other)]).toEqual(['refresh_expired', 'refresh_expired'])
    await end()
  })

  test('one that rotates has one successor; used again within the grace it gets the same, later it is reuse', async () => {
    const { auth, clock, django, end } = await world(make, ROTATING)
    const token = django()
    clock.now += DAY
    const first = (await auth.tokens.refresh(token)).tokens
    clock.now += 9
    expect((await auth.tokens.refresh(token)).tokens.refresh).toBe(first.refresh)
    const second = (await auth.tokens.refresh(first.refresh as string)).tokens
    expect(second.sessionId).toBe(first.sessionId)
    clock.now += 20
    expect(await said(auth, token)).toBe('refresh_reused')
    expect(await said(auth, second.refresh as string)).toBe('session_revoked')
    expect(await said(auth, token)).toBe('session_revoked')
    await end()
  })

  test.each([
    ['fixed', {}],
    ['rotating', ROTATING],
  ])('%s: fifty at once, in two processes, are one session', async (_mode, settings) => {
    const { auth, replica, django, sessions, end } = await world(make, settings)
    const doors = [auth, replica()]
    for (let round = 0; round < 3; round++) {
      const token = django()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (doors[at % 2] as typeof auth).tokens.refresh(token)),
      )
      expect(new Set(answers.map(({ tokens }) => tokens.refresh)).size).toBe(1)
      expect(await sessions()).toHaveLength(round + 1)
    }
    await end()
  })

  test('what was ended stays so when its row is gone: by logout, by reuse, by the end of its user’s sessions', async () => {
    const { auth, clock, django, replica, stores, end } = await world(make, ROTATING)
    const [out, reused, ended] = [django(), django(), django({ user_id: 2 })]
    const call = caller(auth)
    for (const token of [reused, ended]) await auth.tokens.refresh(token)
    const session = await auth.tokens.sessionOf(out)
    await auth.revoke({ session: session?.id ?? '' })
    clock.now += 60
    expect(await said(auth, reused)).toBe('refresh_reused')
    await auth.revoke({ user: '2' })
    clock.now += 2 * DAY
    expect((await auth.prune()).sessions).toBe(3)
    for (const door of [auth, replica()])
      for (const token of [out, reused, ended]) expect(await said(door, token)).toBe('session_revoked')
    const { status, body } = await call('POST', '/api/token/refresh/', { body: { refresh: out } })
    expect([status, body]).toEqual([401, { detail: 'Token is blacklisted', code: 'token_not_valid' }])
    expect(await stores.sessions.list('1')).toEqual([])
    await end()
  })
})

test('a first use that was cut off in the middle is taken up by the next', async () => {
  let broken = true
  const { auth, clock, django, sessions, end } = await world(memory, ROTATING, (name) => {
    if (broken && name === 'sessions.rotate') throw new Error('the connection was reset')
  })
  const token = django()
  expect(await said(auth, token)).not.toBe('good')
  expect(await sessions()).toHaveLength(1)
  broken = false
  clock.now += DAY
  expect(await said(auth, token)).toBe('good')
  expect(await sessions()).toMatchObject([{ generation: 1 }])
  await end()
})
