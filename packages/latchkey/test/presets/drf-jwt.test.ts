/** What the recordings of drf-jwt do not show: settings, the cookie, the end of a session, and tokens that are not what they should be. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type DrfJwtSettings, drfJwt } from '../../src/presets/index.js'
import { application, KEY, ORIGIN } from './drf-jwt-kit.js'

const NOW = 1_795_313_202

async function started(settings: Partial<DrfJwtSettings> = {}) {
  const { auth, clock, send } = await application(settings, NOW)
  const scheme = settings.variant === '2017' ? 'JWT' : 'Bearer'
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const all = { 'content-type': 'application/json', ...headers }
    const response = await send(
      new Request(`${ORIGIN}${path}`, { method: 'POST', headers: all, body: JSON.stringify(body) }),
    )
    return { status: response.status, body: await response.json(), cookies: response.headers.getSetCookie() }
  }
  const obtain = async (username = 'alice') =>
    (await post('/api-token-auth/', { username, password: 'password' })).body.token as string
  const view = async (headers: Record<string, string>) => {
    const response = await send(new Request(`${ORIGIN}/api/protected/`, { headers }))
    return { status: response.status, body: await response.json() }
  }
  const bearer = (token: string) => ({ authorization: `${scheme} ${token}` })
  return { auth, clock, send, post, obtain, view, bearer }
}

/** A token as the original signs one. */
function foreign(claims: object): string {
  const parts = [{ typ: 'JWT', alg: 'HS256' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${parts.join('.')}.${createHmac('sha256', KEY).update(parts.join('.')).digest('base64url')}`
}

describe('a setting', () => {
  test.each<[string, object]>([
    ['that is none', { JWT_SECRET: 'x' }],
    ['of another variant', { variant: '1.11' }],
    ['without its key', { JWT_SECRET_KEY: null }],
    ['with the key of another algorithm', { JWT_ALGORITHM: 'RS256' }],
    ['that is no algorithm', { JWT_ALGORITHM: 'none' }],
    ['that is no scheme', { JWT_AUTH_HEADER_PREFIX: 'Bearer x' }],
    ['that is no flag', { JWT_ALLOW_REFRESH: 'yes' }],
    ['that is no path', { paths: { verify: 'x' } }],
    ['that takes the login away', { paths: { obtain: null } }],
    ['that puts two endpoints in one place', { paths: { verify: '/api-token-auth' } }],
    ['that is no SameSite', { JWT_AUTH_COOKIE: 'jwt', JWT_AUTH_COOKIE_SAMESITE: 'lax' }],
  ])('%s does not start', (_what, settings) => {
    expect(() => drfJwt({ JWT_SECRET_KEY: KEY, ...settings } as never)).toThrow(
      expect.objectContaining({ code: 'options_invalid' }),
    )
  })
})

describe('a token', () => {
  test('is traded for the next one until its limit, whatever was done with those before', async () => {
    const { clock, obtain, post } = await started()
    let token = await obtain()
    for (let day = 0; day < 7; day++) {
      clock.now += 299
      token = (await post('/api-token-refresh/', { token })).body.token
    }
    clock.now = NOW + 7 * 86_400 - 10
    const late = foreign({ username: 'alice', user_id: 1, iat: clock.now, exp: clock.now + 300, orig_iat: NOW - 10 })
    expect((await post('/api-token-refresh/', { token: late })).body.non_field_errors).toEqual(['Refresh has expired.'])
  })

  test('that was traded dies with its successor at a logout (fault 6)', async () => {
    const { clock, obtain, post, view, bearer } = await started()
    const first = await obtain()
    clock.now += 10
    const { token: next } = (await post('/api-token-refresh/', { token: first })).body
    expect((await post('/auth/logout/', {}, bearer(first))).status).toBe(201)
    for (const token of [first, next]) expect((await view(bearer(token))).status).toBe(403)
  })

  test('of somebody else is ended by nobody who holds it (fault 44)', async () => {
    const { obtain, post, view, bearer } = await started()
    const bobs = await obtain('bob')
    expect((await post('/auth/logout/', { token: bobs }, bearer(await obtain()))).status).toBe(403)
    expect((await view(bearer(bobs))).status).toBe(200)
  })

  test('of another spelling is dead too, once its session is (fault 4)', async () => {
    const { obtain, post, view, bearer } = await started()
    const token = await obtain()
    await post('/auth/logout/', {}, bearer(token))
    const last = token.at(-1) as string
    const twins = ['A', 'B', 'C', 'Q', 'g', 'w'].filter((letter) => letter !== last)
    for (const letter of twins) expect((await view(bearer(`${token.slice(0, -1)}${letter}`))).status).not.toBe(200)
  })

  test('of the original is good, until its id is logged out; one without an id cannot be', async () => {
    const { post, view, bearer } = await started()
    const claims = { username: 'alice', user_id: 1, iat: NOW, exp: NOW + 300, orig_iat: NOW }
    const token = foreign({ ...claims, jti: '45c9cc6d-1666-4c03-809c-f2bd0f5a8dc1' })
    expect((await view(bearer(token))).status).toBe(200)
    expect((await post('/auth/logout/', {}, bearer(token))).status).toBe(201)
    expect((await view(bearer(token))).status).toBe(403)
    expect((await post('/auth/logout/', {}, bearer(foreign(claims)))).status).toBe(403)
  })

  test('of the original that names somebody else by id than by name is nobody´s', async () => {
    const { view, bearer } = await started()
    const token = foreign({ username: 'alice', user_id: 4, iat: NOW, exp: NOW + 300 })
    expect(await view(bearer(token))).toEqual({ status: 401, body: { detail: 'Invalid token.' } })
  })

  test.each([
    ['a list', [1]],
    ['an object', {}],
    ['a fraction', 1.5],
    ['nothing', null],
    ['more than a number holds', 10 ** 40],
  ])('whose user id is %s is a bad payload, not a fault', async (_what, user_id) => {
    const { view, post, bearer } = await started()
    const token = foreign({ username: 'alice', user_id, iat: NOW, exp: NOW + 300, orig_iat: NOW })
    expect((await view(bearer(token))).status).toBe(401)
    expect((await post('/api-token-verify/', { token })).status).toBe(400)
    expect((await post('/api-token-refresh/', { token })).status).toBe(400)
  })

  test('is not renewed where the application does not allow it', async () => {
    const { obtain, post } = await started({ variant: '2017' })
    const token = await obtain()
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).not.toHaveProperty('orig_iat')
    expect((await post('/api-token-refresh/', { token })).body.non_field_errors).toEqual([
      'orig_iat field is required.',
    ])
  })

  test('of somebody else is impersonated by nobody but who may', async () => {
    const { obtain, post, view, bearer } = await started({ paths: { impersonate: '/become/' } })
    expect((await post('/become/', { user: 2 }, bearer(await obtain()))).status).toBe(403)
    const { body } = await post('/become/', { user: 2 }, bearer(await obtain('root')))
    expect(body).toEqual({ token: expect.any(String) })
    expect((await view(bearer(body.token))).body).toMatchObject({ username: 'bob' })
  })
})

describe('the cookie', () => {
  const settings = { JWT_AUTH_COOKIE: 'jwt' } as const

  test('is set with the token, as the original sets it', async () => {
    const { post } = await started(settings)
    const { body, cookies } = await post('/api-token-auth/', { username: 'alice', password: 'password' })
    expect(cookies).toHaveLength(1)
    expect(cookies[0]?.replace(body.token, 'T').replace(/expires=[^;]+/, 'expires=D')).toBe(
      'jwt=T; expires=D; HttpOnly; Max-Age=300; Path=/; SameSite=Lax; Secure',
    )
    expect((await post('/api-token-refresh/', { token: body.token })).cookies).toHaveLength(1)
  })

  test('signs in where the header does not, and is not looked at beside another scheme', async () => {
    const { obtain, view, bearer } = await started(settings)
    const cookie = `jwt=${await obtain()}`
    expect((await view({ cookie })).body.username).toBe('alice')
    expect((await view({ cookie, ...bearer(await obtain('bob')) })).body.username).toBe('bob')
    expect((await view({ cookie, authorization: 'Basic YTpi' })).status).toBe(401)
    expect((await view({ cookie, authorization: 'Bearer' })).body.username).toBe('alice')
  })

  test('lets no other site act (fault 44), and a logout deletes it', async () => {
    const { obtain, post } = await started(settings)
    const cookie = `jwt=${await obtain()}`
    expect((await post('/auth/logout/', {}, { cookie, origin: 'https://evil.example' })).status).toBe(403)
    const { status, cookies } = await post('/auth/logout/', {}, { cookie, origin: ORIGIN })
    expect([status, cookies]).toEqual([
      201,
      ['jwt=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'],
    ])
    const token = await obtain('bob')
    const refused = await post('/api-token-refresh/', { token }, { origin: 'https://evil.example' })
    expect([refused.status, refused.cookies]).toEqual([403, []])
    const login = { username: 'alice', password: 'password' }
    expect((await post('/api-token-auth/', login, { origin: 'https://evil.example' })).status).toBe(403)
  })
})
