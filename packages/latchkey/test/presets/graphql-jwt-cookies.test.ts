/** Cookies of django-graphql-jwt: set and deleted as it does, for this site alone; and tokens as arguments, each for its own field. */
import { expect, test } from 'vitest'
import { application, client, type Json, ORIGIN } from './graphql-jwt-kit.js'

const credentials = { username: 'alice', password: 'password' }
const login = (more = '') =>
  `mutation ($username: String!, $password: String!) { tokenAuth(username: $username, password: $password) { payload refreshExpiresIn ${more} } }`
const VIEWER = '{ viewer { username } }'
const FORBIDDEN = 'You do not have permission to perform this action'
const LONG = { jwt_cookie: true, JWT_LONG_RUNNING_REFRESH_TOKEN: true }
const line = (jar: Readonly<Record<string, string>>) =>
  Object.entries(jar)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')

async function browser(...given: Parameters<typeof application>) {
  const app = await application(...given)
  const ask = client(app)
  const jar: Record<string, string> = {}
  return { ...app, ask, jar, as }

  /** With the cookies of before, keeping those that are set. */
  async function as(query: string, headers: Record<string, string> = {}, variables: object = credentials) {
    const answer = await ask(query, { headers: { cookie: line(jar), origin: ORIGIN, ...headers }, variables })
    for (const [name, value] of Object.entries(answer.jar)) {
      if (value === '""') delete jar[name]
      else jar[name] = value
    }
    return answer
  }
}

test('both tokens are set, read without an argument, renewed and deleted one by one (fault 41)', async () => {
  const { as, jar, clock, auth } = await browser(LONG)
  const first = await as(login('token refreshToken'))
  expect(first.set.map((one) => one.replace(/=[^;]*; expires=[^;]*/, ''))).toEqual([
    'JWT; HttpOnly; Max-Age=300; Path=/; SameSite=Lax; Secure',
    'JWT-refresh-token; HttpOnly; Max-Age=604800; Path=/; SameSite=Lax; Secure',
  ])
  expect(jar).toEqual({ JWT: first.data.tokenAuth.token, 'JWT-refresh-token': first.data.tokenAuth.refreshToken })
  expect((await as(VIEWER)).data.viewer.username).toBe('alice')
  expect((await as('mutation { verifyToken { payload } }')).data.verifyToken.payload).toEqual(
    first.data.tokenAuth.payload,
  )
  clock.now += 200
  // Asked for or not: the cookie brings the next one.
  const before = { ...jar }
  expect((await as('mutation { refreshToken { refreshExpiresIn } }')).messages).toEqual([])
  expect(jar['JWT-refresh-token']).not.toBe(before['JWT-refresh-token'])
  clock.now += 250
  expect((await as('mutation { refreshToken { payload } }', { cookie: line(before) })).messages).toEqual([
    'Invalid refresh token',
  ])
  expect(await auth.sessions.list('1')).toEqual([])
})

test('an expired cookie can be deleted, and a deletion ends nothing that a revocation would', async () => {
  const { as, jar, clock, auth } = await browser(LONG)
  await as(login())
  clock.now += 400
  expect((await as(VIEWER)).messages).toEqual(['Signature has expired'])
  const gone = await as('mutation { deleteTokenCookie { deleted } }')
  expect([gone.data, gone.set]).toEqual([
    { deleteTokenCookie: { deleted: true } },
    ['JWT=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'],
  ])
  expect((await as(VIEWER)).messages).toEqual([FORBIDDEN])
  expect((await as('mutation { refreshToken { payload } }')).data.refreshToken.payload.username).toBe('alice')
  expect((await as('mutation { revokeToken { revoked } }')).data).toEqual({ revokeToken: { revoked: clock.now } })
  expect(await auth.sessions.list('1')).toEqual([])
  expect((await as('mutation { deleteRefreshTokenCookie { deleted } }')).data.deleteRefreshTokenCookie.deleted).toBe(
    true,
  )
  expect((await as('mutation { deleteRefreshTokenCookie { deleted } }')).data.deleteRefreshTokenCookie.deleted).toBe(
    false,
  )
  expect(Object.keys(jar)).toEqual(['JWT'])
  expect((await as('mutation { revokeToken { revoked } }')).messages).toEqual(['Refresh token is required'])
})

test('no other site signs in, acts, refreshes, revokes or deletes by the cookies (fault 41)', async () => {
  const { as, jar, auth } = await browser(LONG)
  await as(login())
  const kept = { ...jar }
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    for (const query of [
      login(),
      'mutation { refreshToken { payload } }',
      'mutation { revokeToken { revoked } }',
      'mutation { deleteTokenCookie { deleted } }',
      'mutation { deleteRefreshTokenCookie { deleted } }',
    ]) {
      const { set, errors } = await as(query, headers as never)
      expect([query, set, errors?.[0].extensions.code]).toEqual([query, [], 'csrf_failed'])
    }
    const { status, data } = await as('mutation { touch }', headers as never)
    expect([status, data ?? null]).toEqual([403, null])
  }
  expect(jar).toEqual(kept)
  expect(await auth.sessions.list('1')).toHaveLength(1)
  expect((await as('mutation { touch }')).data).toEqual({ touch: '1' })
})

test('a cookie that stands twice is none, whoever planted the other one, and both can be deleted', async () => {
  const { ask, as, jar } = await browser(LONG)
  await as(login())
  for (const [name, query] of [
    ['JWT', 'mutation { verifyToken { payload } }'],
    ['JWT-refresh-token', 'mutation { refreshToken { payload } }'],
    ['JWT-refresh-token', 'mutation { revokeToken { revoked } }'],
  ] as const) {
    const headers = { cookie: `${name}=${jar[name]}; ${name}=planted`, origin: ORIGIN }
    const { set, errors } = await ask(query, { headers })
    expect([query, set, errors[0].extensions?.code]).toEqual([query, [], 'credential_ambiguous'])
    const which = name === 'JWT' ? 'deleteTokenCookie' : 'deleteRefreshTokenCookie'
    expect((await ask(`mutation { ${which} { deleted } }`, { headers })).data[which].deleted).toBe(true)
  }
  expect((await as('mutation { refreshToken { payload } }')).messages).toEqual([])
})

test('JWT_CSRF_ROTATION demands what the page repeats, new with every login', async () => {
  const { as, jar } = await browser({ ...LONG, JWT_CSRF_ROTATION: true })
  const first = await as(login())
  expect(first.set.at(-1)).toMatch(/^csrftoken=[\da-f]{64}; expires=[^;]*; Max-Age=31449600; Path=\/; SameSite=Lax$/)
  const csrf = { 'x-csrftoken': jar.csrftoken as string }
  expect((await as('mutation { touch }')).errors[0].extensions.code).toBe('csrf_failed')
  expect((await as('mutation { touch }', csrf)).data).toEqual({ touch: '1' })
  expect((await as('mutation { refreshToken { payload } }')).errors[0].extensions.code).toBe('csrf_failed')
  expect((await as('mutation { refreshToken { payload } }', csrf)).messages).toEqual([])
  await as(login())
  expect(jar.csrftoken).not.toBe(csrf['x-csrftoken'])
})

test('hidden tokens are in the cookies alone, and the header comes first', async () => {
  const { as, ask } = await browser({
    ...LONG,
    JWT_HIDE_TOKEN_FIELDS: true,
    JWT_COOKIE_NAME: 'session',
    JWT_COOKIE_PATH: '/graphql',
  })
  expect((await as(login('token'))).data ?? null).toBeNull()
  expect((await as(login('refreshToken'))).data ?? null).toBeNull()
  const { set } = await as(login())
  expect(set[0]).toMatch(/^session=.*; Path=\/graphql; /)
  expect((await as(VIEWER)).data.viewer.username).toBe('alice')
  expect((await as(VIEWER, { authorization: 'JWT garbage' })).messages).toEqual(['Error decoding signature'])
  // A header that is none of ours, or cannot be read, is as good as none.
  for (const authorization of ['Basic YTpi', 'JWT', 'JWT a b'])
    expect((await as(VIEWER, { authorization })).data.viewer.username).toBe('alice')
  expect((await ask(VIEWER)).messages).toEqual([FORBIDDEN])
  const twice = await ask(VIEWER, { headers: { cookie: 'session=a; session=b', origin: ORIGIN } })
  expect([twice.status, twice.data ?? null]).toEqual([400, null])
})

const A = { JWT_ALLOW_ARGUMENT: true }
const BOTH =
  'query ($a: String, $b: String) { viewerA: viewer(token: $a) { username } viewerB: viewer(token: $b) { username } }'

async function two(...given: Parameters<typeof application>) {
  const app = await application({ ...A, ...given[0] }, given[1])
  const ask = client(app)
  const of = async (username: string): Promise<string> =>
    (await ask(login('token'), { variables: { ...credentials, username } })).data.tokenAuth.token
  return { ...app, ask, a: await of('alice'), b: await of('bob') }
}

test('two users in one request, each of them in their own field', async () => {
  const { ask, a, b } = await two()
  const both = { viewerA: { username: 'alice' }, viewerB: { username: 'bob' } }
  expect((await ask(BOTH, { variables: { a, b } })).data).toEqual(both)
  // Neither is the other's, in whichever order and beside whichever header.
  expect((await ask(BOTH, { variables: { a: b, b: a }, headers: { authorization: `JWT ${a}` } })).data).toEqual({
    viewerA: { username: 'bob' },
    viewerB: { username: 'alice' },
  })
  expect((await ask(BOTH, { variables: { b }, headers: { authorization: `JWT ${a}` } })).data).toEqual(both)
  const one = await ask(BOTH, { variables: { b } })
  expect([one.data, one.messages]).toEqual([{ viewerA: null, viewerB: { username: 'bob' } }, [FORBIDDEN]])
  expect((await ask('mutation ($b: String) { touch(token: $b) }', { variables: { b } })).data).toEqual({ touch: '2' })
})

test('a bad token refuses its field alone, and a good header does not mend it', async () => {
  const { ask, a, b, clock } = await two()
  const headers = { authorization: `JWT ${b}` }
  for (const bad of ['garbage', 'a b', `${a}, JWT ${b}`, 'ü', `${a}\n`, 'x'.repeat(9_000)]) {
    const { status, data, messages } = await ask(BOTH, { variables: { a: bad, b }, headers })
    expect([status, data, messages]).toEqual([
      200,
      { viewerA: null, viewerB: { username: 'bob' } },
      ['Error decoding signature'],
    ])
  }
  clock.now += 301
  expect((await ask(BOTH, { variables: { a } })).messages.toSorted()).toEqual(['Signature has expired', FORBIDDEN])
})

test('what stands below a field has its caller, lists too, and a token of its own comes before that', async () => {
  const { ask, a, b } = await two()
  const query = `query ($a: String, $b: String) {
    open(token: $a) { who self { username friends { username } } }
    viewer(token: $b) { username friends(token: $a) { username friends { username } } }
  }`
  expect((await ask(query, { variables: { a, b } })).data).toEqual({
    open: { who: 'alice', self: { username: 'alice', friends: [{ username: 'alice' }, { username: 'alice' }] } },
    viewer: {
      username: 'bob',
      friends: [1, 2].map(() => ({ username: 'alice', friends: [{ username: 'alice' }, { username: 'alice' }] })),
    },
  })
  // Rules ask the caller of their own field, not of the one before.
  const stranger: Json = await ask(
    'query ($a: String) { a: open(token: $a) { self { username } } b: open { self { username } } }',
    { variables: { a } },
  )
  expect([stranger.data, stranger.messages]).toEqual([
    { a: { self: { username: 'alice' } }, b: { self: null } },
    [FORBIDDEN],
  ])
})

test('a token whose user is gone is a stranger, never the user of another field', async () => {
  const { ask, auth, a, b } = await two()
  await auth.users.remove('2')
  const { data } = await ask(
    'query ($a: String, $b: String) { a: open(token: $a) { who } b: open(token: $b) { who } }',
    {
      variables: { a, b },
      headers: { authorization: `JWT ${a}` },
    },
  )
  expect(data.a).toEqual({ who: 'alice' })
  expect(data.b?.who ?? null).toBeNull()
})

test('what signs in looks at no token; what JWT_ALLOW_ANY_CLASSES or the handler names looks at none either', async () => {
  const { ask, a } = await two({
    JWT_ALLOW_ANY_CLASSES: ['Open'],
    JWT_ALLOW_ANY_HANDLER: ({ name }) => name === 'staff',
  })
  const bad = { headers: { authorization: 'JWT garbage' } }
  expect((await ask(login('token'), { ...bad, variables: credentials })).data.tokenAuth.token).toEqual(
    expect.any(String),
  )
  const verify = 'mutation ($a: String) { verifyToken(token: $a) { payload } }'
  expect((await ask(verify, { ...bad, variables: { a } })).data.verifyToken.payload.username).toBe('alice')
  expect((await ask('{ open { who } test staff }', bad)).messages).toEqual([
    'Error decoding signature',
    'Error decoding signature',
  ])
  expect((await ask('{ open { who } test }', bad)).data).toEqual({ open: { who: null }, test: null })
  expect((await ask('query ($a: String) { open(token: $a) { who } }', { variables: { a } })).data).toEqual({
    open: { who: null },
  })
})
