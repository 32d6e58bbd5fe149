/** Callers without a login, a clock to move, and a fake issuer: what tests of an application stand on. */
import express from 'express'
import { fastify } from 'fastify'
import { buildSchema, graphql } from 'graphql'
import { Hono } from 'hono'
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import * as forHono from '../../src/adapters/hono.js'
import { contextOf } from '../../src/graphql/index.js'
import {
  type Account,
  bearer,
  createAuth,
  fresh,
  type Guard,
  group,
  oneCookie,
  permission,
  remoteAuth,
  scope,
  signedIn,
  splitCookies,
  type UserStore,
} from '../../src/index.js'
import { djwto, drfJwt, simplejwt } from '../../src/presets/index.js'
import { defectClasses, fakeIssuer, type TestCaller, testAuth, testClock } from '../../src/testing/index.js'
import { SECRET } from '../auth-kit.js'

const closing: (() => Promise<void>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

function kit<T extends { readonly auth: { close(): Promise<void> } }>(made: T): T {
  closing.push(() => made.auth.close())
  return made
}

type Asked = Parameters<typeof forHono.authenticate>[0]

const serving = (auth: Asked, guard: Guard) =>
  new Hono()
    .use(forHono.authenticate(auth))
    .get('/', forHono.authorize(guard), (c) => c.json({}))
    .post('/', forHono.authorize(guard), (c) => c.json({}))

describe('a caller', () => {
  test('is somebody in every framework', async () => {
    const { auth, as } = kit(testAuth())
    const { headers, request } = await as({ sub: 'alice', permissions: ['posts:*'] })
    const hono = serving(auth, permission('posts:write'))
    expect((await hono.request('/', { headers })).status).toBe(200)
    expect((await hono.fetch(request('/', { method: 'POST', headers: { 'x-other': '1' } }))).status).toBe(200)
    expect((await hono.request('/')).status).toBe(401)

    const app = fastify()
    app.addHook('onRequest', forFastify.authenticate(auth))
    app.get('/', { onRequest: forFastify.authorize(signedIn) }, async (given) => auth.of(given)?.subject)
    expect((await app.inject({ url: '/', headers })).body).toBe('alice')
  })

  test('is somebody in GraphQL, without a server', async () => {
    const { as } = kit(testAuth({ transports: [oneCookie()] }))
    const caller = await as({ sub: 'alice', permissions: ['hr:read'] })
    const schema = buildSchema('type Query { may: Boolean }')
    const rootValue = {
      may: (_: unknown, context: Awaited<ReturnType<typeof caller.context>>) => context.auth?.can('hr:read'),
    }
    const { data } = await graphql({ schema, source: '{ may }', rootValue, contextValue: await caller.context() })
    expect(data?.may).toBe(true)
  })

  test('is created once in our own table, and somebody who is there is found', async () => {
    const { auth, as } = kit(testAuth())
    const first = await as({ sub: 'alice', username: 'Alice', email: 'alice@example.com', permissions: ['posts:read'] })
    expect(await auth.users.byUsername('alice')).toMatchObject({ id: 'alice', permissions: ['posts:read'] })
    const second = await as({ sub: 'alice', permissions: ['posts:write'] })
    expect(second.sessionId).not.toBe(first.sessionId)
    // The row says what it said; the token of this one says more.
    expect((await serving(auth, permission('posts:write')).request('/', { headers: first.headers })).status).toBe(403)
    expect((await serving(auth, permission('posts:write')).request('/', { headers: second.headers })).status).toBe(200)
    expect((await as({ user: (await auth.users.byId('alice')) as Account })).subject).toBe('alice')
  })

  test('is created once, too, where two tests want them at once', async () => {
    const { auth, as } = kit(testAuth())
    const all = await Promise.all(Array.from({ length: 5 }, () => as({ sub: 'alice' })))
    expect(new Set(all.map(({ subject }) => subject))).toEqual(new Set(['alice']))
    await expect(as({ sub: 'other', username: 'alice' })).rejects.toMatchObject({ code: 'conflict' })
    expect(await auth.users.list()).toHaveLength(1)
  })

  test('has groups, scopes and claims', async () => {
    const { auth, as, clock } = kit(testAuth())
    const { headers } = await as({ groups: ['staff'], scopes: ['reports', 'mail'] })
    expect((await serving(auth, group('staff')).request('/', { headers })).status).toBe(200)
    expect((await serving(auth, scope('reports')).request('/', { headers })).status).toBe(200)
    expect((await serving(auth, group('admins')).request('/', { headers })).status).toBe(403)
    const old = await as({ claims: { auth_time: clock() - 3_600, jti: 'mine', client_id: undefined } })
    expect(old.claims).toMatchObject({ jti: 'mine' })
    expect('client_id' in old.claims).toBe(false)
    expect((await serving(auth, fresh('10m')).request('/', { headers: old.headers })).status).toBe(401)
  })

  test('has a session that can be refreshed, and ended', async () => {
    const { auth, as } = kit(testAuth())
    const { refreshToken = '', sessionId = '', headers } = await as()
    expect((await auth.tokens.refresh(refreshToken)).user.id).toBe('test-user')
    await auth.revoke({ session: sessionId })
    expect((await serving(auth, signedIn).request('/', { headers })).status).toBe(401)
  })

  test('of a table of the application is found there, or is nobody', async () => {
    const members: UserStore<{ id: string; nick: string }> = {
      findById: async (id) => (id === '7' ? { id, nick: 'alice' } : undefined),
      findByLogin: async () => undefined,
    }
    const { auth, as, attack } = kit(testAuth({ users: members }))
    const app = serving(auth, permission('posts:write'))
    const editor = await as({ sub: '7', permissions: ['posts:*'] })
    expect((await app.request('/', { headers: editor.headers })).status).toBe(200)
    expectTypeOf((await editor.context()).auth?.user)
      .exclude<undefined>()
      .returns.resolves.toEqualTypeOf<{ id: string; nick: string }>()
    await expect(as({ sub: '8' })).rejects.toThrow("findById('8') found nobody")
    await expect(attack(app, ['GET /'])).rejects.toThrow(TypeError)
    const report = await attack(app, ['GET /'], { as: editor })
    report.expectNothingLetIn()
    expect(report.sent.map((one) => one.class)).toContain('revoked')
  })

  test('of another kit is refused', async () => {
    const [one, other] = [kit(testAuth()), kit(testAuth())]
    await expect(one.attack(() => new Response(), ['GET /'], { as: await other.as() })).rejects.toThrow(
      'another testAuth',
    )
  })
})

describe('how tokens travel', () => {
  const post = async ({ auth }: { auth: Asked }, headers: TestCaller['cookieHeaders']) =>
    (await serving(auth, signedIn).request('/', { method: 'POST', headers: headers ?? {} })).status

  test('by header first, and by cookie with its CSRF token where there are cookies', async () => {
    const both = kit(testAuth({ transports: [oneCookie(), bearer()] }))
    const caller = await both.as({ claims: { extra: 1 } })
    expect(Object.keys(caller.headers)).toEqual(['authorization'])
    expect([await post(both, caller.headers), await post(both, caller.cookieHeaders)]).toEqual([200, 200])
    const { cookie = '' } = caller.cookieHeaders ?? {}
    expect(await post(both, { cookie })).toBe(403)
    expect(cookie).toContain(caller.token)
    const plain = await kit(testAuth()).as()
    expect(plain.cookieHeaders).toBeUndefined()
  })

  test('in two cookies, changed claims included', async () => {
    const split = kit(testAuth({ transports: [splitCookies({ names: { access: 'sid' } })] }))
    const caller = await split.as({ claims: { extra: 1 } })
    expect(caller.headers).toEqual(caller.cookieHeaders)
    expect(await post(split, caller.headers)).toBe(200)
  })

  test('in the words of a preset, and in a header of one’s own', async () => {
    const jwt = kit(testAuth({ preset: drfJwt({ JWT_SECRET_KEY: SECRET, JWT_AUTH_HEADER_PREFIX: 'JWT' }) }))
    const caller = await jwt.as()
    expect(caller.headers.authorization).toMatch(/^JWT /)
    expect(await post(jwt, caller.headers)).toBe(200)
    const django = kit(testAuth({ preset: djwto({ DJWTO_SIGNING_KEY: SECRET, DJWTO_MODE: 'TWO-COOKIES' }) }))
    expect(await post(django, (await django.as()).headers)).toBe(200)
    const carry = (token: string) => ({ 'x-token': `Bearer ${token}` })
    const own = kit(testAuth({ transports: [bearer({ header: 'x-token' })], carry }))
    expect(await post(own, (await own.as()).headers)).toBe(200)
    ;(await own.attack(serving(own.auth, signedIn), ['GET /'])).expectNothingLetIn()
  })
})

test('the format of a preset is attacked for what it is: simplejwt without an audience takes the tokens of others', async () => {
  const audiences = new Set(['wrong-audience', 'audience-of-others', 'unreadable-audience'])
  for (const [settings, found] of [
    [{}, audiences],
    [{ AUDIENCE: 'https://api.example.com' }, new Set()],
  ] as const) {
    const { auth, attack } = kit(testAuth({ preset: simplejwt({ SIGNING_KEY: SECRET, ...settings }) }))
    const report = await attack(serving(auth, signedIn), ['GET /'])
    expect([report.untested, new Set(report.letIn.map((one) => one.class))]).toEqual([[], found])
    const refresh = report.sent.filter((one) => one.class === 'refresh-as-access').map(({ name }) => name)
    expect(refresh).toEqual(['token_type refresh', "the session's own refresh token"])
  }
})

describe('the clock', () => {
  test('is shared by what issues and what verifies, and stands still', async () => {
    const { auth, as, clock } = kit(testAuth({ accessLifetime: '1m' }))
    const app = serving(auth, signedIn)
    const { headers } = await as()
    clock.advance(59)
    expect((await app.request('/', { headers })).status).toBe(200)
    clock.advance('1s')
    const late = await app.request('/', { headers })
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([401, 'token_expired'])
    clock.set(clock() - 30)
    expect((await app.request('/', { headers })).status).toBe(200)
    expect(() => clock.advance('soon')).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  })

  test('of an auth that exists is the one it was made with, or is not to be moved', async () => {
    const clock = testClock(1_700_000_000)
    const options = { issuer: 'https://api.example.com', database: 'memory', secret: SECRET } as const
    const own = kit(testAuth(createAuth({ ...options, clock }), { clock }))
    expect((await own.as()).claims.iat).toBe(1_700_000_000)
    expect(own.clock).toBe(clock)
    const live = kit(testAuth(createAuth(options)))
    expect(Math.abs(live.clock() - Date.now() / 1000)).toBeLessThan(60)
    expect(() => live.clock.advance('1h')).toThrow('clock of its own')
    ;(await live.attack(serving(live.auth, signedIn), ['GET /'])).expectNothingLetIn()
  })
})

describe('a defective token by name', () => {
  test('is refused with its code', async () => {
    const { auth, defective, defects } = kit(testAuth())
    const app = serving(auth, signedIn)
    const wanted = {
      expired: 'token_expired',
      'missing-audience': 'token_audience',
      'alg-none': 'token_invalid',
    } as const
    for (const [name, code] of Object.entries(wanted)) {
      const bad = await defective(name as keyof typeof wanted)
      const response = await app.fetch(bad.request())
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, code])
      expect([bad.codes, bad.meaning]).toEqual([[code], defectClasses[name as keyof typeof wanted].meaning])
    }
    for (const name of ['revoked', 'disabled-user', 'old-permissions', 'refresh-as-access'] as const) {
      const { headers, codes } = await defective(name)
      const { code } = (await (await app.request('/', { headers })).json()) as { code: string }
      expect(codes).toContain(code)
    }
    await expect(defective('signature-plus-order')).rejects.toThrow('no token of the class')
    // @ts-expect-error a request may carry two, a token is one
    await expect(defective('two-headers')).rejects.toThrow(TypeError)
    expect((await defects({ sub: 'alice' })).length).toBeGreaterThan(250)
  })
})

describe('a fake issuer', () => {
  test('is believed by its keys alone, without a network', async () => {
    const clock = testClock()
    const issuer = fakeIssuer({ audience: 'https://reports.example.com', clock, claims: { tenant: 'a' } })
    const auth = remoteAuth(issuer.url, { audience: 'https://reports.example.com', keys: issuer.keys, clock })
    const app = serving(auth, scope('reports'))
    const caller = issuer.as({ sub: 'a-1', scopes: ['reports'], claims: { plan: 'pro' } })
    expect(caller.claims).toMatchObject({ sub: 'a-1', tenant: 'a', plan: 'pro', iss: 'https://issuer.test' })
    expect((await app.request('/', { headers: caller.headers })).status).toBe(200)
    expect((await contextOf(auth as never)(caller.request())).auth?.subject).toBe('a-1')
    expect((await app.request('/', { headers: issuer.defective('wrong-issuer').headers })).status).toBe(401)
    ;(await issuer.attack(app, ['GET /'], { as: caller })).expectNothingLetIn()
    await auth.close()
  })

  test('beside our own tokens, its users are ours', async () => {
    const clock = testClock()
    const issuer = fakeIssuer({ clock })
    const { auth } = kit(
      testAuth({ clock, issuers: [{ issuer: issuer.url, keys: issuer.keys, audience: 'https://api.example.com' }] }),
    )
    const app = express()
    app.use(forExpress.authenticate(auth))
    app.get('/', forExpress.authorize(signedIn), (request, response) => void response.json(auth.of(request)?.userId))
    const report = await issuer.attack(app, ['GET /'])
    report.expectNothingLetIn()
    expect(await auth.identities?.find({ issuer: issuer.url, subject: 'test-user' })).toBeDefined()
  })

  test('answers what an issuer answers, to whatever takes a fetch', async () => {
    const issuer = fakeIssuer({ algorithm: 'RS256', issuer: 'https://login.example.com/tenant' })
    const found = await issuer.fetch(`${issuer.url}/.well-known/openid-configuration`)
    const { jwks_uri: uri, issuer: named } = (await found.json()) as { jwks_uri: string; issuer: string }
    expect(named).toBe(issuer.url)
    expect((await issuer.fetch(new URL('/nothing', issuer.url))).status).toBe(404)
    const keys = createRemoteJWKSet(new URL(uri), { [customFetch]: issuer.fetch, cooldownDuration: 0 })
    const { payload } = await jwtVerify(issuer.token({ sub: 'x' }), keys, { issuer: issuer.url })
    expect(payload.sub).toBe('x')
    const before = issuer.token()
    issuer.rotate()
    await jwtVerify(issuer.token(), keys)
    expect(issuer.jwks.keys).toHaveLength(2)
    await jwtVerify(before, createRemoteJWKSet(new URL(uri), { [customFetch]: issuer.fetch }))
    issuer.rotate({ forget: true })
    expect(issuer.jwks.keys).toHaveLength(1)
  })

  test('listens when asked, and its outage is an outage', async () => {
    const issuer = fakeIssuer()
    const url = await issuer.listen()
    expect([issuer.url, url]).toEqual([url, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)])
    const auth = remoteAuth(url, { audience: 'https://api.example.com', development: true })
    const { token } = issuer.as()
    expect((await auth.tokens.verify(token)).subject).toBe('test-user')
    await issuer.close()
    const cold = remoteAuth(url, { audience: 'https://api.example.com', development: true })
    await expect(Promise.resolve().then(() => cold.tokens.verify(token))).rejects.toMatchObject({
      code: 'issuer_unreachable',
    })
    expect(await issuer.listen(Number(new URL(url).port))).toBe(url)
    await issuer.close()
    await Promise.all([auth.close(), cold.close()])
  })

  test('shares a secret, where that is the way', async () => {
    const issuer = fakeIssuer({ algorithm: 'HS256', key: { secret: SECRET } })
    expect([issuer.verifyKey, issuer.jwks.keys, issuer.keys]).toEqual([SECRET, [], { secret: SECRET }])
    const { payload } = await jwtVerify(issuer.token(), new TextEncoder().encode(SECRET), { algorithms: ['HS256'] })
    expect(payload.aud).toBe('https://api.example.com')
    expect(() => fakeIssuer({ algorithm: 'HS256', key: { secret: 'short' } })).toThrow(
      expect.objectContaining({ code: 'options_invalid' }),
    )
  })
})

test('callers are typed by the auth: its users, its claims, and no others', async () => {
  const made = () => testAuth({ claims: () => ({ plan: 'pro' as 'pro' | 'free' }) })
  type Made = ReturnType<typeof made>
  type Person = NonNullable<Parameters<Made['as']>[0]>
  expectTypeOf<Awaited<ReturnType<Made['as']>>['claims']['plan']>().toEqualTypeOf<'pro' | 'free'>()
  expectTypeOf<Person['user']>().toEqualTypeOf<Account | undefined>()
  expectTypeOf<{ claims: { plan: 'free'; other: 1 } }>().toExtend<Person>()
  expectTypeOf<{ claims: { plan: 'gold' } }>().not.toExtend<Person>()
  expectTypeOf<Made['auth']['users']['byUsername']>().returns.resolves.toEqualTypeOf<Account | undefined>()
  // @ts-expect-error no option of createAuth
  expect(() => testAuth({ isuer: 'https://api.example.com' })).toThrow(
    expect.objectContaining({ code: 'options_invalid' }),
  )
  // @ts-expect-error a database is no number
  const wrong = () => testAuth({ database: 7 })
  expect(wrong).toThrow()
})
