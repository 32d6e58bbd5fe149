/** What the simplejwt preset promises of its blacklist, its sliding tokens, its stateless users and its hooks. */
import { expect, test } from 'vitest'
import { AuthError, permission } from '../../src/index.js'
import { headOf } from '../../src/transport/head.js'
import { ALONE, application, BOTH, CREDENTIALS, claimsOf, conversation, foreign, RECORDED_AT } from './simplejwt-kit.js'

const blacklisted = { status: 401, body: { detail: 'Token is blacklisted', code: 'token_not_valid' } }

test('a blacklisted refresh token takes its session along: refresh, access and what it was rotated to', async () => {
  const { obtain, blacklist, refresh, view } = await conversation({ ROTATE_REFRESH_TOKENS: true })
  const first = await obtain()
  const next = (await refresh(first.refresh)).body
  expect(await blacklist(first.refresh)).toMatchObject({ status: 200, body: {} })
  expect(await blacklist(first.refresh)).toMatchObject(blacklisted)
  expect(await refresh(next.refresh)).toMatchObject(blacklisted)
  for (const { access } of [first, next]) expect((await view(access)).status).toBe(401)
})

test('many logouts at once are one, and other sessions of the user go on', async () => {
  const { obtain, blacklist, view } = await conversation()
  const [one, other] = [await obtain(), await obtain()]
  const answers = await Promise.all(Array.from({ length: 8 }, () => blacklist(one.refresh)))
  expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  expect([(await view(one.access)).status, (await view(other.access)).status]).toEqual([401, 200])
})

test('whoever is shut out has no session left to log out of', async () => {
  const { auth, obtain, blacklist } = await conversation()
  const { refresh } = await obtain()
  await auth.users.disable('1')
  expect(await blacklist(refresh)).toMatchObject(blacklisted)
})

test.each([
  [false, [200, 401]],
  [true, [400, 400]],
])('with BLACKLIST_AFTER_ROTATION %s verify says of a session that ended: %s', async (looks, statuses) => {
  const { obtain, blacklist, verify } = await conversation({ BLACKLIST_AFTER_ROTATION: looks })
  const { refresh, access } = await obtain()
  await blacklist(refresh)
  const answers = [await verify(refresh), await verify(access)]
  expect(answers.map(({ status }) => status)).toEqual(statuses)
  if (looks) expect(answers[0]?.body).toEqual({ non_field_errors: ['Token is blacklisted'] })
})

test('a sliding token renews itself under one id until its end, and its claims stand as they did', async () => {
  const { slide, slideOn, clock, view } = await conversation(ALONE)
  const first = await slide()
  const order = ['token_type', 'exp', 'iat', 'jti', 'refresh_exp', 'user_id', 'sid']
  expect(Object.keys(claimsOf(first))).toEqual(order)
  let token = first
  for (let day = 1; day * 290 < 86_400; day++) {
    clock.now = RECORDED_AT + day * 290
    token = (await slideOn(token)).body.token
  }
  const [begun, now] = [claimsOf(first), claimsOf(token)]
  expect([now.jti, now.refresh_exp]).toEqual([begun.jti, RECORDED_AT + 86_400])
  expect(now.exp).toBe(RECORDED_AT + 86_400)
  expect((await view(token)).status).toBe(200)
  clock.now = RECORDED_AT + 86_400
  expect((await slideOn(token)).status).toBe(401)
})

test('a sliding token whose session ended is dead, also after expired rows were deleted', async () => {
  const { auth, slide, slideOn, clock, view } = await conversation(ALONE)
  const first = await slide()
  clock.now += 200
  const token = (await slideOn(first)).body.token
  const [session = { id: '' }] = await auth.sessions.list('1')
  await auth.revoke({ session: session.id })
  clock.now += 200
  await auth.prune()
  expect(await view(token)).toMatchObject({ status: 401, body: { messages: [{ message: 'Token is blacklisted' }] } })
  expect(await slideOn(token)).toMatchObject(blacklisted)
})

test('tokens of one kind do not do the work of another', async () => {
  const { obtain, slide, slideOn, refresh, blacklist, view } = await conversation(BOTH)
  const [pair, token] = [await obtain(), await slide()]
  const wrong = { status: 401, body: { detail: 'Token has wrong type' } }
  expect(await slideOn(pair.access)).toMatchObject(wrong)
  expect(await slideOn(pair.refresh)).toMatchObject(wrong)
  expect(await refresh(token)).toMatchObject(wrong)
  expect(await blacklist(token)).toMatchObject(wrong)
  expect([(await view(token)).status, (await view(pair.access)).status]).toEqual([200, 200])
  expect((await view(pair.refresh)).body.messages).toHaveLength(2)
})

test('where only sliding tokens open views, access tokens do not, and there is no pair', async () => {
  const { view, send } = await conversation(ALONE)
  expect(await view(foreign({ token_type: 'access' }))).toMatchObject({
    body: { messages: [{ token_class: 'SlidingToken', token_type: 'sliding', message: 'Token has wrong type' }] },
  })
  expect((await view(foreign({ token_type: 'sliding', refresh_exp: RECORDED_AT + 900 }))).status).toBe(200)
  expect((await send(new Request('http://localhost/api/token/blacklist/', { method: 'POST' }))).status).toBe(404)
})

test('stateless users are made of the claims: nobody is loaded, and an end of their sessions still counts', async () => {
  const { auth, view, obtain } = await application({
    authentication: 'JWTStatelessUserAuthentication',
    TOKEN_OBTAIN_SERIALIZER: { get_token: ({ username }) => ({ username, permissions: ['posts:*'] }) },
  }).then(async (app) => ({ ...app, obtain: async () => (await app.post('/api/token/', CREDENTIALS)).body }))
  const contextOf = async (token: string) =>
    (
      await auth.authenticate(
        headOf(new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } })),
      )
    ).context
  const { access } = await obtain()
  const context = await contextOf(access)
  expect(await context?.user()).toMatchObject({ id: 1, pk: 1, username: 'alice', is_staff: false, is_superuser: false })
  await permission('posts:write')(context)
  expect(await context?.can('users:write')).toBe(false)
  expect(await view(foreign({ token_type: 'access', user_id: 99, username: 'elsewhere' }))).toMatchObject({
    status: 200,
    body: { username: 'elsewhere' },
  })
  await auth.users.remove('1')
  expect((await view(access)).status).toBe(401)
})

test('TOKEN_USER_CLASS makes them of what it likes', async () => {
  const { view } = await application({
    authentication: 'JWTTokenUserAuthentication',
    TOKEN_USER_CLASS: ({ user_id: id }) => ({ id, username: `user ${id}` }),
  })
  expect((await view(foreign({ token_type: 'access', user_id: 7 }))).body).toEqual({ id: 7, username: 'user 7' })
})

test('the rule says who may come in, at the login, at views and at a refresh', async () => {
  let allowed = true
  const rule = { USER_AUTHENTICATION_RULE: ({ username }: { username: string }) => username === 'alice' && allowed }
  const { post, obtain, view, refresh } = await conversation(rule)
  const tokens = await obtain()
  expect((await post('/api/token/', { username: 'bob', password: 'password' })).status).toBe(401)
  allowed = false
  expect((await view(tokens.access)).body.code).toBe('user_inactive')
  expect((await refresh(tokens.refresh)).body.detail).toBe('No active account found for the given token.')
})

test('CHECK_USER_IS_ACTIVE false lets in whom Django would then let in', async () => {
  const { post, view } = await application({ CHECK_USER_IS_ACTIVE: false })
  const { status, body } = await post('/api/token/', { username: 'inactive', password: 'password' })
  expect([status, (await view(body.access)).status]).toEqual([200, 200])
})

test('a login that a serializer refuses after all leaves no session', async () => {
  const refuse = () => {
    throw new AuthError('login_failed')
  }
  const { auth, post } = await conversation({ TOKEN_OBTAIN_SERIALIZER: { validate: refuse } })
  expect((await post('/api/token/', CREDENTIALS)).status).toBe(401)
  expect(await auth.sessions.list('1')).toEqual([])
})

test('serializers add to tokens and to answers, and hear of logins', async () => {
  const heard: unknown[] = []
  const { post, obtain, refresh } = await conversation({
    ...BOTH,
    username_field: 'email',
    UPDATE_LAST_LOGIN: true,
    ON_LOGIN_SUCCESS: ({ username }) => void heard.push(username),
    ON_LOGIN_FAILED: (credentials) => void heard.push(credentials),
    TOKEN_OBTAIN_SERIALIZER: {
      get_token: ({ username }) => ({ name: username, token_type: 'refresh' }),
      validate: (data, { user }) => ({ ...data, user: user?.username }),
    },
    TOKEN_REFRESH_SERIALIZER: { validate: (data, { user }) => ({ ...data, id: user?.id }) },
    TOKEN_VERIFY_SERIALIZER: { validate: () => ({ ok: true }) },
  })
  expect((await obtain()).email).toEqual(['This field is required.'])
  const { body } = await post('/api/token/', { email: 'alice', password: 'password' })
  expect(Object.keys(body)).toEqual(['refresh', 'access', 'user'])
  expect(claimsOf(body.access)).toMatchObject({ name: 'alice', token_type: 'access' })
  expect(claimsOf(body.refresh)).toMatchObject({ name: 'alice', token_type: 'refresh' })
  expect((await refresh(body.refresh)).body).toMatchObject({ id: '1' })
  expect((await post('/api/token/verify/', { token: body.access })).body).toEqual({ ok: true })
  await post('/api/token/', { email: 'alice', password: 'wrong' })
  expect(heard).toEqual(['alice', { email: 'alice', password: '********************' }])
})
