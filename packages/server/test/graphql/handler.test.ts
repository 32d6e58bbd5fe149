/** GraphQL takes the tokens of REST, refuses what REST refuses, and runs nothing that could be too much. */
import { apiToken, jwt } from 'latchkey'
import { expect, test } from 'vitest'
import { PASSWORD, startServer } from '../server-kit.js'

const ME = '{ me { id username email permissions } }'
const LOGIN = `mutation ($password: String!) {
  login(username: "alice", password: $password) {
    accessToken tokenType expiresIn refreshToken refreshExpiresIn user { username permissions }
  }
}`

test('the token of a REST login tells GraphQL who is calling', async () => {
  const { addAlice, graphql } = await startServer()
  const { user, tokens } = await addAlice()
  const { status, body } = await graphql(ME, { token: tokens.access_token })
  expect(status).toBe(200)
  expect(body).toEqual({
    data: { me: { id: user.id, username: 'alice', email: 'alice@example.com', permissions: ['posts:*'] } },
  })
})

test('an API token tells GraphQL who is calling, until it is revoked', async () => {
  const { auth, addAlice, graphql } = await startServer({ auth: { authenticators: [jwt(), apiToken()] } })
  const { user } = await addAlice()
  const { id, token } = await auth.apiTokens.create(user.id, { name: 'x', permissions: [] })
  expect((await graphql(ME, { token })).body.data.me).toMatchObject({ id: user.id })
  await auth.apiTokens.revoke(id)
  expect((await graphql(ME, { token })).body.errors[0].extensions.code).toBe('token_revoked')
})

test('login, refresh and logout by GraphQL are those of REST', async () => {
  const { addAlice, call, graphql } = await startServer()
  await addAlice()
  const { login } = (await graphql(LOGIN, { variables: { password: PASSWORD } })).body.data
  expect(login).toMatchObject({ tokenType: 'Bearer', expiresIn: 300, user: { username: 'alice' } })
  expect((await call('GET', '/auth/me', { token: login.accessToken })).status).toBe(200)

  const refreshed = await graphql('mutation ($t: String!) { refresh(refreshToken: $t) { accessToken refreshToken } }', {
    variables: { t: login.refreshToken },
  })
  const { accessToken, refreshToken } = refreshed.body.data.refresh
  expect(refreshToken).not.toBe(login.refreshToken)
  expect((await graphql('mutation { logout }', { token: accessToken })).body).toEqual({ data: { logout: true } })
  expect((await call('GET', '/auth/me', { token: accessToken })).body.code).toBe('token_revoked')
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })).body.code).toBe(
    'session_revoked',
  )
})

test('an anonymous caller is nobody, and that is no error', async () => {
  const { graphql } = await startServer()
  expect((await graphql(ME)).body).toEqual({ data: { me: null } })
})

test('a bad token on an open field gives null, with the code at the field and beside the answer', async () => {
  const { addAlice, auth, clock, graphql } = await startServer()
  const { user, tokens } = await addAlice()
  const forged = `${tokens.access_token.slice(0, -8)}AAAAAAAA`
  const cases: [string, string, () => unknown][] = [
    ['token_invalid', 'garbage', () => {}],
    ['token_invalid', forged, () => {}],
    ['token_revoked', tokens.access_token, () => auth.revoke({ user: user.id })],
    ['token_expired', tokens.access_token, () => (clock.now += 301)],
  ]
  for (const [code, token, act] of cases) {
    await act()
    const { status, body } = await graphql(ME, { token })
    expect(status).toBe(200)
    expect(body.data).toEqual({ me: null })
    expect(body.errors).toEqual([expect.objectContaining({ path: ['me'], extensions: { code } })])
    expect(body.extensions).toEqual({ code })
  }
})

test('refusals carry the codes and the problems of REST', async () => {
  const { addAlice, graphql } = await startServer()
  await addAlice()
  const refused = async (query: string, variables?: object) =>
    (await graphql(query, { ...(variables && { variables }) })).body.errors[0].extensions
  expect(await refused(LOGIN, { password: 'wrong one here' })).toEqual({ code: 'login_failed' })
  expect(await refused(LOGIN, { password: '\0' })).toEqual({
    code: 'request_invalid',
    problems: [{ path: 'password', rule: 'nul', message: expect.any(String) }],
  })
  expect(await refused(LOGIN, { password: 'x'.repeat(2_000) })).toMatchObject({ problems: [{ rule: 'long' }] })
  expect(await refused('mutation { refresh(refreshToken: "nonsense") { accessToken } }')).toEqual({
    code: 'refresh_invalid',
  })
  expect(await refused('mutation { logout }')).toEqual({ code: 'credential_missing' })
})

test('guesses by GraphQL and by REST are counted together', async () => {
  const { addAlice, call, graphql } = await startServer()
  await addAlice()
  const codes: string[] = []
  for (let i = 0; i < 6; i += 1) {
    codes.push((await graphql(LOGIN, { variables: { password: 'wrong guess' } })).body.errors[0].extensions.code)
    codes.push((await call('POST', '/auth/login', { body: { username: 'alice', password: 'wrong guess' } })).body.code)
  }
  expect(codes.indexOf('login_throttled')).toBe(10)
  const last = (await graphql(LOGIN, { variables: { password: PASSWORD } })).body.errors[0].extensions
  expect(last).toEqual({ code: 'login_throttled', retryAfter: expect.any(Number) })
})

const nested = (depth: number) => `${'{ me '.repeat(depth)}${'}'.repeat(depth)}`
const times = (n: number, text: (i: number) => string) => Array.from({ length: n }, (_, i) => text(i)).join(' ')

test('a document that asks for too much is refused before anything runs', async () => {
  const { addAlice, auth, call } = await startServer()
  await addAlice()
  let attempts = 0
  auth.events.on('login.failed', () => {
    attempts += 1
  })
  const wrong = 'login(username: "alice", password: "wrong") { tokenType }'
  const rows: [string, string][] = [
    ['two logins', `mutation { a: ${wrong} b: ${wrong} }`],
    ['a thousand aliased logins', `mutation { ${times(1_000, (i) => `a${i}: ${wrong}`)} }`],
    ['a login and a refresh', `mutation { a: ${wrong} b: refresh(refreshToken: "x") { tokenType } }`],
    [
      'logins in fragments',
      `mutation { ...A ...B } fragment A on Mutation { a: ${wrong} } fragment B on Mutation { b: ${wrong} }`,
    ],
    ['two operations with a login each', `mutation A { ${wrong} } mutation B { ${wrong} }`],
    ['depth 1,000', nested(1_000)],
    ['depth 9', nested(9)],
    ['a fragment cycle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['16 aliases', `{ me { ${times(16, (i) => `a${i}: id`)} } }`],
    ['10,000 aliases', `{ me { ${times(10_000, (i) => `a${i}: id`).slice(0, 60_000)} } }`],
    ['11 root fields', `{ ${times(11, () => '__typename')} }`],
    ['10,000 directives', `{ me { id ${'@include(if: true) '.repeat(3_000)} } }`],
    [
      'introspection in a circle',
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    ],
  ]
  for (const [name, query] of rows) {
    const start = performance.now()
    const { status, body } = await call('POST', '/graphql', { body: { query, operationName: null } })
    expect([name, status < 500, body.data ?? null]).toEqual([name, true, null])
    // Refused by its size, or by what it asks for.
    expect(status === 413 || body.errors.length > 0).toBe(true)
    expect(performance.now() - start).toBeLessThan(250)
  }
  expect(attempts).toBe(0)
})

test('fragments that each spread the next one twice, ninety times over, take no time', async () => {
  const { graphql } = await startServer()
  const chain = times(90, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
  const start = performance.now()
  const { body } = await graphql(`{ ...F0 } ${chain} fragment F90 on Query { me { id } }`)
  expect(body).toEqual({ data: { me: null } })
  expect(performance.now() - start).toBeLessThan(2_000)
})

test('only JSON by POST changes anything, and only a small one', async () => {
  const { call } = await startServer()
  const query = 'mutation { logout }'
  const post = async (body: string, type = 'application/json', headers = {}) =>
    (await call('POST', '/graphql', { body, headers: { 'content-type': type, ...headers } })).status
  const statuses = {
    array: await post(JSON.stringify([{ query }])),
    text: await post(JSON.stringify({ query }), 'text/plain'),
    form: await post(`query=${encodeURIComponent(query)}`, 'application/x-www-form-urlencoded'),
    document: await post(query, 'application/graphql'),
    gzip: await post('x', 'application/json', { 'content-encoding': 'gzip' }),
    empty: await post(''),
    garbage: await post('{'),
    null: await post('null'),
    number: await post('1'),
    noQuery: await post('{}'),
    wrongQuery: await post('{"query":{}}'),
    wrongVariables: await post('{"query":"{ __typename }","variables":"x"}'),
    large: await post(JSON.stringify({ query: `{ me { id } } #${'x'.repeat(66_000)}` })),
    manyVariables: await post(JSON.stringify({ query: '{ __typename }', variables: times(20_000, (i) => `v${i}`) })),
    prototype: await post('{"query":"{ __typename }","variables":{"__proto__":{"x":1}}}'),
    mutationByGet: (await call('GET', `/graphql?query=${encodeURIComponent(query)}`)).status,
    queryByGet: (await call('GET', `/graphql?query=${encodeURIComponent('{ __typename }')}`)).status,
    put: (await call('PUT', '/graphql', { body: {} })).status,
  }
  expect(statuses).toEqual({
    array: 400,
    text: 415,
    form: 415,
    document: 415,
    gzip: 415,
    empty: 400,
    garbage: 400,
    null: 400,
    number: 400,
    // A well-formed request whose errors are in the body, as the specification has it for this media type.
    noQuery: 200,
    wrongQuery: 400,
    wrongVariables: 400,
    large: 413,
    manyVariables: 413,
    prototype: 200,
    mutationByGet: 405,
    queryByGet: 200,
    put: 405,
  })
})

test('in production a stranger learns nothing of the schema; a caller with a token does', async () => {
  const { addAlice, graphql } = await startServer()
  const { tokens } = await addAlice()
  const introspection = '{ __schema { types { name } } }'
  expect((await graphql(introspection)).body.data).toBeUndefined()
  expect((await graphql('{ mee { id } }')).text).not.toContain('Did you mean')
  expect(
    (await graphql(introspection, { token: tokens.access_token })).body.data.__schema.types.length,
  ).toBeGreaterThan(3)
  expect((await graphql('{ mee { id } }', { token: tokens.access_token })).text).toContain('Did you mean')
})

test('in development everybody may look at the schema, with the query that tools use', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  const { graphql } = await startServer({ development: true })
  const { body } = await graphql(getIntrospectionQuery())
  expect(body.data.__schema.queryType.name).toBe('Query')
})

test('where GraphQL requires authentication, strangers and bad tokens get 401 and a challenge', async () => {
  const { addAlice, call, graphql } = await startServer({ requireAuthentication: { rest: false, graphql: true } })
  const { tokens } = await addAlice()
  for (const [token, code] of [
    [undefined, 'credential_missing'],
    ['garbage', 'token_invalid'],
  ] as const) {
    const answer = await graphql('{ __typename }', { ...(token && { token }) })
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([401, code])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
  }
  expect((await graphql(ME, { token: tokens.access_token })).body.data.me.username).toBe('alice')
  expect((await call('GET', '/')).status).toBe(200)
})

test('a fault is masked, told to the log alone, and found there by the id of the request', async () => {
  const { addAlice, auth, graphql, lines } = await startServer()
  const { tokens } = await addAlice()
  auth.operations.me = async () => {
    throw new Error('SELECT * FROM users: disk I/O error')
  }
  const { body, headers, text } = await graphql(ME, { token: tokens.access_token })
  expect(body.errors[0].extensions).toEqual({ code: 'store_failed', requestId: headers.get('x-request-id') })
  expect(text).not.toMatch(/SELECT|disk|\.ts|\.js/)
  expect(body.extensions.requestId).toBe(headers.get('x-request-id'))
  expect(lines.join('')).toContain('disk I/O error')
})
