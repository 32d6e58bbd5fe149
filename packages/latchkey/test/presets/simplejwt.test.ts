/** What the simplejwt preset promises beyond the recordings. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { AuthError, createAuth } from '../../src/index.js'
import { type SimpleJwtSettings, simplejwt } from '../../src/presets/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import { headOf } from '../../src/transport/head.js'
import { caller, SECRET } from '../auth-kit.js'
import { application, RECORDED_AT, SIGNING_KEY } from './simplejwt-kit.js'

const CREDENTIALS = { username: 'alice', password: 'password' }
const decode = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))

/** A token as the original makes it: the same key, no session. */
function foreign(claims: object): string {
  const [header, payload] = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const mac = createHmac('sha256', SIGNING_KEY).update(`${header}.${payload}`).digest('base64url')
  return `${header}.${payload}.${mac}`
}
const foreignAccess = (more: object = {}) =>
  foreign({ token_type: 'access', exp: RECORDED_AT + 300, iat: RECORDED_AT, jti: 'f'.repeat(32), user_id: 1, ...more })

async function loggedIn(settings: Partial<SimpleJwtSettings> = {}) {
  const app = await application(settings)
  const obtain = async () => (await app.post('/api/token/', CREDENTIALS)).body
  const refresh = (token: string) => app.post('/api/token/refresh/', { refresh: token })
  return { ...app, obtain, refresh, tokens: await obtain() }
}

test('tokens say what those of the original say, in its order, and one claim more', async () => {
  const { tokens } = await loggedIn()
  const [header, access] = decode(tokens.access)
  expect(JSON.stringify(header)).toBe('{"alg":"HS256","typ":"JWT"}')
  expect(Object.keys(access)).toEqual(['token_type', 'exp', 'iat', 'jti', 'user_id', 'sid'])
  expect(access).toMatchObject({ token_type: 'access', exp: RECORDED_AT + 300, iat: RECORDED_AT, user_id: 1 })
  expect(access.jti).toMatch(/^[0-9a-f]{32}$/)
  const [, refresh] = decode(tokens.refresh)
  expect(Object.keys(refresh)).toEqual(Object.keys(access))
  expect(refresh).toMatchObject({ token_type: 'refresh', exp: RECORDED_AT + 86_400, iat: RECORDED_AT, user_id: 1 })
})

test('a refresh token that does not rotate buys access tokens until it expires, and the answer has no other', async () => {
  const { tokens, refresh, clock, view } = await loggedIn()
  for (const later of [60, 80_000]) {
    clock.now = RECORDED_AT + later
    const { status, body } = await refresh(tokens.refresh)
    expect([status, Object.keys(body)]).toEqual([200, ['access']])
    expect((await view(body.access)).status).toBe(200)
  }
  clock.now = RECORDED_AT + 86_400
  expect(await refresh(tokens.refresh)).toMatchObject({ status: 401, body: { detail: 'Token is invalid or expired' } })
})

test('a retry of a rotation gets the same refresh token to the byte, seconds later', async () => {
  const { tokens, refresh, clock } = await loggedIn({ ROTATE_REFRESH_TOKENS: true })
  clock.now += 100
  const first = await refresh(tokens.refresh)
  expect(Object.keys(first.body)).toEqual(['access', 'refresh'])
  expect(decode(first.body.refresh)[1]).toMatchObject({ iat: RECORDED_AT + 100, exp: RECORDED_AT + 100 + 86_400 })
  clock.now += 9
  expect((await refresh(tokens.refresh)).body.refresh).toBe(first.body.refresh)
})

test('it is the same token even where the store’s clock ticked while the session was written', async () => {
  const clock = { now: RECORDED_AT }
  const stores = memoryStores({ clock: () => clock.now })
  const { rotate } = stores.sessions
  const sessions = {
    ...stores.sessions,
    rotate: (...given: Parameters<typeof rotate>) => {
      clock.now++
      return rotate(...given)
    },
  }
  const preset = simplejwt({ SIGNING_KEY, ROTATE_REFRESH_TOKENS: true })
  const auth = createAuth({ database: { ...stores, sessions }, secret: SECRET, clock: () => clock.now, preset })
  await auth.users.create({ id: '1', ...CREDENTIALS })
  const call = caller(auth)
  const { refresh } = (await call('POST', '/api/token/', { body: CREDENTIALS })).body
  const next = async () => (await call('POST', '/api/token/refresh/', { body: { refresh } })).body.refresh
  expect(await next()).toBe(await next())
})

test('of many refreshes at once every one is answered, and all with one successor', async () => {
  const { tokens, refresh } = await loggedIn({ ROTATE_REFRESH_TOKENS: true })
  const answers = await Promise.all(Array.from({ length: 12 }, () => refresh(tokens.refresh)))
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200))
  expect(new Set(answers.map(({ body }) => body.refresh)).size).toBe(1)
})

test('a refresh token used after its successor ends the session, and its access tokens with it', async () => {
  const { tokens, refresh, clock, view } = await loggedIn({ ROTATE_REFRESH_TOKENS: true })
  const next = (await refresh(tokens.refresh)).body
  clock.now += 11
  const blacklisted = { status: 401, body: { detail: 'Token is blacklisted', code: 'token_not_valid' } }
  expect(await refresh(tokens.refresh)).toMatchObject(blacklisted)
  expect(await refresh(next.refresh)).toMatchObject(blacklisted)
  expect(await view(next.access)).toMatchObject({
    status: 401,
    body: { messages: [{ message: 'Token is blacklisted' }] },
  })
})

test('an old refresh token that has expired itself still ends the session when it comes again', async () => {
  const { tokens, refresh, clock } = await loggedIn({ ROTATE_REFRESH_TOKENS: true })
  clock.now += 80_000
  const next = (await refresh(tokens.refresh)).body
  clock.now += 10_000
  expect((await refresh(tokens.refresh)).status).toBe(401)
  expect((await refresh(next.refresh)).body.detail).toBe('Token is blacklisted')
})

test('whoever refreshes every day stays signed in for 30 days, and not for ever', async () => {
  const { tokens, refresh, clock } = await loggedIn({ ROTATE_REFRESH_TOKENS: true })
  let token = tokens.refresh
  for (let day = 1; day < 30; day++) {
    clock.now = RECORDED_AT + day * 86_000
    const { status, body } = await refresh(token)
    expect(status).toBe(200)
    token = body.refresh
  }
  expect(decode(token)[1].exp).toBe(RECORDED_AT + 29 * 86_000 + 86_400)
  clock.now = RECORDED_AT + 30 * 86_000
  expect(decode((await refresh(token)).body.refresh)[1].exp).toBe(RECORDED_AT + 30 * 86_400)
})

test('a login in the second of a revocation is good, and what was made before is not', async () => {
  const { auth, tokens, obtain, view } = await loggedIn()
  await auth.revoke({ user: '1' })
  expect((await view(tokens.access)).status).toBe(401)
  expect((await view(foreignAccess())).status).toBe(401)
  expect((await view((await obtain()).access)).status).toBe(200)
})

test.each([
  ['as Django signs it', {}, 200],
  ['with its user as text', { user_id: '1' }, 200],
  ['refreshed, with the iat of its refresh token', { iat: RECORDED_AT - 86_000 }, 200],
  ['without iat', { iat: undefined }, 200],
  ['with a sid of its own', { sid: 'theirs' }, 200],
  ['that outlives every revocation', { exp: RECORDED_AT + 87_000 }, 401],
  ['of a user that is gone', { user_id: 99 }, 401],
])('an access token of the original, %s', async (_, claims, status) => {
  const { view } = await application()
  expect((await view(foreignAccess(claims))).status).toBe(status)
})

test('one token does not do the work of another', async () => {
  const { tokens, refresh, view, send } = await loggedIn()
  expect(await view(tokens.refresh)).toMatchObject({
    status: 401,
    body: { messages: [{ message: 'Token has wrong type' }] },
  })
  expect(await refresh(tokens.access)).toMatchObject({ status: 401, body: { detail: 'Token has wrong type' } })
  const headers = { authorization: `Bearer ${tokens.access}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'alice', password: 'wrong password' })
  expect((await send(new Request('http://localhost/api/token/', { method: 'POST', headers, body }))).status).toBe(401)
})

test('verify takes tokens of both kinds, until their session or their time ends', async () => {
  const { auth, tokens, post, clock } = await loggedIn()
  const verify = async (token: string) => (await post('/api/token/verify/', { token })).status
  expect([await verify(tokens.access), await verify(tokens.refresh)]).toEqual([200, 200])
  await auth.revoke({ user: '1' })
  expect(await verify(tokens.access)).toBe(401)
  clock.now += 86_400
  expect(await verify(tokens.refresh)).toBe(401)
})

test('verify takes no access token that a guard would refuse for its claims', async () => {
  const preset = simplejwt({ SIGNING_KEY })
  const claimsSchema: object = { required: ['user_id'], properties: { user_id: { const: 2 } } }
  const auth = createAuth({ database: 'memory', secret: SECRET, clock: () => RECORDED_AT, preset, claimsSchema })
  const verify = async (token: string) => auth.tokens.inspect(token)
  expect(await verify(foreignAccess({ user_id: 2 }))).toMatchObject({ user_id: 2 })
  await expect(verify(foreignAccess())).rejects.toMatchObject({ code: 'claims_invalid' })
})

test('a user who is gone or inactive gets nothing, whatever their token says', async () => {
  const users = new Map([['1', { id: '1', active: true }]])
  const clock = { now: RECORDED_AT }
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    preset: simplejwt({ SIGNING_KEY }),
    login: [{ name: 'open', login: async () => users.get('1') }],
    users: {
      findById: async (id) => {
        if (id === '500') throw new Error('the table is on fire')
        return users.get(id)
      },
      findByLogin: async () => undefined,
    },
  })
  const call = caller(auth)
  const { refresh, access } = (await call('POST', '/api/token/', { body: CREDENTIALS })).body
  const renew = async () => (await call('POST', '/api/token/refresh/', { body: { refresh } })).body
  const failure = async (token: string) => {
    const request = new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } })
    const { status, body } = auth.reject((await auth.authenticate(headOf(request))).failure)
    return [status, JSON.parse(body).code]
  }
  const gone = { detail: 'No active account found for the given token.' }
  users.set('1', { id: '1', active: false })
  expect([await renew(), await failure(access)]).toEqual([gone, [401, 'user_inactive']])
  users.delete('1')
  expect([await renew(), await failure(access)]).toEqual([gone, [401, 'user_not_found']])
  expect((await failure(foreignAccess({ user_id: 500 })))[0]).toBe(503)
})

test('bodies come as JSON, as forms and as multipart, and white space around them does not count', async () => {
  const { send } = await application()
  const form = new FormData()
  form.set('username', 'alice')
  form.set('password', 'password')
  const bodies = [
    new URLSearchParams(CREDENTIALS),
    form,
    new URLSearchParams({ username: ' alice', password: 'password\n' }),
  ]
  for (const body of bodies) {
    expect((await send(new Request('http://localhost/api/token/', { method: 'POST', body }))).status).toBe(200)
  }
})

test.each([
  ['null', { non_field_errors: ['No data provided'] }],
  ['"text"', { non_field_errors: ['Invalid data. Expected a dictionary, but got str.'] }],
  ['{"username":"alice","password":"  "}', { password: ['This field may not be blank.'] }],
  ['{"username":"alice","username":"bob","password":"x"}', { detail: 'JSON parse error - A member stands twice.' }],
])('the body %s is refused in the words of the framework', async (body, answer) => {
  const { send } = await application()
  const headers = { 'content-type': 'application/json' }
  const response = await send(new Request('http://localhost/api/token/', { method: 'POST', headers, body }))
  expect([response.status, await response.json()]).toEqual([400, answer])
})

test('guessing is slowed down in the words of the framework', async () => {
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    clock: () => RECORDED_AT,
    preset: simplejwt({ SIGNING_KEY }),
    throttle: { account: { points: 1, seconds: 60 } },
  })
  const call = caller(auth)
  await call('POST', '/api/token/', { body: CREDENTIALS })
  const { status, headers, body } = await call('POST', '/api/token/', { body: CREDENTIALS })
  expect([status, headers.get('retry-after')]).toEqual([429, '60'])
  expect(body).toEqual({ detail: 'Request was throttled. Expected available in 60 seconds.' })
})

test('other schemes, another header, other claims', async () => {
  const { auth, tokens } = await loggedIn({
    AUTH_HEADER_TYPES: ['JWT', 'Bearer'],
    AUTH_HEADER_NAME: 'HTTP_X_ACCESS_TOKEN',
    USER_ID_CLAIM: 'sub',
    TOKEN_TYPE_CLAIM: 'kind',
    JTI_CLAIM: 'nonce',
  })
  expect(decode(tokens.access)[1]).toMatchObject({
    kind: 'access',
    sub: '1',
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
  const found = async (name: string, value: string) =>
    (await auth.authenticate(headOf(new Request('http://localhost/', { headers: { [name]: value } })))).context?.subject
  expect(await found('x-access-token', `JWT ${tokens.access}`)).toBe('1')
  expect(await found('x-access-token', `Bearer ${tokens.access}`)).toBe('1')
  expect(await found('x-access-token', `jwt ${tokens.access}`)).toBeUndefined()
  expect(await found('authorization', `JWT ${tokens.access}`)).toBeUndefined()
  const { headers } = auth.reject(new AuthError('credential_missing'))
  expect(headers['www-authenticate']).toBe('JWT realm="api"')
})

test('audience and issuer stand in the tokens, at the end, and are demanded of them', async () => {
  const { tokens, view, refresh } = await loggedIn({ AUDIENCE: 'app', ISSUER: 'https://issuer.example' })
  expect(Object.keys(decode(tokens.access)[1]).slice(-2)).toEqual(['aud', 'iss'])
  expect((await view(tokens.access)).status).toBe(200)
  expect((await refresh(tokens.refresh)).status).toBe(200)
  const elsewhere = { iss: 'https://issuer.example', aud: 'another' }
  expect((await view(foreignAccess({ ...elsewhere, aud: 'app' }))).status).toBe(200)
  for (const claims of [elsewhere, { aud: 'app' }, {}]) expect((await view(foreignAccess(claims))).status).toBe(401)
})

test('the newer version has user ids as text, and tells expired tokens from invalid ones', async () => {
  const { tokens, refresh, view, clock } = await loggedIn({ version: '5.5' })
  expect(decode(tokens.access)[1].user_id).toBe('1')
  expect((await view('garbage')).body.messages[0].message).toBe('Token is invalid')
  expect((await view(foreignAccess({ sub: 1 }))).body.messages[0].message).toBe('Token is invalid')
  expect((await view(foreignAccess({ sub: '1' }))).status).toBe(200)
  clock.now += 86_400
  expect((await view(tokens.access)).body.messages[0].message).toBe('Token is expired')
  expect((await refresh(tokens.refresh)).body.detail).toBe('Token is expired')
})

const pem = { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }
const pair = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048, ...(pem as object) }) as unknown as Record<
    'privateKey' | 'publicKey',
    string
  >
const [rsa, otherRsa] = [pair(), pair()]

test('a private PEM signs, and its public half may be named', async () => {
  const settings = { ALGORITHM: 'RS256', SIGNING_KEY: rsa.privateKey, VERIFYING_KEY: rsa.publicKey } as const
  const { tokens, view, refresh } = await loggedIn(settings)
  expect(decode(tokens.access)[0]).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) })
  expect((await view(tokens.access)).status).toBe(200)
  expect((await refresh(tokens.refresh)).status).toBe(200)
})

const byUrl = { ALGORITHM: 'RS256', JWK_URL: 'https://issuer.example/jwks' } as const

test.each([
  ['JWK_URL means nothing with HS256', { JWK_URL: 'https://issuer.example/jwks' }],
  ['CHECK_REVOKE_TOKEN needs a SIGNING_KEY', { SIGNING_KEY: undefined, ...byUrl, CHECK_REVOKE_TOKEN: true }],
  ['JSON_ENCODER is a class of Python', { JSON_ENCODER: 'json.JSONEncoder' }],
  ['SOMETHING is not a setting', { SOMETHING: 1 }],
  ['UPDATE_LAST_LOGIN', { UPDATE_LAST_LOGIN: 1 }],
  ['USER_ID_FIELD', { USER_ID_FIELD: 'uuid' }],
  ['USER_AUTHENTICATION_RULE', { USER_AUTHENTICATION_RULE: 'app.rules.rule' }],
  ['TOKEN_OBTAIN_SERIALIZER', { TOKEN_OBTAIN_SERIALIZER: 'app.serializers.Mine' }],
  ['TOKEN_VERIFY_SERIALIZER.get_token', { TOKEN_VERIFY_SERIALIZER: { get_token: () => ({}) } }],
  ['AUTH_TOKEN_CLASSES', { AUTH_TOKEN_CLASSES: ['RefreshToken'] }],
  ['AUTH_TOKEN_CLASSES', { AUTH_TOKEN_CLASSES: [] }],
  ['AUTH_TOKEN_CLASSES', { AUTH_TOKEN_CLASSES: ['AccessToken', 'AccessToken'] }],
  ['SLIDING_TOKEN_LIFETIME', { SLIDING_TOKEN_LIFETIME: 0 }],
  ['SLIDING_TOKEN_REFRESH_LIFETIME', { SLIDING_TOKEN_REFRESH_LIFETIME: '99999d' }],
  ['SLIDING_TOKEN_REFRESH_EXP_CLAIM', { SLIDING_TOKEN_REFRESH_EXP_CLAIM: 'exp' }],
  ['CHECK_REVOKE_TOKEN', { CHECK_REVOKE_TOKEN: true, authentication: 'JWTStatelessUserAuthentication' }],
  ['authentication', { authentication: 'SessionAuthentication' }],
  ['username_field', { username_field: 'password' }],
  ['paths.sliding needs SlidingToken', { paths: { sliding: '/api/sliding/' } }],
  ['SECRET_KEY was removed: use SIGNING_KEY', { SECRET_KEY: SIGNING_KEY }],
  ['AUTH_HEADER_TYPE was removed', { AUTH_HEADER_TYPE: 'Bearer' }],
  ['SIGNING_KEY', { SIGNING_KEY: '' }],
  ['32 bytes', { SIGNING_KEY: 'too short' }],
  ['ALGORITHM', { ALGORITHM: 'ES256K' }],
  ['ACCESS_TOKEN_LIFETIME', { ACCESS_TOKEN_LIFETIME: 'five minutes' }],
  ['LEEWAY', { LEEWAY: -1 }],
  ['TOKEN_TYPE_CLAIM', { TOKEN_TYPE_CLAIM: null }],
  ['JTI_CLAIM', { JTI_CLAIM: 'iat' }],
  ['TOKEN_TYPE_CLAIM', { TOKEN_TYPE_CLAIM: 'jti' }],
  ['USER_ID_CLAIM', { USER_ID_CLAIM: 'exp' }],
  ['AUTH_HEADER_NAME', { AUTH_HEADER_NAME: 'X-Access-Token' }],
  ['AUTH_HEADER_TYPES', { AUTH_HEADER_TYPES: [] }],
  ['AUTH_HEADER_TYPES', { AUTH_HEADER_TYPES: ['Two words'] }],
  ['VERIFYING_KEY', { VERIFYING_KEY: 'another' }],
  ['VERIFYING_KEY', { ALGORITHM: 'RS256', SIGNING_KEY: rsa.privateKey, VERIFYING_KEY: otherRsa.publicKey }],
  ['paths', { paths: { refresh: '/api/token' } }],
  ['paths.logout', { paths: { logout: '/api/token/logout/' } }],
  ['paths.obtain', { paths: { obtain: 'api/token' } }],
  ['version', { version: '4' }],
])('a setting that does not allow a safe start is named: %s', (named, settings) => {
  const start = () =>
    createAuth({ database: 'memory', secret: SECRET, preset: simplejwt({ SIGNING_KEY, ...(settings as object) }) })
  expect(start).toThrow(expect.objectContaining({ code: 'options_invalid', hint: expect.stringContaining(named) }))
})
