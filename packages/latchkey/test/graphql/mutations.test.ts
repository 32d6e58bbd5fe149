/** Signing in and out by GraphQL is what it is in REST: one throttle, one set of sessions, the same cookies; on every server. */
import { buildSchema, graphql } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { contextOf, directives, protect, withAuthMutations } from '../../src/graphql/index.js'
import { type AuthOptions, bearer, oneCookie, passwords, splitCookies } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { PASSWORD, signedIn } from '../auth-kit.js'
import type { Json } from './kit.js'
import { type Start, servers } from './servers.js'

const sdl = `${directives} type Query { me: String @authenticated open: String @public } type Mutation { touch: String @authenticated }`
const tokens =
  'accessToken tokenType expiresIn refreshToken refreshExpiresIn csrfToken scope user { id username email permissions }'
const LOGIN = `mutation ($password: String!) { tokenAuth(username: "alice", password: $password) { ${tokens} } }`
const REFRESH = `mutation ($token: String) { refreshToken(refreshToken: $token) { ${tokens} } }`

async function started(start: Start, options: Partial<AuthOptions<Account>> = {}) {
  let hashed = 0
  const counted = { ...passwords<Account>() }
  const login: typeof counted.login = (credentials, tools) => {
    hashed += 1
    return passwords<Account>().login(credentials, tools)
  }
  const kit = await signedIn({ login: [{ ...counted, login }], ...options })
  const schema = withAuthMutations(buildSchema(sdl), kit.auth)
  const root: Json = schema.getQueryType()?.getFields()
  root.me.resolve = (_source: unknown, _args: unknown, { auth }: Json) => auth.userId
  root.open.resolve = () => 'open'
  const changing: Json = schema.getMutationType()?.getFields()
  changing.touch.resolve = () => 'touched'
  const { url, close } = await start(kit.auth as never, schema, { development: false })
  onTestFinished(async () => {
    await close()
    await kit.auth.close()
  })
  hashed = 0
  return { ...kit, hashed: () => hashed, send }

  /** A browser or a script: headers as given, cookies told apart. */
  async function send(query: string, variables: object = {}, headers: Record<string, string> = {}, method = 'POST') {
    const body = JSON.stringify({ query, variables })
    const isPost = method === 'POST'
    const response = await fetch(isPost ? url : `${url}?query=${encodeURIComponent(query)}`, {
      method,
      headers: { ...(isPost && { 'content-type': 'application/json' }), ...headers },
      body: isPost ? body : null,
    })
    const set = response.headers.getSetCookie()
    const jar = Object.fromEntries(set.map((line) => line.split(';', 1)[0]?.split(/=(.*)/s) as [string, string]))
    const answer: Json = await response.json()
    const code = answer.errors?.[0].extensions?.code
    return {
      status: response.status,
      set,
      jar,
      data: answer.data,
      code,
      errors: answer.errors,
      headers: response.headers,
    }
  }
}

// A compiled query answers a mutation as any other.
const all = Object.entries(servers).filter(([name]) => name !== 'mercurius compiled')

describe.each(all)('%s', (_name, start) => {
  test('tokens are handed out, traded, verified and ended, and REST knows them', async () => {
    const { send, call, user, auth } = await started(start)
    const { data } = await send(LOGIN, { password: PASSWORD })
    expect(data.tokenAuth).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 300,
      refreshToken: expect.any(String),
      refreshExpiresIn: expect.any(Number),
      csrfToken: null,
      scope: null,
      user: { id: user.id, username: 'alice', email: 'alice@example.com', permissions: ['posts:*'] },
    })
    const { accessToken, refreshToken } = data.tokenAuth
    expect((await call('GET', '/auth/me', { token: accessToken })).body.id).toBe(user.id)
    const verified = await send('mutation ($t: String!) { verifyToken(token: $t) { active claims } }', {
      t: accessToken,
    })
    expect(verified.data.verifyToken).toMatchObject({ active: true, claims: { sub: user.id } })
    const next = (await send(REFRESH, { token: refreshToken })).data.refreshToken
    expect(next.refreshToken).not.toBe(refreshToken)
    const revoke = 'mutation ($t: String) { revokeToken(refreshToken: $t) { revoked } }'
    expect((await send(revoke, { t: next.refreshToken })).data).toEqual({ revokeToken: { revoked: true } })
    expect((await call('POST', '/auth/refresh', { body: { refresh_token: next.refreshToken } })).body.code).toBe(
      'session_revoked',
    )
    expect((await send('{ me }', {}, { authorization: `Bearer ${next.accessToken}` })).code).toBe('token_revoked')
    expect(await auth.sessions.list(user.id)).toHaveLength(1)
    const forget = await send('mutation { deleteTokenCookie { deleted } }')
    expect([forget.data, forget.set]).toEqual([{ deleteTokenCookie: { deleted: false } }, []])
  })

  test('refusals carry the codes and the problems of REST', async () => {
    const { send } = await started(start)
    const said = async (query: string, variables = {}) => (await send(query, variables)).errors[0].extensions
    expect(await said(LOGIN, { password: 'wrong one here' })).toEqual({ code: 'login_failed' })
    expect(await said(LOGIN, { password: '\0' })).toEqual({
      code: 'request_invalid',
      problems: [{ path: 'password', rule: 'nul', message: expect.any(String) }],
    })
    expect(await said('mutation { tokenAuth(username: "", password: "x") { expiresIn } }')).toMatchObject({
      code: 'request_invalid',
    })
    expect(
      await said('mutation { tokenAuth(username: "alice", password: "x", transport: "pigeon") { expiresIn } }'),
    ).toMatchObject({
      code: 'request_invalid',
    })
    expect(await said(REFRESH, { token: 'nonsense' })).toEqual({ code: 'refresh_invalid' })
    expect(await said(REFRESH)).toEqual({ code: 'credential_missing' })
    expect(await said('mutation { revokeToken { revoked } }')).toEqual({ code: 'credential_missing' })
    expect(await said('mutation { verifyToken(token: "x") { active } }')).toEqual({ code: 'token_invalid' })
  })

  test('a thousand aliased logins in one document look at no password, and at one where they come alone (212)', async () => {
    const { send, hashed } = await started(start)
    const login = 'tokenAuth(username: "alice", password: "guess") { expiresIn }'
    const many = Array.from({ length: 1_000 }, (_, i) => `a${i}: ${login}`).join(' ')
    expect((await send(`mutation { ${many} }`)).data ?? null).toBeNull()
    expect((await send(`mutation { a: ${login} b: ${login} }`)).code).toBe('request_invalid')
    expect(
      (
        await send(
          `mutation { ...A ...B } fragment A on Mutation { a: ${login} } fragment B on Mutation { b: ${login} }`,
        )
      ).code,
    ).toBe('request_invalid')
    expect(hashed()).toBe(0)
    expect((await send(`mutation { ${login} ${login} }`)).code).toBe('request_invalid')
    expect((await send(`mutation { ${login} }`)).code).toBe('login_failed')
    expect(hashed()).toBe(1)
  })

  test('guesses by GraphQL and by REST are counted together', async () => {
    const { send, call } = await started(start)
    const found: string[] = []
    for (let i = 0; i < 6; i += 1) {
      found.push((await send(LOGIN, { password: 'wrong guess' })).code)
      found.push(
        (await call('POST', '/auth/login', { body: { username: 'alice', password: 'wrong guess' } })).body.code,
      )
    }
    expect(found.indexOf('login_throttled')).toBe(10)
    const last = await send(LOGIN, { password: PASSWORD })
    expect(last.errors[0].extensions).toEqual({ code: 'login_throttled', retryAfter: expect.any(Number) })
  })

  describe.each([
    ['one cookie', oneCookie()],
    ['split cookies', splitCookies()],
  ] as const)('%s', (_kind, transport) => {
    const options = { transports: [transport, bearer()], silentRefresh: true } as Partial<AuthOptions<Account>>
    const cookies = (jar: Record<string, string>) =>
      Object.entries(jar)
        .map(([name, value]) => `${name}=${value}`)
        .join('; ')

    test('a login sets them, they are a caller, and only our own page may use them (194)', async () => {
      const { send, user } = await started(start, options)
      const { data, jar, headers } = await send(LOGIN, { password: PASSWORD })
      expect(data.tokenAuth).toMatchObject({ accessToken: null, tokenType: null, refreshToken: null })
      const csrf = { 'x-csrf-token': data.tokenAuth.csrfToken }
      const cookie = { cookie: cookies(jar) }
      expect(headers.get('cache-control')).toContain('no-store')
      expect((await send('{ me }', {}, { ...cookie, ...csrf })).data).toEqual({ me: user.id })
      // Without the token of the page: refused where somebody is needed, nobody where not.
      const foreign = await send('mutation { touch }', {}, cookie)
      expect([foreign.status, foreign.code]).toEqual([403, 'csrf_failed'])
      expect((await send('{ open }', {}, cookie)).data).toEqual({ open: 'open' })
      const sibling = await send('mutation { touch }', {}, { ...cookie, ...csrf, 'sec-fetch-site': 'cross-site' })
      expect([sibling.status, sibling.errors[0].extensions]).toEqual([
        403,
        { code: 'csrf_failed', layer: 'fetch-metadata' },
      ])
      // A question by GET needs what no link and no image has.
      const plain = await send('{ me }', {}, cookie, 'GET')
      expect([plain.status, plain.code]).toEqual([403, 'csrf_failed'])
      expect((await send('{ me }', {}, { ...cookie, 'graphql-require-preflight': '1' }, 'GET')).data).toEqual({
        me: user.id,
      })
      expect((await send('{ me }', {}, { ...cookie, 'content-type': 'application/json' }, 'GET')).data).toEqual({
        me: user.id,
      })
    })

    test('a login or a refresh that another site sends is refused, and a refresh and a logout by cookie work', async () => {
      const { send, auth, user } = await started(start, options)
      const other = await send(LOGIN, { password: PASSWORD }, { origin: 'https://evil.example' })
      expect([other.code, other.set]).toEqual(['csrf_failed', []])
      const { data, jar } = await send(LOGIN, { password: PASSWORD })
      const page = { cookie: cookies(jar), 'x-csrf-token': data.tokenAuth.csrfToken }
      expect((await send(REFRESH, {}, { cookie: page.cookie })).code).toBe('csrf_failed')
      const next = await send(REFRESH, {}, page)
      expect(next.data.refreshToken).toMatchObject({ accessToken: null, csrfToken: data.tokenAuth.csrfToken })
      const fresh = { ...page, cookie: cookies({ ...jar, ...next.jar }) }
      const before = (await auth.sessions.list(user.id)).length
      const gone = await send('mutation { revokeToken { revoked } }', {}, fresh)
      expect(gone.data).toEqual({ revokeToken: { revoked: true } })
      expect(gone.set.length).toBeGreaterThan(1)
      expect(gone.set.every((line) => /Max-Age=0/i.test(line))).toBe(true)
      expect(await auth.sessions.list(user.id)).toHaveLength(before - 1)
    })

    test('a browser forgets one cookie or the other, by our own page alone and when its session is over, and no session ends by it', async () => {
      const { send, auth, user, clock } = await started(start, options)
      const forget = (which: string) => `mutation { ${which} { deleted } }`
      const [access, refresh] = ['deleteTokenCookie', 'deleteRefreshTokenCookie'].map(forget) as [string, string]
      const { data, jar } = await send(LOGIN, { password: PASSWORD })
      const csrf = { 'x-csrf-token': data.tokenAuth.csrfToken }
      const cookie = cookies(jar)
      const names = (set: readonly string[]) =>
        set.map((line) => line.slice(0, line.indexOf('='))).toSorted((a, b) => a.localeCompare(b))
      const wanted = {
        access: names(
          Object.keys(jar)
            .filter((name) => /access/.test(name))
            .map((name) => `${name}=`),
        ),
      }

      const other = { cookie, ...csrf, origin: 'https://evil.example' }
      for (const [query, headers] of [
        [access, { cookie }],
        [refresh, { cookie }],
        [access, other],
        [refresh, other],
        [access, { origin: 'https://evil.example' }],
      ] as const) {
        const refused = await send(query, {}, headers)
        expect([refused.code, refused.set]).toEqual(['csrf_failed', []])
      }
      const first = await send(access, {}, { cookie, ...csrf })
      expect([first.data, names(first.set)]).toEqual([{ deleteTokenCookie: { deleted: true } }, wanted.access])
      const second = await send(refresh, {}, { cookie, ...csrf })
      expect([second.data, names(second.set)]).toEqual([
        { deleteRefreshTokenCookie: { deleted: true } },
        ['__Host-refresh_token'],
      ])
      for (const line of [...first.set, ...second.set]) expect(line).toMatch(/^[^=]+=; Max-Age=0; .*Path=\/; .*Secure/)
      // Nothing of ours in the request: there may be some at other paths.
      expect((await send(access)).data).toEqual({ deleteTokenCookie: { deleted: false } })
      expect(names((await send(refresh)).set)).toEqual(['__Host-refresh_token'])
      const both = await send(
        'mutation { deleteTokenCookie { deleted } deleteRefreshTokenCookie { deleted } }',
        {},
        { cookie, ...csrf },
      )
      expect(names(both.set)).toEqual([...wanted.access, '__Host-refresh_token'].toSorted((a, b) => a.localeCompare(b)))
      // Two of one name: whoever planted the other one does not keep anybody from leaving.
      const twice = `${cookie}; ${cookie.split('; ').find((pair) => /access/.test(pair))}`
      expect((await send(access, {}, { cookie: twice, ...csrf })).data).toEqual({
        deleteTokenCookie: { deleted: true },
      })
      expect(await auth.sessions.list(user.id)).toHaveLength(2)

      await auth.revoke({ user: user.id })
      clock.now += 90 * 86_400
      expect((await send(access, {}, { cookie, ...csrf })).data).toEqual({ deleteTokenCookie: { deleted: true } })
    })

    test('an expired access cookie is renewed by the answer to whatever was asked', async () => {
      const { send, clock, user } = await started(start, options)
      const { data, jar } = await send(LOGIN, { password: PASSWORD })
      clock.now += 400
      const page = { cookie: cookies(jar), 'x-csrf-token': data.tokenAuth.csrfToken }
      const renewed = await send('{ me }', {}, page)
      expect([renewed.status, renewed.data]).toEqual([200, { me: user.id }])
      expect(renewed.set.length).toBeGreaterThan(1)
      expect((await send('{ me }', {}, { ...page, cookie: cookies({ ...jar, ...renewed.jar }) })).set).toEqual([])
    })
  })
})

test('a schema without mutations gets them, and one that has such a name is refused', async () => {
  const { auth } = await signedIn()
  onTestFinished(() => auth.close())
  const schema = protect(withAuthMutations(buildSchema(`${directives} type Query { open: Int @public }`), auth))
  const contextValue = await contextOf(auth)(new Request('http://localhost/'))
  const source = `mutation { tokenAuth(username: "alice", password: "${PASSWORD}") { tokenType user { username } } }`
  expect(JSON.parse(JSON.stringify((await graphql({ schema, source, contextValue })).data))).toEqual({
    tokenAuth: { tokenType: 'Bearer', user: { username: 'alice' } },
  })
  const taken = buildSchema('type Query { a: Int } type Mutation { refreshToken: Int }')
  expect(() => withAuthMutations(taken, auth)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  const bare = await graphql({ schema, source, contextValue: { auth: undefined } })
  expect(bare.data ?? null).toBeNull()
})
