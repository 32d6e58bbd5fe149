/** Server secrets that change while sessions go on: who has the secret goes on, who lacks it says so and ends nothing. */
import { expect, test } from 'vitest'
import { SECRET } from '../auth-kit.js'
import { memory } from '../stores/kit.js'
import { replica, rotated, said, world } from './kit.js'

const NEWER = 'another-secret-for-tests-9876543210-zyxwvutsrqponm'

/** A secret signs nothing before every replica can have it. */
const KNOWN_SECONDS = 600

async function deploy() {
  const store = await memory()
  const alice = await world(store)
  const run = (secret: string | readonly string[]) => replica(store.stores, store.clock, { secret })
  return { ...alice, run }
}

test('a session lives through a change of the secret, one deploy after the other', async () => {
  const { run, clock, ...alice } = await deploy()
  let token = await rotated(alice, alice.tokens.refresh_token)
  const both = run([NEWER, SECRET])
  token = await rotated(both, token)
  clock.now += KNOWN_SECONDS
  // The predecessor was made under the old secret, its successor under the new one: a retry gets the identical one.
  const next = await rotated(both, token)
  expect(await rotated(both, token)).toBe(next)
  const { body } = await both.refresh(next)
  const after = run(NEWER)
  expect((await after.refresh(body.refresh_token)).status).toBe(200)
  expect((await after.me(body.access_token)).status).toBe(200)
  for (const { auth } of [both, after]) await auth.close()
  await alice.end()
})

test('during a rolling deploy either replica takes what the other handed out', async () => {
  const { run, ...alice } = await deploy()
  const both = run([NEWER, SECRET])
  let token: string = alice.tokens.refresh_token
  for (let turn = 0; turn < 10; turn++) {
    token = await rotated(both, token)
    const next = await rotated(alice, token)
    expect(await rotated(both, token)).toBe(next)
    token = next
  }
  await both.auth.close()
  await alice.end()
})

test('a replica without the secret of a session answers 503 and never that the token is bad', async () => {
  const { run, clock, ...alice } = await deploy()
  const both = run([NEWER, SECRET])
  await both.auth.ready()
  clock.now += KNOWN_SECONDS
  const old = alice.tokens.refresh_token
  const next = await rotated(both, old)
  // Alice's replica has the old secret only: it can read the predecessor, but not make its successor, nor read that.
  for (const token of [old, next]) expect(said(await alice.refresh(token))).toEqual([503, 'store_failed'])
  // Nor may it acknowledge a logout that it cannot carry out.
  const logout = { body: { refresh_token: next } }
  expect(said(await alice.call('POST', '/auth/logout', logout))).toEqual([503, 'store_failed'])
  expect((await both.refresh(next)).status).toBe(200)
  await both.auth.close()
  await alice.end()
})

test('a retry that was made under a secret which is not here is answered with 503, also where its successor was made under one that is', async () => {
  const { run, clock, ...alice } = await deploy()
  const [forward, back] = [run([NEWER, SECRET]), run([SECRET, NEWER])]
  for (const { auth } of [forward, back]) await auth.ready()
  clock.now += KNOWN_SECONDS
  const retried = await rotated(forward, alice.tokens.refresh_token)
  const next = await rotated(back, retried)
  expect(said(await alice.refresh(retried))).toEqual([503, 'store_failed'])
  // What no secret explains is no retry, and neither is what is older.
  for (const wrong of [`${next.slice(0, -43)}${retried.slice(-43)}`, retried.replace(/\.1\./, '.0.')]) {
    expect(said(await alice.refresh(wrong))).toEqual([401, 'refresh_invalid'])
  }
  expect((await alice.refresh(next)).status).toBe(200)
  for (const { auth } of [forward, back]) await auth.close()
  await alice.end()
})

test('a replica whose secrets do not open the keyring answers 503, and the session goes on elsewhere', async () => {
  const { run, ...alice } = await deploy()
  const early = run(NEWER)
  const { refresh_token } = alice.tokens
  expect(said(await early.refresh(refresh_token))).toEqual([503, 'store_failed'])
  expect((await early.call('POST', '/auth/logout', { body: { refresh_token } })).status).toBe(503)
  expect((await alice.refresh(refresh_token)).status).toBe(200)
  await early.auth.close()
  await alice.end()
})

test('in the mode single a session outlives the secret that it began under', async () => {
  const store = await memory()
  const single = { refresh: 'single', accessLifetime: '1h' } as const
  const alice = await world(store, single)
  const both = replica(store.stores, store.clock, { ...single, secret: [NEWER, SECRET] })
  await both.auth.ready()
  store.clock.now += KNOWN_SECONDS
  await both.auth.keys.rotate()
  const after = replica(store.stores, store.clock, { ...single, secret: NEWER })
  expect((await after.refresh(alice.tokens.access_token)).status).toBe(200)
  for (const { auth } of [both, after]) await auth.close()
  await alice.end()
})

test('a forged token is refused wherever the secret is known', async () => {
  const { run, ...alice } = await deploy()
  const both = run([NEWER, SECRET])
  const [sid, generation] = alice.tokens.refresh_token.split('.')
  const forged = `${sid}.${generation}.${'A'.repeat(43)}`
  for (const { refresh } of [alice, both]) expect(said(await refresh(forged))).toEqual([401, 'refresh_invalid'])
  await both.auth.close()
  await alice.end()
})
