/** The preset of django-graphql-jwt answers alike on every GraphQL server: words, statuses, cookies, and a caller for each field. */
import { expect, onTestFinished, test } from 'vitest'
import { servers } from '../graphql/servers.js'
import { application, type Json, ORIGIN } from './graphql-jwt-kit.js'

const LOGIN =
  'mutation ($username: String!, $password: String = "password") { tokenAuth(username: $username, password: $password) { token refreshToken } }'
const QUERY = `query ($a: String, $b: String) {
  a: viewer(token: $a) { username friends { username } }
  b: viewer(token: $b) { username friends(token: $a) { username } }
  test
}`
const REFRESH = 'mutation ($t: String) { refreshToken(refreshToken: $t) { token refreshToken } }'
const FORBIDDEN = 'You do not have permission to perform this action'

test.each(Object.entries(servers))('%s', async (name, start) => {
  const settings = { JWT_ALLOW_ARGUMENT: true, JWT_LONG_RUNNING_REFRESH_TOKEN: true, jwt_cookie: true }
  const { auth, schema, hashed } = await application(settings)
  const { url, close } = await start(auth, schema, { denyByDefault: false, development: false })
  onTestFinished(async () => {
    await close()
    await auth.close()
  })
  async function ask(query: string, variables: object = {}, headers: Record<string, string> = {}) {
    const body = JSON.stringify({ query, variables })
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    const { data, errors = [] }: Json = await response.json()
    return { status: response.status, data, errors, set: response.headers.getSetCookie() }
  }
  const logIn = async (username: string) => (await ask(LOGIN, { username })).data.tokenAuth
  const { token: a, refreshToken } = await logIn('alice')
  const { token: b } = await logIn('bob')

  const both = {
    a: { username: 'alice', friends: [{ username: 'alice' }, { username: 'alice' }] },
    b: { username: 'bob', friends: [{ username: 'alice' }, { username: 'alice' }] },
  }
  // Three times: a server that compiles what it saw before answers alike.
  for (let i = 0; i < 3; i += 1) {
    const { status, data, errors } = await ask(QUERY, { a, b })
    expect([status, data]).toEqual([200, { ...both, test: null }])
    expect(errors).toMatchObject([{ message: FORBIDDEN, path: ['test'] }])
    // Apollo Server gives every error a code: it is ours, then.
    expect(errors[0].extensions?.code).toBe(name === 'apollo' ? 'credential_missing' : undefined)
  }
  const bad = await ask('{ viewer { username } open { who } }', {}, { authorization: 'JWT garbage' })
  expect([bad.status, bad.data, bad.errors.map(({ message }: Json) => message)]).toEqual([
    200,
    { viewer: null, open: null },
    ['Error decoding signature', 'Error decoding signature'],
  ])
  const wrong = await ask(LOGIN, { username: 'alice', password: 'x' }, { authorization: 'JWT garbage' })
  expect([wrong.status, wrong.data, wrong.errors[0].message]).toEqual([
    200,
    { tokenAuth: null },
    'Please enter valid credentials',
  ])

  const cookie = { cookie: `JWT-refresh-token=${refreshToken}`, origin: ORIGIN }
  const next = await ask(REFRESH, {}, cookie)
  expect(next.set.map((one) => one.slice(0, one.indexOf('=')))).toEqual(['JWT', 'JWT-refresh-token'])
  expect((await ask(REFRESH, { t: 'x' })).errors[0]).toMatchObject({
    message: 'Invalid refresh token',
    path: ['refreshToken'],
  })
  const foreign = await ask(REFRESH, {}, { ...cookie, origin: 'https://evil.example' })
  expect([foreign.set, foreign.errors[0].extensions.code]).toEqual([[], 'csrf_failed'])

  const before = hashed()
  const logins = Array.from({ length: 1_000 }, (_, i) => `a${i}: tokenAuth(username: "alice", password: "x") { token }`)
  expect((await ask(`mutation { ${logins.join(' ')} }`)).data ?? null).toBeNull()
  expect(hashed() - before).toBe(0)
})
