/** What an API token may do at the endpoints: it is its user's at the API, and no sign-in. */
import { expect, test } from 'vitest'
import { apiKit } from './kit.js'

async function ready(permissions: readonly string[] | null = null) {
  const kit = await apiKit()
  await kit.auth.users.grant(kit.user.id, ['sessions:*'])
  const session = await kit.auth.tokens.issue(kit.user)
  const { token } = await kit.auth.apiTokens.create(kit.user.id, { name: 'x', permissions })
  const send = (method: string, path: string, body?: unknown) => kit.call(method, path, { token, body })
  const call = async (...request: Parameters<typeof send>) => {
    const answer = await send(...request)
    return [answer.status, answer.body?.code]
  }
  return { ...kit, session, token, send, call }
}

test('it tells who it stands for', async () => {
  const { send } = await ready()
  const answer = await send('GET', '/auth/me')
  expect([answer.status, answer.body.username]).toEqual([200, 'alice'])
})

test.each([
  ['GET', '/auth/sessions', undefined, 403, 'permission_denied'],
  ['DELETE', '/auth/sessions', undefined, 403, 'permission_denied'],
  ['DELETE', '/auth/sessions/ID', undefined, 403, 'permission_denied'],
  ['POST', '/auth/logout/everywhere', undefined, 403, 'permission_denied'],
  ['POST', '/auth/logout', undefined, 204, undefined],
  ['POST', '/auth/verify', { token: 'TOKEN' }, 401, 'token_invalid'],
  ['POST', '/auth/refresh', { refresh_token: 'TOKEN' }, 401, 'refresh_invalid'],
])('%s %s ends no session and shows none', async (method, path, body, status, code) => {
  const { auth, user, session, token, call } = await ready()
  const given = body && JSON.parse(JSON.stringify(body).replace('TOKEN', token))
  expect(await call(method, path.replace('ID', session.sessionId), given)).toEqual([status, code])
  expect(await auth.sessions.list(user.id)).toHaveLength(1)
  expect((await auth.tokens.verify(session.access)).sessionId).toBe(session.sessionId)
})

test('it changes no password', async () => {
  const { auth, user, call } = await ready()
  await auth.users.setPassword(user.id, 'correct horse battery')
  const body = { current_password: 'correct horse battery', new_password: 'another horse battery' }
  expect(await call('POST', '/auth/password', body)).toEqual([404, 'not_found'])
})

test('over anybody’s sessions it may what both the token and its user may', async () => {
  const path = (user: { id: string }) => `/auth/users/${user.id}/sessions`
  const all = await ready()
  const limited = await ready(['sessions:list'])
  const without = await ready(['posts:*'])
  expect(await all.call('GET', path(all.user))).toEqual([200, undefined])
  expect(await limited.call('GET', path(limited.user))).toEqual([200, undefined])
  expect(await limited.call('DELETE', path(limited.user))).toEqual([403, 'permission_denied'])
  expect(await without.call('GET', path(without.user))).toEqual([403, 'permission_denied'])
})
