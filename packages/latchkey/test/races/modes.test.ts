/** Refresh tokens that stay (`fixed`), and access tokens that renew themselves (`single`). */
import { describe, expect, test } from 'vitest'
import { makers, replica, said, world } from './kit.js'

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test('fixed: the refresh token stays the same, from the first use to the last', async () => {
    const alice = await world(await make(), { refresh: 'fixed', refreshLifetime: '1d', idleLifetime: '1h' })
    const { refresh_token } = alice.tokens
    const end = alice.clock.now + 86_400
    while (alice.clock.now + 3_000 < end) {
      alice.clock.now += 3_000
      const answers = await Promise.all([alice.refresh(refresh_token), alice.refresh(refresh_token)])
      for (const { status, body } of answers) expect([status, body.refresh_token]).toEqual([200, refresh_token])
    }
    alice.clock.now = end
    expect(said(await alice.refresh(refresh_token))).toEqual([401, 'refresh_expired'])
    await alice.end()
  })

  test('fixed: idle sessions end, and so do those that somebody ends', async () => {
    const alice = await world(await make(), { refresh: 'fixed', idleLifetime: '1h' })
    const other = await alice.login()
    await alice.call('POST', '/auth/logout', { token: alice.tokens.access_token })
    expect(said(await alice.refresh(alice.tokens.refresh_token))).toEqual([401, 'session_revoked'])
    expect((await alice.refresh(other.refresh_token)).status).toBe(200)
    alice.clock.now += 3_600
    expect(said(await alice.refresh(other.refresh_token))).toEqual([401, 'refresh_expired'])
    await alice.end()
  })

  test('fixed: a process that went back from rotating takes the token of the moment', async () => {
    const store = await make()
    const alice = await world(store)
    const { body } = await alice.refresh(alice.tokens.refresh_token)
    const fixed = replica(store.stores, store.clock, { refresh: 'fixed' })
    const kept = await fixed.refresh(body.refresh_token)
    expect(kept.body.refresh_token).toBe(body.refresh_token)
    await fixed.auth.close()
    await alice.end()
  })

  test('single: there is no refresh token; the access token renews itself until the session ends', async () => {
    const alice = await world(await make(), {
      refresh: 'single',
      refreshLifetime: '1d',
      idleLifetime: '12h',
      accessLifetime: '1h',
    })
    expect(alice.tokens.refresh_token).toBeUndefined()
    const end = alice.clock.now + 86_400
    let token: string = alice.tokens.access_token
    while (alice.clock.now + 3_000 < end) {
      alice.clock.now += 3_000
      const { status, body } = await alice.refresh(token)
      expect([status, body.refresh_token]).toEqual([200, undefined])
      token = body.access_token
    }
    // No token outlives the session.
    alice.clock.now = end - 1
    expect((await alice.me(token)).status).toBe(200)
    expect((await alice.refresh(token)).body.expires_in).toBe(1)
    alice.clock.now = end
    expect(said(await alice.refresh(token))).toEqual([401, 'token_expired'])
    await alice.end()
  })

  test('single: an expired token and one of an ended session renew nothing', async () => {
    const alice = await world(await make(), { refresh: 'single' })
    const other = await alice.login()
    await alice.call('POST', '/auth/logout', { token: alice.tokens.access_token })
    expect(said(await alice.refresh(alice.tokens.access_token))).toEqual([401, 'token_revoked'])
    const renewed = await alice.refresh(other.access_token)
    await alice.auth.revoke({ user: alice.user.id })
    for (const { access_token } of [other, renewed.body])
      expect(said(await alice.refresh(access_token))).toEqual([401, 'token_revoked'])
    const third = await alice.login()
    alice.clock.now += 300
    expect(said(await alice.refresh(third.access_token))).toEqual([401, 'token_expired'])
    await alice.end()
  })
})

test('a mode that does not exist is refused at the start', async () => {
  await expect(world(undefined, { refresh: 'sliding' as 'single' })).rejects.toMatchObject({ code: 'options_invalid' })
})
