/** Where sessions end by themselves, and that a login always starts a new one (cases 150, 154-156). */
import { describe, expect, test } from 'vitest'
import { PASSWORD } from '../auth-kit.js'
import { makers, partsOf, rotated, said, world } from './kit.js'

const HOUR = 3_600
const DAY = 24 * HOUR

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test('a session that is refreshed every hour ends at its absolute limit, and its access tokens no later (case 150)', async () => {
    const alice = await world(await make(), { refreshLifetime: '1d', accessLifetime: '1h' })
    const start = alice.clock.now
    let token: string = alice.tokens.refresh_token
    for (let hour = 1; hour < 24; hour++) {
      alice.clock.now = start + hour * HOUR - 1
      token = await rotated(alice, token)
    }
    alice.clock.now = start + DAY - 1
    const last = await alice.refresh(token)
    expect(last.body).toMatchObject({ expires_in: 1, refresh_expires_in: 1 })
    alice.clock.now = start + DAY
    expect(said(await alice.refresh(last.body.refresh_token))).toEqual([401, 'refresh_expired'])
    expect(said(await alice.me(last.body.access_token))).toEqual([401, 'token_expired'])
    await alice.end()
  })

  test('a session that nobody uses ends at its idle limit, and lives a second before it', async () => {
    const alice = await world(await make(), { refreshLifetime: '1d', idleLifetime: '1h' })
    alice.clock.now += HOUR - 1
    const next = await rotated(alice, alice.tokens.refresh_token)
    alice.clock.now += HOUR
    expect(said(await alice.refresh(next))).toEqual([401, 'refresh_expired'])
    await alice.end()
  })

  test('the session beyond the limit ends the oldest, and no other (case 156)', async () => {
    const alice = await world(await make(), { sessionLimit: 3 })
    const tokens: string[] = [alice.tokens.refresh_token]
    for (let number = 0; number < 3; number++) {
      alice.clock.now += 1
      tokens.push((await alice.auth.tokens.issue(alice.user)).refresh as string)
    }
    const statuses = []
    for (const token of tokens) statuses.push((await alice.refresh(token)).status)
    expect(statuses).toEqual([401, 200, 200, 200])
    expect((await alice.stores.sessions.find(partsOf(tokens[0] as string)[0]))?.session.endedBy).toBe('limit')
    expect(said(await alice.me(alice.tokens.access_token))).toEqual([401, 'token_revoked'])
    await alice.end()
  })

  test('a hundred sessions is where the limit stands by itself', async () => {
    const alice = await world(await make())
    alice.clock.now += 1
    for (let number = 1; number < 100; number++) await alice.auth.tokens.issue(alice.user)
    const first = await rotated(alice, alice.tokens.refresh_token)
    await alice.auth.tokens.issue(alice.user)
    expect(said(await alice.refresh(first))).toEqual([401, 'session_revoked'])
    expect(await alice.stores.sessions.list(alice.user.id)).toHaveLength(100)
    await alice.end()
  })
})

test('a login makes ids of its own, whatever session, token or cookie was planted (case 154)', async () => {
  const alice = await world()
  const [planted] = partsOf(alice.tokens.refresh_token)
  const body = { username: 'alice', password: PASSWORD }
  const cookie = `sid=${planted}; refresh_token=${alice.tokens.refresh_token}; __Secure-refresh=${alice.tokens.refresh_token}`
  const login = await alice.call('POST', '/auth/login', { body, headers: { cookie }, token: alice.tokens.access_token })
  expect(login.status).toBe(200)
  const [fresh] = partsOf(login.body.refresh_token)
  expect(fresh).not.toBe(planted)
  for (const name of ['sid', 'session_id', 'refresh_token'])
    expect((await alice.call('POST', '/auth/login', { body: { ...body, [name]: planted } })).status).toBe(422)
  // A planted session that ends takes nothing of the new one with it.
  await alice.auth.revoke({ session: planted })
  expect((await alice.refresh(login.body.refresh_token)).status).toBe(200)
  await alice.end()
})
