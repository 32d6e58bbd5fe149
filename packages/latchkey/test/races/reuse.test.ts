/** Old refresh tokens: who presents one ends the session, now and after a restart (cases 139-141, 145-147, 163). */
import { describe, expect, test } from 'vitest'
import { count } from '../count.js'
import { sqlite } from '../stores/kit.js'
import { makers, replica, rotated, said, world } from './kit.js'

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test('the grandparent inside the grace period is reuse (case 140)', async () => {
    const alice = await world(await make())
    const first = alice.tokens.refresh_token
    const second = await rotated(alice, first)
    const third = await rotated(alice, second)
    expect(said(await alice.refresh(first))).toEqual([401, 'refresh_reused'])
    expect(said(await alice.refresh(third))).toEqual([401, 'session_revoked'])
    await alice.end()
  })

  test('reuse ends the session in the store, and the access tokens with it, before it is answered (case 139)', async () => {
    const alice = await world(await make())
    const events: unknown[] = []
    alice.auth.events.on('session.reused', (event) => void events.push(event))
    const next = await alice.refresh(alice.tokens.refresh_token)
    alice.clock.now += 11
    expect(said(await alice.refresh(alice.tokens.refresh_token))).toEqual([401, 'refresh_reused'])
    const [id] = next.body.refresh_token.split('.')
    expect((await alice.stores.sessions.find(id))?.session).toMatchObject({ endedBy: 'reuse' })
    expect(said(await alice.me(next.body.access_token))).toEqual([401, 'token_revoked'])
    expect(said(await alice.me(alice.tokens.access_token))).toEqual([401, 'token_revoked'])
    await expect.poll(() => events).toMatchObject([{ sessionId: id, userId: alice.user.id, generation: 0 }])
    await alice.end()
  })

  test('after reuse the leaf is refused for ever, also when it comes at the same time (case 141)', async () => {
    for (let round = 0; round < 20; round++) {
      const alice = await world(await make())
      const first = alice.tokens.refresh_token
      const leaf = await rotated(alice, await rotated(alice, first))
      const answers = await Promise.all([leaf, first, leaf, first].map((token) => alice.refresh(token)))
      expect(answers.map(({ status }) => status)).toContain(401)
      const known = [first, leaf, ...answers.flatMap(({ body }) => body.refresh_token ?? [])]
      for (const token of known) expect(said(await alice.refresh(token))).toEqual([401, 'session_revoked'])
      for (const { body } of answers)
        if (body.access_token) expect(said(await alice.me(body.access_token))).toEqual([401, 'token_revoked'])
      await alice.end()
    }
  }, 60_000)

  test('a refresh token of an ended session is not told apart by its age', async () => {
    const alice = await world(await make())
    const first = alice.tokens.refresh_token
    const third = await rotated(alice, await rotated(alice, first))
    await alice.call('POST', '/auth/logout', { body: { refresh_token: third } })
    for (const token of [first, third]) expect(said(await alice.refresh(token))).toEqual([401, 'session_revoked'])
    await alice.end()
  })

  test('a generation that the database forgot ends the session, because nobody can say what else it forgot', async () => {
    const alice = await world(await make())
    const events: unknown[] = []
    alice.auth.events.on('store.rewound', (event) => void events.push(event))
    const id = alice.tokens.refresh_token.split('.')[0]
    // The store of a backup: the token of generation 1 was handed out, the row is at 0 again.
    const other = replica(
      { ...alice.stores, sessions: { ...alice.stores.sessions, rotate: async () => true } },
      alice.clock,
    )
    const future = await rotated(other, alice.tokens.refresh_token)
    expect(said(await alice.refresh(future))).toEqual([401, 'session_revoked'])
    expect(said(await alice.refresh(alice.tokens.refresh_token))).toEqual([401, 'session_revoked'])
    await expect.poll(() => events).toMatchObject([{ sessionId: id }])
    await other.auth.close()
    await alice.end()
  })
})

test('reuse is found after a restart as before it, and so is a retry (cases 145, 147)', {
  timeout: 120_000,
}, async () => {
  const store = await sqlite()
  const alice = await world(store)
  await alice.auth.close()
  const ROUNDS = 50
  for (let round = 0; round < ROUNDS; round++) {
    const before = replica(store.reopen?.() ?? store.stores, store.clock)
    const { refresh } = await before.auth.tokens.issue(alice.user)
    const tokens = [refresh as string]
    for (let times = 0; times <= round % 5; times++) tokens.push(await rotated(before, tokens.at(-1) as string))
    await before.auth.close()

    const after = replica(store.reopen?.() ?? store.stores, store.clock)
    // The predecessor is a retry whose answer got lost; whatever is older was used.
    const [predecessor, leaf] = tokens.slice(-2) as [string, string]
    expect(await rotated(after, predecessor)).toBe(leaf)
    store.clock.now += 11
    const old = tokens[round % (tokens.length - 1)] as string
    expect(said(await after.refresh(old))).toEqual([401, 'refresh_reused'])
    expect(said(await after.refresh(leaf))).toEqual([401, 'session_revoked'])
    await after.auth.close()
  }
  count('reuse found after a restart', ROUNDS)
  await store.cleanup()
})

test('a thief who keeps within the grace of the victim is found at the first step outside it (case 163)', {
  timeout: 120_000,
}, async () => {
  const alice = await world()
  let shared: string = alice.tokens.refresh_token
  // A day, five minutes at a time: the victim refreshes, the thief nine seconds later.
  for (let step = 0; step < 288; step++) {
    const next = await rotated(alice, shared)
    alice.clock.now += 9
    expect(await rotated(alice, shared)).toBe(next)
    alice.clock.now += 291
    shared = next
  }
  const next = await rotated(alice, shared)
  alice.clock.now += 11
  expect(said(await alice.refresh(shared))).toEqual([401, 'refresh_reused'])
  expect(said(await alice.refresh(next))).toEqual([401, 'session_revoked'])
  await alice.end()
})

test('the grace period is counted from the rotation, and a retry does not lengthen it', async () => {
  const alice = await world()
  const next = await rotated(alice, alice.tokens.refresh_token)
  for (let second = 0; second < 10; second++) {
    alice.clock.now += 1
    expect(await rotated(alice, alice.tokens.refresh_token)).toBe(next)
  }
  alice.clock.now += 1
  expect(said(await alice.refresh(alice.tokens.refresh_token))).toEqual([401, 'refresh_reused'])
  await alice.end()
})

test('a grace period of more than a minute is refused at the start (case 163)', async () => {
  for (const grace of [61, '61s', '2m', -1])
    await expect(world(undefined, { grace })).rejects.toMatchObject({ code: 'options_invalid' })
  const alice = await world(undefined, { grace: 60 })
  const next = await rotated(alice, alice.tokens.refresh_token)
  alice.clock.now += 60
  expect(await rotated(alice, alice.tokens.refresh_token)).toBe(next)
  await alice.end()
})
