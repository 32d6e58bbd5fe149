/** What drf-jwt's settings say of keys, of token ids, of handlers and of the cookie of whoever is impersonated. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { type DrfJwtSettings, drfJwt } from '../../src/presets/index.js'
import { application, KEY, ORIGIN } from './drf-jwt-kit.js'

const NOW = 1_795_313_202
const OLD = 'the-key-of-the-year-before-which-still-verifies'
const ALICE = { username: 'alice', password: 'password' }

async function started(settings: Partial<DrfJwtSettings>) {
  const { auth, send } = await application(settings, NOW)
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const all = { 'content-type': 'application/json', ...headers }
    const response = await send(
      new Request(`${ORIGIN}${path}`, { method: 'POST', headers: all, body: JSON.stringify(body) }),
    )
    return { status: response.status, body: await response.json(), cookies: response.headers.getSetCookie() }
  }
  const obtain = async (username = 'alice') => (await post('/api-token-auth/', { ...ALICE, username })).body.token
  const view = async (headers: Record<string, string>) => {
    const response = await send(new Request(`${ORIGIN}/api/protected/`, { headers }))
    return { status: response.status, body: await response.json() }
  }
  return { auth, post, obtain, view, by: (token: string) => view({ authorization: `Bearer ${token}` }) }
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = (token: string, at: number) =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString())
const CLAIMS = { username: 'alice', user_id: 1, iat: NOW, exp: NOW + 300, orig_iat: NOW, jti: 'a'.repeat(36) }

function signed(key: string, header: object = {}, claims: object = CLAIMS): string {
  const text = `${part({ typ: 'JWT', alg: 'HS256', ...header })}.${part(claims)}`
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

test('of a list of secrets the first signs and all of them verify', async () => {
  const { obtain, by } = await started({ JWT_SECRET_KEY: [KEY, OLD] })
  expect(decoded(await obtain(), 0)).toEqual({ typ: 'JWT', alg: 'HS256' })
  for (const key of [KEY, OLD]) expect((await by(signed(key))).status).toBe(200)
  expect((await by(signed('a-key-that-nobody-here-has-ever-heard-of-x'))).status).toBe(401)
})

test('secrets by name: tokens name theirs, and one under another name is tried unless names are insisted on', async () => {
  const keys = { JWT_SECRET_KEY: { new: KEY, old: OLD } }
  const loose = await started(keys)
  const strict = await started({ ...keys, JWT_INSIST_ON_KID: true })
  const token = await loose.obtain()
  expect(decoded(token, 0)).toEqual({ typ: 'JWT', alg: 'HS256', kid: 'new' })
  const statuses = async (one: string) => [(await loose.by(one)).status, (await strict.by(one)).status]
  expect(await statuses(signed(OLD, { kid: 'old' }))).toEqual([200, 200])
  expect(await statuses(signed(OLD))).toEqual([200, 401])
  expect(await statuses(signed(OLD, { kid: 'lost' }))).toEqual([200, 401])
  expect(await statuses(signed(OLD, { kid: 'new' }))).toEqual([401, 401])
  expect((await strict.by(signed(OLD))).body).toEqual({ detail: 'Invalid token.' })
})

const pem = { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }
const pair = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048, ...(pem as object) }) as unknown as Record<
    'privateKey' | 'publicKey',
    string
  >
const [one, two, three] = [pair(), pair(), pair()]

function signedBy({ privateKey }: { privateKey: string }, header: object = {}): string {
  const text = `${part({ typ: 'JWT', alg: 'RS256', ...header })}.${part(CLAIMS)}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

test('private keys by name sign and verify, and public keys verify beside them', async () => {
  const { obtain, by } = await started({
    JWT_SECRET_KEY: null,
    JWT_ALGORITHM: 'RS256',
    JWT_PRIVATE_KEY: { a: one.privateKey, b: two.privateKey },
    JWT_PUBLIC_KEY: { a: one.publicKey, c: three.publicKey },
  })
  const token = await obtain()
  expect(decoded(token, 0)).toEqual({ typ: 'JWT', alg: 'RS256', kid: 'a' })
  const good = [token, signedBy(two, { kid: 'b' }), signedBy(three, { kid: 'c' }), signedBy(three)]
  for (const each of good) expect((await by(each)).status).toBe(200)
  expect((await by(signedBy(pair()))).status).toBe(401)
})

test('of a list of algorithms the first signs and all of them verify', async () => {
  const { obtain, by } = await started({ JWT_ALGORITHM: ['RS256', 'HS256'], JWT_PRIVATE_KEY: one.privateKey })
  expect(decoded(await obtain(), 0).alg).toBe('RS256')
  for (const token of [signedBy(one), signed(KEY)]) expect((await by(token)).status).toBe(200)
  // The old confusion: the public key is no secret.
  expect((await by(signed(one.publicKey))).status).toBe(401)
})

test.each([
  ['off', undefined, 200],
  ['include', expect.any(String), 200],
  ['require', expect.any(String), 401],
] as const)(
  'with JWT_TOKEN_ID %s a token has the id %s, and one without is answered with %s',
  async (id, jti, status) => {
    const { obtain, by, post } = await started({ JWT_TOKEN_ID: id })
    const token = await obtain()
    expect(decoded(token, 1).jti).toEqual(jti)
    const { body } = await post('/api-token-refresh/', { token })
    expect((await by(body.token)).status).toBe(200)
    expect((await by(signed(KEY, {}, { ...CLAIMS, jti: undefined }))).status).toBe(status)
  },
)

test('a token of the original is traded here: its login becomes one session, which ends as a whole', async () => {
  const { auth, by, post } = await started({})
  const child = signed(
    KEY,
    {},
    { ...CLAIMS, jti: 'b'.repeat(36), orig_jti: CLAIMS.jti, iat: NOW - 10, orig_iat: NOW - 600 },
  )
  const first = signed(KEY, {}, { ...CLAIMS, orig_iat: NOW - 600 })
  const trade = async (token: string) => (await post('/api-token-refresh/', { token })).body
  const next = [await trade(child), await trade(first), await trade(child)].map(({ token }) => token)
  expect(next.map((token) => decoded(token, 1).orig_iat)).toEqual([NOW - 600, NOW - 600, NOW - 600])
  expect(await auth.sessions.list('1')).toHaveLength(1)
  expect((await post('/auth/logout/', {}, { authorization: `Bearer ${child}` })).status).toBe(201)
  for (const token of [...next, child, first]) expect((await by(token)).status).toBe(403)
  for (const token of [...next, child, first])
    expect(await trade(token)).toEqual({ non_field_errors: ['Token is blacklisted.'] })
})

test('one that is too old is not, nor one of a login before the password changed, nor one without a beginning', async () => {
  const { auth, post } = await started({})
  const trade = async (claims: object) =>
    (await post('/api-token-refresh/', { token: signed(KEY, {}, { ...CLAIMS, ...claims }) })).body.non_field_errors
  expect(await trade({ orig_iat: NOW - 7 * 86_400 })).toEqual(['Refresh has expired.'])
  expect(await trade({ orig_iat: undefined })).toEqual(['orig_iat field not found in token.'])
  await auth.users.setPassword('1', 'another good password')
  expect(await trade({ orig_iat: NOW - 600, jti: 'c'.repeat(36) })).toEqual(['Token is blacklisted.'])
  expect(await auth.sessions.list('1')).toEqual([])
})

test('a user may have a secret of their own: another one ends their tokens, and nobody is verified by somebody else´s', async () => {
  const secrets: Record<string, string> = { 1: OLD, 2: 'the-secret-of-bob-which-is-long-enough-for-hs256' }
  const { obtain, by, post } = await started({ JWT_GET_USER_SECRET_KEY: ({ id }) => secrets[id] })
  const [token, bobs, roots] = [await obtain(), await obtain('bob'), await obtain('root')]
  const next = (await post('/api-token-refresh/', { token })).body.token
  for (const each of [token, next, bobs, roots, signed(OLD)]) expect((await by(each)).status).toBe(200)
  expect((await by(signed(KEY))).status).toBe(401)
  expect((await by(signed(OLD, {}, { ...CLAIMS, username: 'bob', user_id: 2 }))).status).toBe(401)
  expect((await by(signed(OLD, {}, { ...CLAIMS, user_id: [1] }))).status).toBe(401)
  expect((await by(signed(OLD, {}, { ...CLAIMS, user_id: 99 }))).status).toBe(401)
  secrets[1] = 'another-secret-of-alice-because-hers-was-lost'
  for (const each of [token, next]) expect((await by(each)).status).toBe(401)
  expect((await by(bobs)).status).toBe(200)
})

test('handlers add claims, read payloads of another shape, and write the answer', async () => {
  const { post, by } = await started({
    JWT_PAYLOAD_HANDLER: ({ email }) => ({ email, username: 'somebody else' }),
    JWT_PAYLOAD_GET_USERNAME_HANDLER: ({ username, name }) => name ?? username,
    JWT_PAYLOAD_GET_USER_ID_HANDLER: ({ user_id, uid }) => uid ?? user_id,
    JWT_RESPONSE_PAYLOAD_HANDLER: (token, user, _request, issuedAt) => ({ token, user: user.username, issuedAt }),
  })
  const { status, body } = await post('/api-token-auth/', ALICE)
  expect([status, body]).toEqual([201, { token: expect.any(String), user: 'alice', issuedAt: NOW }])
  expect(decoded(body.token, 1)).toMatchObject({ username: 'alice', email: 'alice@example.com' })
  expect((await by(body.token)).status).toBe(200)
  expect((await post('/api-token-verify/', body)).body).toEqual({ ...body, issuedAt: NOW })
  expect((await by(signed(KEY, {}, { name: 'bob', uid: 2, user_id: 1, iat: NOW, exp: NOW + 9 }))).body.id).toBe(2)
})

test('verify sets the cookie as obtain does, for as long as the token lives, and for no other site', async () => {
  const { post, obtain } = await started({ JWT_AUTH_COOKIE: 'jwt' })
  const token = await obtain()
  const { cookies } = await post('/api-token-verify/', { token })
  expect(cookies).toEqual([expect.stringMatching(/^jwt=ey.*; HttpOnly; Max-Age=300; Path=\/; SameSite=Lax; Secure$/)])
  const foreign = await post('/api-token-verify/', { token }, { origin: 'https://evil.example' })
  expect([foreign.status, foreign.cookies]).toEqual([403, []])
})

test('the cookie of whoever is impersonated wins over one´s own, and a logout deletes both', async () => {
  const names = { JWT_AUTH_COOKIE: 'jwt', JWT_IMPERSONATION_COOKIE: 'as', paths: { impersonate: '/become/' } }
  const { post, obtain, view } = await started(names)
  const own = `jwt=${await obtain('root')}`
  const { cookies } = await post('/become/', { user: 2 }, { cookie: own, origin: ORIGIN })
  expect(cookies).toEqual([expect.stringMatching(/^as=ey.*; HttpOnly; Max-Age=300; Path=\/; SameSite=Lax; Secure$/)])
  const both = `${own}; ${cookies[0]?.split(';')[0]}`
  expect((await view({ cookie: both })).body.username).toBe('bob')
  expect((await view({ cookie: own })).body.username).toBe('root')
  const out = await post('/auth/logout/', {}, { cookie: both, origin: ORIGIN })
  expect(out.cookies.map((line) => line.split('=', 1)[0])).toEqual(['as', 'jwt'])
})

test.each<[string, object]>([
  ['JWT_GET_USER_SECRET_KEY must be a function', { JWT_GET_USER_SECRET_KEY: 'app.key' }],
  [
    'JWT_GET_USER_SECRET_KEY means nothing',
    { JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEY: one.privateKey, JWT_GET_USER_SECRET_KEY: () => KEY },
  ],
  ['JWT_DECODE_HANDLER reads tokens', { JWT_DECODE_HANDLER: () => ({}) }],
  ['JWT_VERIFY cannot be turned off', { JWT_VERIFY: false }],
  ['JWT_VERIFY_EXPIRATION cannot be turned off', { JWT_VERIFY_EXPIRATION: false }],
  ['JWT_PAYLOAD_INCLUDE_USER_ID cannot', { JWT_PAYLOAD_INCLUDE_USER_ID: false }],
  ['JWT_AUTH_COOKIE_SECURE cannot', { JWT_AUTH_COOKIE: 'jwt', JWT_AUTH_COOKIE_SECURE: false }],
  ['JWT_PAYLOAD_HANDLER must be a function', { JWT_PAYLOAD_HANDLER: 'app.handler' }],
  ['JWT_TOKEN_ID must be', { JWT_TOKEN_ID: true }],
  ['JWT_ALGORITHM must be', { JWT_ALGORITHM: [] }],
  ['JWT_SECRET_KEY must be text', { JWT_SECRET_KEY: [] }],
  ['JWT_SECRET_KEY has a kid that is a number', { JWT_SECRET_KEY: { 2: KEY, 1: OLD } }],
  ['JWT_SECRET_KEY has a key that fits none', { JWT_SECRET_KEY: [KEY, 'short'] }],
  ['JWT_INSIST_ON_KID needs names', { JWT_INSIST_ON_KID: true }],
  ['JWT_PUBLIC_KEY means nothing', { JWT_PUBLIC_KEY: one.publicKey }],
  [
    'JWT_PUBLIC_KEY must be the public half',
    { JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEY: one.privateKey, JWT_PUBLIC_KEY: two.publicKey },
  ],
  ['JWT_PRIVATE_KEY must be a private key', { JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEY: 'x' }],
  ['JWT_IMPERSONATION_COOKIE must be another', { JWT_AUTH_COOKIE: 'a', JWT_IMPERSONATION_COOKIE: 'a' }],
])('what does not start says why: %s', (hint, settings) => {
  expect(() => drfJwt({ JWT_SECRET_KEY: KEY, ...settings } as never)).toThrow(
    expect.objectContaining({ code: 'options_invalid', hint: expect.stringContaining(hint) }),
  )
})
