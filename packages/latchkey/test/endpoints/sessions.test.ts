/** The life of a session through the endpoints: login, refresh, reuse, logout, password change, list and end. */
import { expect, test } from 'vitest'
import { PASSWORD, signedIn } from '../auth-kit.js'

test('a login answers a pair, and the access token tells who is calling', async () => {
  const { call, tokens, user } = await signedIn()
  expect(tokens).toMatchObject({
    token_type: 'Bearer',
    expires_in: 300,
    user: { id: user.id, username: 'alice', email: 'alice@example.com' },
  })
  const me = await call('GET', '/auth/me', { token: tokens.access_token })
  expect(me.status).toBe(200)
  expect(me.body).toEqual({ id: user.id, username: 'alice', email: 'alice@example.com', permissions: ['posts:*'] })
})

test('a refresh token used again after the grace period ends its session and the access token with it', async () => {
  const { call, clock, tokens } = await signedIn()
  const refresh = (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } })
  const next = await refresh(tokens.refresh_token)
  expect(next.status).toBe(200)
  const again = await refresh(tokens.refresh_token)
  expect(again.body.refresh_token).toBe(next.body.refresh_token)
  clock.now += 11
  const reused = await refresh(tokens.refresh_token)
  expect([reused.status, reused.body.code]).toEqual([401, 'refresh_reused'])
  const me = await call('GET', '/auth/me', { token: next.body.access_token })
  expect([me.status, me.body.code]).toEqual([401, 'token_revoked'])
  const leaf = await refresh(next.body.refresh_token)
  expect([leaf.status, leaf.body.code]).toEqual([401, 'session_revoked'])
})

test('logout ends this session at once and no other', async () => {
  const { call, tokens, login } = await signedIn()
  const other = await login()
  expect((await call('POST', '/auth/logout', { token: tokens.access_token })).status).toBe(204)
  expect((await call('GET', '/auth/me', { token: tokens.access_token })).body.code).toBe('token_revoked')
  expect((await call('GET', '/auth/me', { token: other.access_token })).status).toBe(200)
  expect((await call('POST', '/auth/logout/everywhere', { token: other.access_token })).status).toBe(204)
  expect((await call('GET', '/auth/me', { token: other.access_token })).body.code).toBe('token_revoked')
  expect((await call('GET', '/auth/me', { token: (await login()).access_token })).status).toBe(200)
})

test('a password change ends the other sessions and hands out fresh tokens for this one', async () => {
  const { call, tokens, login } = await signedIn()
  const other = await login()
  const body = { current_password: PASSWORD, new_password: 'another good password' }
  const changed = await call('POST', '/auth/password', { token: tokens.access_token, body })
  expect(changed.status).toBe(200)
  expect((await call('GET', '/auth/me', { token: changed.body.access_token })).status).toBe(200)
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: changed.body.refresh_token } })).status).toBe(
    200,
  )
  expect((await call('GET', '/auth/me', { token: tokens.access_token })).body.code).toBe('token_revoked')
  expect((await call('GET', '/auth/me', { token: other.access_token })).body.code).toBe('token_revoked')
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: other.refresh_token } })).body.code).toBe(
    'session_revoked',
  )
  expect((await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })).body.code).toBe(
    'login_failed',
  )
})

test('a user lists their own sessions and ends one of them', async () => {
  const { call, tokens, login } = await signedIn()
  const other = await login()
  const { body } = await call('GET', '/auth/sessions', { token: tokens.access_token })
  expect(body.sessions).toHaveLength(2)
  const target = body.sessions.find((session: { current: boolean }) => !session.current)
  expect((await call('DELETE', `/auth/sessions/${target.id}`, { token: tokens.access_token })).status).toBe(204)
  expect((await call('GET', '/auth/me', { token: other.access_token })).body.code).toBe('token_revoked')
  expect((await call('DELETE', `/auth/sessions/${target.id}`, { token: tokens.access_token })).status).toBe(404)
})

test('the session beyond the limit ends the oldest, and its access token is dead at once (case 156)', async () => {
  const { call, clock, tokens, login } = await signedIn({ sessionLimit: 2 })
  clock.now += 1
  await login()
  expect((await call('GET', '/auth/me', { token: tokens.access_token })).status).toBe(200)
  clock.now += 1
  await login()
  expect((await call('GET', '/auth/me', { token: tokens.access_token })).body.code).toBe('token_revoked')
})

test('a session ends at its absolute limit however often it is refreshed (case 150)', async () => {
  const { call, clock, tokens } = await signedIn({ refreshLifetime: '1h' })
  const refresh = (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } })
  clock.now += 1_800
  const next = await refresh(tokens.refresh_token)
  expect(next.body.refresh_expires_in).toBe(1_800)
  clock.now += 1_795
  const last = await refresh(next.body.refresh_token)
  expect(last.body.expires_in).toBe(5)
  clock.now += 5
  expect((await refresh(last.body.refresh_token)).body.code).toBe('refresh_expired')
  expect((await call('GET', '/auth/me', { token: last.body.access_token })).body.code).toBe('token_expired')
})

test('granting or taking a permission makes older tokens stale, and a refresh mends it without a login', async () => {
  const { auth, call, tokens, user } = await signedIn()
  await auth.users.grant(user.id, ['reports:read'])
  expect((await call('GET', '/auth/me', { token: tokens.access_token })).body.code).toBe('token_stale')
  const next = await call('POST', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } })
  expect((await call('GET', '/auth/me', { token: next.body.access_token })).body.permissions).toEqual([
    'posts:*',
    'reports:read',
  ])
})

test('a disabled user is out everywhere at once, and stays out', async () => {
  const { auth, call, tokens, user } = await signedIn()
  await auth.users.disable(user.id)
  expect((await call('GET', '/auth/me', { token: tokens.access_token })).body.code).toBe('token_revoked')
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } })).status).toBe(401)
  expect((await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })).body.code).toBe(
    'login_failed',
  )
  await auth.users.enable(user.id)
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } })).body.code).toBe(
    'session_revoked',
  )
})

test('a refresh token that is none answers one constant refusal, whatever it looks like (case 153)', async () => {
  const { call, tokens } = await signedIn()
  const [sid, , mac] = tokens.refresh_token.split('.')
  const answers = await Promise.all(
    [
      'x',
      `${sid}.0`,
      `${sid}.0.${mac.slice(0, -1)}`,
      `${sid}.00.${mac}`,
      `${sid}.-1.${mac}`,
      `${sid}.1.${mac}`,
      `${sid}.999999999999.${mac}`,
      tokens.access_token,
    ].map((refresh_token) => call('POST', '/auth/refresh', { body: { refresh_token } })),
  )
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(answers[0]?.body.code).toBe('refresh_invalid')
})
