/** Remember me, the end of all others, and anybody's sessions for those who may. */
import { describe, expect, test } from 'vitest'
import { PASSWORD, signedIn } from '../auth-kit.js'
import { cluster } from '../revocation/cut-kit.js'

describe('remember me', () => {
  const enter = async (options: Parameters<typeof signedIn>[0], remember?: unknown) => {
    const kit = await signedIn(options)
    const body = { username: 'alice', password: PASSWORD, ...(remember !== undefined && { remember }) }
    return { ...kit, answer: await kit.call('POST', '/auth/login', { body }) }
  }

  test.each([
    ['is the usual', {}, undefined, 14 * 86_400],
    ['may be said', {}, true, 14 * 86_400],
    ['refused, a session lasts 12 hours', {}, false, 43_200],
    ['refused, it lasts as long as the option says', { briefLifetime: '30m' }, false, 1_800],
    ['refused, it never lasts longer than any other', { refreshLifetime: '1h' }, false, 3_600],
  ])('%s', async (_name, options, remember, lifetime) => {
    const { answer } = await enter(options, remember)
    expect([answer.status, answer.body.refresh_expires_in]).toEqual([200, lifetime])
  })

  test('a brief session ends at its limit however often it is refreshed', async () => {
    const { answer, call, clock } = await enter({ briefLifetime: '1h' }, false)
    const refresh = (refresh_token: string) => call('POST', '/auth/refresh', { body: { refresh_token } })
    clock.now += 3_590
    const next = await refresh(answer.body.refresh_token)
    expect([next.body.expires_in, next.body.refresh_expires_in]).toEqual([10, 10])
    clock.now += 10
    expect((await refresh(next.body.refresh_token)).body.code).toBe('refresh_expired')
  })

  test.each([['false'], [0], [null], [[]]])('is refused as %j: it is true or false', async (remember) => {
    const { answer } = await enter({}, remember)
    expect(answer.status).toBe(422)
    expect(answer.body.problems).toMatchObject([{ path: 'remember' }])
  })

  test('stands in the description', async () => {
    const { call } = await signedIn()
    const { paths } = (await call('GET', '/auth/openapi.json')).body
    const { properties, required } = paths['/auth/login'].post.requestBody.content['application/json'].schema
    expect([properties.remember, required]).toEqual([{ type: 'boolean' }, ['username', 'password']])
  })
})

test('a user ends all other sessions and stays signed in with the token at hand', async () => {
  const { first, user, login } = await cluster()
  const bob = await first.auth.users.create({ username: 'bob' })
  const [mine, old, older, his] = [await login(), await login(), await login(), await login(bob)]
  expect((await first.call('DELETE', '/auth/sessions', { token: mine.access_token })).status).toBe(204)
  const verdicts = [mine, old, older, his].map(({ access_token }) => first.verify(access_token))
  expect(await Promise.all(verdicts)).toEqual(['good', 'token_revoked', 'token_revoked', 'good'])
  expect(await first.auth.sessions.list(user.id)).toHaveLength(1)
  // Once more changes nothing.
  expect((await first.call('DELETE', '/auth/sessions', { token: mine.access_token })).status).toBe(204)
})

describe('the sessions of anybody', () => {
  async function support(permissions: readonly string[]) {
    const { first, user, login } = await cluster()
    const helper = await first.auth.users.create({ username: 'helper', permissions })
    const [hers, also] = [await login(), await login()]
    const { access_token: token } = await login(helper)
    const ask = (method: string, path = '') => first.call(method, `/auth/users/${user.id}/sessions${path}`, { token })
    return { ...first, user, ask, hers, also, token }
  }

  test('are listed and ended by callers with the permission', async () => {
    const { ask, hers, also, verify, token } = await support(['sessions:*'])
    const { sessions } = (await ask('GET')).body
    expect(sessions).toHaveLength(2)
    expect(sessions.map(({ current }: { current: boolean }) => current)).toEqual([false, false])
    expect((await ask('DELETE', `/${sessions[0].id}`)).status).toBe(204)
    expect((await ask('GET')).body.sessions).toHaveLength(1)
    expect((await ask('DELETE', `/${sessions[0].id}`)).status).toBe(404)
    expect((await ask('DELETE')).status).toBe(204)
    for (const { access_token } of [hers, also]) expect(await verify(access_token)).toBe('token_revoked')
    expect(await verify(token)).toBe('good')
  })

  test.each([
    [[], ['GET', 'DELETE', 'DELETE /x']],
    [['sessions:list'], ['DELETE', 'DELETE /x']],
    [['sessions:end'], ['GET']],
  ])('are nobody else’s business: %j', async (permissions, refused) => {
    const { ask, hers, verify } = await support(permissions)
    for (const one of refused) {
      const [method = '', path = ''] = one.split(' ')
      const { status, body } = await ask(method, path)
      expect([status, body.code]).toEqual([403, 'permission_denied'])
    }
    expect(await verify(hers.access_token)).toBe('good')
  })

  test('need a token', async () => {
    const { call, user } = await support([])
    expect((await call('GET', `/auth/users/${user.id}/sessions`)).body.code).toBe('credential_missing')
  })
})
