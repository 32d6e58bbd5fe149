/** The preset of django-graphql-jwt where it must not be as it was: faults of the original by their number, and what only its settings show. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { graphqlJwt } from '../../src/presets/index.js'
import { application, client, type Json, KEY } from './graphql-jwt-kit.js'

const TOKENS = 'token payload refreshExpiresIn'
const LOGIN = `mutation ($username: String!, $password: String!) { tokenAuth(username: $username, password: $password) { ${TOKENS} } }`
const LONG_LOGIN = LOGIN.replace(TOKENS, `${TOKENS} refreshToken`)
const REFRESH = `mutation ($t: String) { refreshToken(token: $t) { ${TOKENS} } }`
const LONG_REFRESH = `mutation ($t: String) { refreshToken(refreshToken: $t) { ${TOKENS} refreshToken } }`
const REVOKE = 'mutation ($t: String) { revokeToken(refreshToken: $t) { revoked } }'
const VERIFY = 'mutation ($t: String) { verifyToken(token: $t) { payload } }'
const VIEWER = '{ viewer { username } }'
const FORBIDDEN = 'You do not have permission to perform this action'
const alice = { username: 'alice', password: 'password' }
const bob = { username: 'bob', password: 'password' }
const LONG = { JWT_LONG_RUNNING_REFRESH_TOKEN: true }

const jwt = (token: string) => ({ headers: { authorization: `JWT ${token}` } })

function signed(claims: object, key = KEY, header: object = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256'): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return `${parts.join('.')}.${createHmac(hash, key).update(parts.join('.')).digest('base64url')}`
}

async function started(...given: Parameters<typeof application>) {
  const app = await application(...given)
  const ask = client(app)
  return { ...app, ask, login, said }

  async function login(variables: object = alice): Promise<Json> {
    const { longRunning } = {
      longRunning: given[0]?.JWT_LONG_RUNNING_REFRESH_TOKEN && !given[0]?.JWT_HIDE_TOKEN_FIELDS,
    }
    return (await ask(longRunning ? LONG_LOGIN : LOGIN, { variables })).data.tokenAuth
  }

  async function said(query: string, t?: unknown): Promise<string[]> {
    const { status, messages, errors } = await ask(query, { variables: { t } })
    expect(status).toBe(200)
    // Fault 43 is one of form: messages are all there is.
    for (const error of errors ?? []) expect(Object.keys(error).toSorted()).toEqual(['locations', 'message', 'path'])
    return messages
  }
}

test('an expired token is good for nothing: not to look, not to verify, not to refresh (fault 38)', async () => {
  const { ask, login, said, clock } = await started()
  const { token } = await login()
  clock.now += 299
  expect((await ask(VIEWER, jwt(token))).data).toEqual({ viewer: { username: 'alice' } })
  clock.now += 1
  expect((await ask(VIEWER, jwt(token))).messages).toEqual(['Signature has expired'])
  expect(await said(VERIFY, token)).toEqual(['Signature has expired'])
  expect(await said(REFRESH, token)).toEqual(['Signature has expired'])
  for (const name of ['JWT_VERIFY', 'JWT_VERIFY_EXPIRATION']) {
    expect(() => graphqlJwt({ JWT_SECRET_KEY: KEY, [name]: false as never })).toThrow(
      expect.objectContaining({ code: 'options_invalid', hint: `${name} must be true: the check stays on` }),
    )
  }
  expect(() => graphqlJwt({ JWT_SECRET_KEY: KEY, JWT_VERIFY_EXPIRATION: true })).not.toThrow()
})

test('a token is traded for the next one until seven days after its login, and no longer', async () => {
  const { ask, login, said, clock } = await started({ JWT_EXPIRATION_DELTA: '2d' })
  const first = await login()
  expect(first.payload).toEqual({ username: 'alice', exp: clock.now + 2 * 86_400, origIat: clock.now })
  let { token } = first
  for (let day = 0; day < 6; day += 1) {
    clock.now += 86_400
    const { data } = await ask(REFRESH, { variables: { t: token } })
    expect(data.refreshToken).toMatchObject({
      payload: { origIat: first.payload.origIat },
      refreshExpiresIn: first.refreshExpiresIn,
    })
    token = data.refreshToken.token
  }
  clock.now += 86_400
  expect(await said(REFRESH, token)).toEqual(['Signature has expired'])
})

test('a token may live longer than it may be traded', async () => {
  const { ask, login, said, clock } = await started({ JWT_EXPIRATION_DELTA: '30d' })
  const { token, refreshExpiresIn } = await login()
  expect(refreshExpiresIn).toBe(clock.now + 7 * 86_400)
  clock.now += 8 * 86_400
  expect(await said(REFRESH, token)).toEqual(['Refresh has expired'])
  clock.now += 20 * 86_400
  expect((await ask(VIEWER, jwt(token))).data).toEqual({ viewer: { username: 'alice' } })
})

test('permissions that changed are in the next token, which the one before buys by either road', async () => {
  for (const settings of [{}, LONG]) {
    const { auth, ask, login } = await started(settings)
    const { token, refreshToken = token } = await login()
    await auth.users.grant('1', ['auth.add_user'])
    expect((await ask('{ perm }', jwt(token))).messages).toEqual(['Signature has expired'])
    const { data } = await ask(settings === LONG ? LONG_REFRESH : REFRESH, { variables: { t: refreshToken } })
    expect((await ask('{ perm }', jwt(data.refreshToken.token))).data).toEqual({ perm: 'ok' })
  }
})

test.each([true, false])(
  'ten refreshes at once leave one refresh token alive, and an old one ends its session (fault 39, reuse: %s)',
  async (reuse) => {
    const { ask, login, said, clock } = await started({ ...LONG, JWT_REUSE_REFRESH_TOKENS: reuse })
    const { refreshToken: first } = await login()
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(LONG_REFRESH, { variables: { t: first } })))
    const alive = new Set(answers.map(({ data }) => data.refreshToken.refreshToken))
    expect(alive.size).toBe(1)
    const [next = ''] = alive
    expect(next).not.toBe(first)
    clock.now += 60
    expect(await said(LONG_REFRESH, first)).toEqual(['Invalid refresh token'])
    expect(await said(LONG_REFRESH, next)).toEqual(['Invalid refresh token'])
    expect((await ask(VIEWER, jwt(answers[0]?.data.refreshToken.token))).messages).toEqual(['Signature has expired'])
  },
)

test('who is shut out refreshes no more, by either token, and is told so (fault 40)', async () => {
  for (const settings of [{}, LONG]) {
    const { auth, ask, login, said } = await started(settings)
    const { token, refreshToken = token } = await login()
    const query = settings === LONG ? LONG_REFRESH : REFRESH
    await auth.users.disable('1')
    expect(await said(query, refreshToken)).toEqual(['User is disabled'])
    expect((await ask(VIEWER, jwt(token))).messages).toEqual(['User is disabled'])
    expect((await ask(LOGIN, { variables: alice })).messages).toEqual(['Please enter valid credentials'])
    // Let in again, they begin again: what ended stays over.
    await auth.users.enable('1')
    expect(await said(query, refreshToken)).toEqual([
      settings === LONG ? 'Invalid refresh token' : 'Signature has expired',
    ])
  }
})

test('who is gone is a stranger, and refreshes nothing', async () => {
  for (const settings of [{}, LONG]) {
    const { auth, ask, login, said } = await started(settings)
    const { token, refreshToken = token } = await login()
    await auth.users.remove('1')
    expect((await ask('{ viewer { username } open { who } }', jwt(token))).data.viewer).toBeNull()
    const [message] = await said(settings === LONG ? LONG_REFRESH : REFRESH, refreshToken)
    expect(['Invalid refresh token', 'Signature has expired']).toContain(message)
    // Somebody else who gets the name gets nothing of the token.
    await auth.users.create({ id: '9', username: 'alice', password: 'another password' })
    expect((await ask(VIEWER, jwt(token))).data).toEqual({ viewer: null })
    const named = signed({ username: 'alice', exp: 1_800_003_700, origIat: 1_800_000_000, sid: 'x' })
    expect(await ask('{ viewer { id } }', jwt(named))).toMatchObject({ data: { viewer: { id: '9' } } })
  }
})

test('a refresh token that nobody asks to see replaced stays, and its end is told as it is (fault 42)', async () => {
  const { ask, login, clock } = await started(LONG)
  const { refreshToken, refreshExpiresIn } = await login()
  expect(refreshExpiresIn).toBe(clock.now + 7 * 86_400)
  clock.now += 86_400
  const blind = await ask(`mutation ($t: String) { refreshToken(refreshToken: $t) { ${TOKENS} } }`, {
    variables: { t: refreshToken },
  })
  // The original says now + 7 days.
  expect(blind.data.refreshToken.refreshExpiresIn).toBe(refreshExpiresIn)
  const skipped =
    'mutation ($t: String, $no: Boolean = false) { refreshToken(refreshToken: $t) { token refreshToken @include(if: $no) ...A @skip(if: true) } } fragment A on Refresh { refreshToken }'
  expect((await ask(skipped, { variables: { t: refreshToken } })).data.refreshToken.token).toEqual(expect.any(String))
  const spread =
    'mutation ($t: String) { refreshToken(refreshToken: $t) { ...A refreshExpiresIn } } fragment A on Refresh { ... on Refresh { next: refreshToken } }'
  const { data } = await ask(spread, { variables: { t: refreshToken } })
  expect(data.refreshToken).toEqual({
    next: expect.not.stringMatching(refreshToken),
    refreshExpiresIn: clock.now + 7 * 86_400,
  })
  clock.now = refreshExpiresIn
  expect((await ask(LONG_REFRESH, { variables: { t: data.refreshToken.next } })).messages).toEqual([])
})

test('a long-running session ends after seven idle days, and after thirty whatever is done', async () => {
  const { ask, login, said, clock } = await started(LONG)
  const idle = await login()
  let { refreshToken: t } = await login()
  clock.now += 7 * 86_400
  expect(await said(LONG_REFRESH, idle.refreshToken)).toEqual(['Refresh token is expired'])
  clock.now -= 1
  for (let days = 6; days < 30; days += 6) {
    t = (await ask(LONG_REFRESH, { variables: { t } })).data.refreshToken.refreshToken
    clock.now += 6 * 86_400
  }
  expect(await said(LONG_REFRESH, t)).toEqual(['Refresh token is expired'])
})

test('a revoked refresh token ends its session, once, and whoever has no such token revokes nothing', async () => {
  const { ask, login, said, clock } = await started(LONG)
  const mine = await login()
  const theirs = await login(bob)
  expect((await ask(REVOKE, { ...jwt(mine.token), variables: { t: theirs.refreshToken } })).data).toEqual({
    revokeToken: { revoked: clock.now },
  })
  expect((await ask(VIEWER, jwt(mine.token))).data.viewer.username).toBe('alice')
  expect((await ask(VIEWER, jwt(theirs.token))).messages).toEqual(['Signature has expired'])
  expect(await said(REVOKE, theirs.refreshToken)).toEqual(['Invalid refresh token'])
  expect(await said(LONG_REFRESH, theirs.refreshToken)).toEqual(['Invalid refresh token'])
  expect(await said(REVOKE, `${mine.refreshToken.slice(0, -2)}AA`)).toEqual(['Invalid refresh token'])
  expect(await said(REVOKE)).toEqual(['Refresh token is required'])
  expect((await ask(LONG_REFRESH, { variables: { t: mine.refreshToken } })).messages).toEqual([])
})

test('where there is one token, that token ends its session, and whatever else it is given ends none', async () => {
  const { ask, login, said, clock } = await started()
  const mine = await login()
  const theirs = await login(bob)
  for (const bad of ['', 'x', `${mine.token}x`, signed({ username: 'alice', exp: clock.now + 9, origIat: clock.now })])
    expect(await said(REVOKE, bad)).toEqual(['Invalid refresh token'])
  expect(await said(REVOKE)).toEqual(['Refresh token is required'])
  const { data } = await ask(REFRESH, { variables: { t: mine.token } })
  expect((await ask(REVOKE, { variables: { t: mine.token } })).data).toEqual({ revokeToken: { revoked: clock.now } })
  for (const { token } of [mine, data.refreshToken])
    expect((await ask(VIEWER, jwt(token))).messages).toEqual(['Signature has expired'])
  expect(await said(REVOKE, mine.token)).toEqual(['Invalid refresh token'])
  expect((await ask(VIEWER, jwt(theirs.token))).data.viewer.username).toBe('bob')
})

test('a token that Django signed is good here and goes on, as one session, until its user is signed out everywhere', async () => {
  const { auth, ask, said, clock } = await started()
  const token = signed({ username: 'alice', exp: clock.now + 300, origIat: clock.now - 60 })
  expect((await ask('{ viewer { id } }', jwt(token))).data).toEqual({ viewer: { id: '1' } })
  expect(await said(VERIFY, token)).toEqual([])
  const older = signed({ username: 'alice', exp: clock.now + 200, origIat: clock.now - 60 })
  const next = await Promise.all([token, older, token].map((t) => ask(REFRESH, { variables: { t } })))
  for (const { data } of next) {
    expect(data.refreshToken).toMatchObject({
      payload: { username: 'alice', exp: clock.now + 300, origIat: clock.now - 60 },
      refreshExpiresIn: clock.now - 60 + 7 * 86_400,
    })
  }
  expect(await auth.sessions.list('1')).toHaveLength(1)
  const { token: ours } = next[0]?.data.refreshToken ?? {}
  expect(await said(REFRESH, ours)).toEqual([])
  for (const odd of [{ origIat: clock.now - 8 * 86_400 }, { origIat: -1 }]) {
    const late = signed({ username: 'alice', exp: clock.now + 300, ...odd })
    expect(await said(REFRESH, late)).toEqual(['Refresh has expired'])
  }
  const nobody = signed({ username: 'nobody', exp: clock.now + 300, origIat: clock.now })
  expect(await said(REFRESH, nobody)).toEqual(['Invalid payload'])
  await auth.revoke({ user: '1' })
  expect(await said(REFRESH, token)).toEqual(['Refresh has expired'])
  expect(await said(REFRESH, ours)).toEqual(['Signature has expired'])
  expect((await ask(VIEWER, jwt(token))).messages).toEqual(['Signature has expired'])
})

test('what PyJWT says of a bad token is said here, at the field that looks at it, and its siblings are answered', async () => {
  const { ask, login, said, clock } = await started({
    JWT_AUDIENCE: 'web',
    JWT_ISSUER: 'us',
    JWT_ALLOW_ANY_CLASSES: ['Open'],
  })
  const good = { username: 'alice', exp: clock.now + 300, origIat: clock.now, aud: 'web', iss: 'us' }
  expect((await login()).payload).toEqual(good)
  const odd: Readonly<Record<string, readonly [token: string, message: string]>> = {
    garbage: ['garbage', 'Error decoding signature'],
    dots: ['..', 'Error decoding signature'],
    'another key': [signed(good, 'not the key of anybody here'), 'Error decoding signature'],
    'alg none': [
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${signed(good).split('.')[1]}.`,
      'Invalid token',
    ],
    'alg HS512': [signed(good, KEY, { alg: 'HS512', typ: 'JWT' }, 'sha512'), 'Invalid token'],
    'a list': [signed([good]), 'Error decoding signature'],
    'exp as text': [signed({ ...good, exp: 'x' }), 'Error decoding signature'],
    'no exp': [signed({ ...good, exp: undefined }), 'Invalid token'],
    'nbf ahead': [signed({ ...good, nbf: clock.now + 90 }), 'Invalid token'],
    'another audience': [signed({ ...good, aud: 'app' }), 'Invalid token'],
    'no audience': [signed({ ...good, aud: undefined }), 'Invalid token'],
    'another issuer': [signed({ ...good, iss: 'them' }), 'Invalid token'],
    'no name': [signed({ ...good, username: undefined }), 'Invalid payload'],
    'a name that is none': [signed({ ...good, username: 7 }), 'Invalid payload'],
    expired: [signed({ ...good, exp: clock.now }), 'Signature has expired'],
    huge: ['a'.repeat(20_000), 'Error decoding signature'],
  }
  for (const [name, [token, message]] of Object.entries(odd)) {
    const { status, data, messages } = await ask('{ viewer { username } open { who } }', jwt(token))
    expect([name, status, data, messages]).toEqual([name, 200, { viewer: null, open: { who: null } }, [message]])
    if (message === 'Invalid payload') continue
    expect([name, await said(VERIFY, token)]).toEqual([name, [message]])
    expect([name, await said(REFRESH, token)]).toEqual([name, [message]])
  }
  expect((await ask(VIEWER, { headers: { authorization: `Basic ${signed(good)}` } })).messages).toEqual([FORBIDDEN])
  const twice = await ask(VIEWER, jwt(`${signed(good)}, JWT ${signed(good)}`))
  expect([twice.status, twice.data]).toEqual([400, undefined])
})

test('the header and its prefix have the names that the settings give them', async () => {
  const { ask, login } = await started({ JWT_AUTH_HEADER_NAME: 'HTTP_X_TOKEN', JWT_AUTH_HEADER_PREFIX: 'Token' })
  const { token } = await login()
  expect((await ask(VIEWER, { headers: { 'x-token': `token ${token}` } })).data.viewer.username).toBe('alice')
  expect((await ask(VIEWER, jwt(token))).data.viewer).toBeNull()
})

test('without JWT_ALLOW_REFRESH a token tells no beginning and cannot be traded', async () => {
  const { login, said } = await started({ JWT_ALLOW_REFRESH: false })
  const { token, payload } = await login()
  expect(payload).not.toHaveProperty('origIat')
  expect(await said(REFRESH, token)).toEqual(['origIat field is required'])
})

test('the handler of the payload adds claims and changes none', async () => {
  const { login, auth } = await started({
    JWT_PAYLOAD_HANDLER: ({ email }) => ({ email: email ?? '', username: 'root', exp: 1, sid: 'x' }),
  })
  const { token, payload } = await login()
  expect(payload).toMatchObject({ username: 'alice', email: 'alice@example.com' })
  expect((await auth.tokens.verify(token)).subject).toBe('1')
})

test('the mutations of Relay take one input and give its id back', async () => {
  const { ask } = await started({ ...LONG, relay: true })
  const login = await ask(
    'mutation ($input: ObtainJSONWebTokenInput!) { tokenAuth(input: $input) { token refreshToken payload clientMutationId } }',
    { variables: { input: { ...alice, clientMutationId: 'a1' } } },
  )
  const { token, refreshToken, clientMutationId } = login.data.tokenAuth
  expect(clientMutationId).toBe('a1')
  const run = async (name: string, type: string, input: object, gives: string) =>
    await ask(`mutation ($input: ${type}Input!) { ${name}(input: $input) { ${gives} clientMutationId } }`, {
      variables: { input },
    })
  expect((await run('verifyToken', 'Verify', { token }, 'payload')).data.verifyToken).toMatchObject({
    payload: { username: 'alice' },
    clientMutationId: null,
  })
  const next = await run('refreshToken', 'Refresh', { refreshToken, clientMutationId: 'b' }, 'token refreshToken')
  expect(next.data.refreshToken).toMatchObject({ refreshToken: expect.any(String), clientMutationId: 'b' })
  const revoked = await run('revokeToken', 'Revoke', { refreshToken: next.data.refreshToken.refreshToken }, 'revoked')
  expect(revoked.data.revokeToken.revoked).toEqual(expect.any(Number))
  for (const [name, type] of [
    ['deleteTokenCookie', 'DeleteJSONWebTokenCookie'],
    ['deleteRefreshTokenCookie', 'DeleteRefreshTokenCookie'],
  ] as const)
    expect((await run(name, type, { clientMutationId: 'c' }, 'deleted')).data[name]).toEqual({
      deleted: false,
      clientMutationId: 'c',
    })
  expect((await run('tokenAuth', 'ObtainJSONWebToken', { ...alice, password: 'x' }, 'token')).messages).toEqual([
    'Please enter valid credentials',
  ])
  expect((await ask('mutation { tokenAuth { token } }')).data ?? null).toBeNull()
})

test('a thousand aliased logins look at no password, and one at one', async () => {
  const { ask, hashed } = await started({ JWT_ALLOW_ARGUMENT: true })
  const login = 'tokenAuth(username: "alice", password: "guess") { token }'
  const before = hashed()
  const many = await ask(`mutation { ${Array.from({ length: 1_000 }, (_, i) => `a${i}: ${login}`).join(' ')} }`)
  expect(many.data ?? null).toBeNull()
  expect((await ask(`mutation { a: ${login} b: ${login} }`)).data ?? null).toBeNull()
  expect(hashed() - before).toBe(0)
  expect((await ask(`mutation { ${login} ${login} }`)).data ?? null).toBeNull()
  expect((await ask(`mutation { ${login} }`)).messages).toEqual(['Please enter valid credentials'])
  expect(hashed() - before).toBe(1)
})

test('guesses are counted, and who waits is told by a code that the original did not have', async () => {
  const { ask } = await started({}, { throttle: { account: { points: 3, seconds: 60 } } })
  const guess = () => ask(LOGIN, { variables: { ...alice, password: 'guess' } })
  for (let i = 0; i < 3; i += 1) expect((await guess()).messages).toEqual(['Please enter valid credentials'])
  const { status, errors } = await guess()
  expect([status, errors[0].extensions]).toEqual([200, { code: 'login_throttled', retryAfter: expect.any(Number) }])
})

test('what no mutation can use is refused in its words, and nothing breaks', async () => {
  const { ask, login, said } = await started(LONG)
  const wrong = 'Please enter valid credentials'
  const texts = ['', ' ', 'a\0b', '\ud800', 'x'.repeat(5_000), "' or 1=1", '{"$gt":""}', '../../etc/passwd']
  for (const text of texts) {
    expect([text.slice(0, 9), (await ask(LOGIN, { variables: { ...alice, username: text } })).messages]).toEqual([
      text.slice(0, 9),
      [wrong],
    ])
    expect([text.slice(0, 9), (await ask(LOGIN, { variables: { ...alice, password: text } })).messages]).toEqual([
      text.slice(0, 9),
      [wrong],
    ])
  }
  const { token, refreshToken } = await login()
  const others = [
    '',
    '.',
    'x',
    token,
    `${refreshToken}.`,
    ` ${refreshToken}`,
    refreshToken.toUpperCase(),
    'a\0b',
    '\ud800',
    '9'.repeat(9_000),
  ]
  for (const one of others) {
    expect([one.slice(0, 9), await said(LONG_REFRESH, one)]).toEqual([one.slice(0, 9), ['Invalid refresh token']])
    expect([one.slice(0, 9), await said(REVOKE, one)]).toEqual([one.slice(0, 9), ['Invalid refresh token']])
  }
  for (const one of ['', '.', 'x', refreshToken, 'a\0b', '\ud800', ` ${token}`, `${token}.x`])
    expect([one.slice(0, 9), await said(VERIFY, one)]).toEqual([one.slice(0, 9), ['Error decoding signature']])
  expect(await said(VERIFY)).toEqual(['Token is required'])
  expect(await said(LONG_REFRESH, null)).toEqual(['Refresh token is required'])
  // A refresh token opens nothing.
  expect((await ask(VIEWER, jwt(refreshToken))).messages).toEqual(['Error decoding signature'])
  for (const t of [1, true, [], {}, ['x', 'y']]) {
    for (const query of [LONG_REFRESH, REVOKE, VERIFY]) {
      const { status, data } = await ask(query, { variables: { t } })
      expect([t, status, data]).toEqual([t, 400, undefined])
    }
    expect((await ask(LOGIN, { variables: { username: t, password: t } })).status).toBe(400)
  }
  expect((await ask(VIEWER, jwt(token))).data.viewer.username).toBe('alice')
})

test('a setting that means nothing here, or would not be safe, stops the start with its name', () => {
  const unsafe: Readonly<Record<string, unknown>> = {
    JWT_REFRESH_TOKEN_N_BYTES: 20,
    JWT_DECODE_HANDLER: () => ({}),
    JWT_SECRET_KEY: '',
    JWT_ALGORITHM: 'none',
    JWT_AUDIENCE: '',
    JWT_PUBLIC_KEY: 'a PEM',
    JWT_EXPIRATION_DELTA: 'soon',
    JWT_ALLOW_REFRESH: 'yes',
    JWT_LONG_RUNNING_REFRESH_TOKEN: 1,
    JWT_REUSE_REFRESH_TOKENS: 'no',
    JWT_AUTH_HEADER_NAME: 'Authorization',
    JWT_AUTH_HEADER_PREFIX: 'J W T',
    JWT_ALLOW_ARGUMENT: 'token',
    JWT_ALLOW_ANY_CLASSES: 'Open',
    JWT_ALLOW_ANY_HANDLER: true,
    JWT_COOKIE_SECURE: false,
    JWT_COOKIE_SAMESITE: 'lax',
    JWT_COOKIE_PATH: 'x',
    JWT_COOKIE_NAME: 'a b',
    JWT_REFRESH_TOKEN_COOKIE_NAME: 'JWT',
    jwt_cookie: 'yes',
    relay: 1,
  }
  for (const [name, value] of Object.entries(unsafe)) {
    expect(() => graphqlJwt({ JWT_SECRET_KEY: KEY, [name]: value }), name).toThrow(
      expect.objectContaining({ code: 'options_invalid', hint: expect.stringContaining(name) }),
    )
  }
  expect(() => graphqlJwt({ JWT_SECRET_KEY: KEY, JWT_ALLOW_ARGUMENT: true, JWT_ARGUMENT_NAME: 'a-b' })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('JWT_ARGUMENT_NAME') }),
  )
})
