/** GraphQL by cookie: the operations of REST, and nothing that another site can make a browser send. */
import { bearer, oneCookie } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { PASSWORD, startServer } from '../server-kit.js'

const ISSUER = 'https://auth.example.com'
const ME = '{ me { username } }'
const LOGIN = `mutation ($transport: String) {
  login(username: "alice", password: "${PASSWORD}", transport: $transport) { accessToken refreshToken csrfToken user { username } }
}`

async function browsing() {
  const server = await startServer({ auth: { transports: [bearer(), oneCookie()] } })
  const { user } = await server.addAlice()
  const own = { origin: ISSUER, 'sec-fetch-site': 'same-origin' }
  const login = await server.call('POST', '/auth/login', {
    body: { username: 'alice', password: PASSWORD, transport: 'cookie' },
    headers: own,
  })
  const cookie = login.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const csrf = { 'x-csrf-token': login.body.csrf_token as string }
  const ask = (query: string, headers: object = {}, variables: object = {}) =>
    server.call('POST', '/graphql', { body: { query, variables }, headers: { ...own, cookie, ...csrf, ...headers } })
  return { ...server, user, own, cookie, csrf, ask }
}

describe('a query with cookies', () => {
  test('is answered to our own page', async () => {
    const { ask } = await browsing()
    expect((await ask(ME)).body).toEqual({ data: { me: { username: 'alice' } } })
  })

  test.each([
    ['of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'fetch-metadata'],
    ['of another origin', { 'sec-fetch-site': 'none', origin: 'https://evil.example' }, 'origin'],
    ['without the token', { 'x-csrf-token': '' }, 'token'],
  ])('%s is refused before anything runs (case 186)', async (_whose, headers, layer) => {
    const { ask } = await browsing()
    const { status, body } = await ask('mutation { logout }', headers)
    expect([status, body.errors[0].extensions.code, body.errors[0].extensions.layer]).toEqual([
      403,
      'csrf_failed',
      layer,
    ])
    expect((await ask(ME)).body.data.me.username).toBe('alice')
  })

  test('by GET needs what no link can bring (case 194)', async () => {
    const { call, own, cookie, csrf } = await browsing()
    const get = (query: string, headers: object) =>
      call('GET', `/graphql?query=${encodeURIComponent(query)}`, { headers: { cookie, ...headers } })
    expect((await get(ME, own)).status).toBe(403)
    expect((await get(ME, {})).status).toBe(403)
    expect((await get(ME, { ...own, ...csrf })).body.data.me.username).toBe('alice')
    expect((await get('mutation { logout }', { ...own, ...csrf })).status).toBe(405)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await get(ME, { ...own, ...csrf, 'content-type': type })).status).toBe(415)
    }
  })

  test('in a form or as text is none (case 194)', async () => {
    const { url, own, cookie, csrf } = await browsing()
    for (const type of ['text/plain', 'multipart/form-data; boundary=x', undefined]) {
      const body = new Blob([JSON.stringify({ query: ME })])
      const headers = { ...own, cookie, ...csrf, ...(type && { 'content-type': type }) }
      expect((await fetch(`${url}/graphql`, { method: 'POST', headers, body })).status).toBe(415)
    }
  })
})

test('login, refresh and logout by GraphQL set and delete the cookies of REST', async () => {
  const { ask, call, own } = await browsing()
  const body = { query: LOGIN, variables: { transport: 'cookie' } }
  const login = await call('POST', '/graphql', { body, headers: own })
  expect(login.body.data.login).toMatchObject({ accessToken: null, refreshToken: null, user: { username: 'alice' } })
  expect(login.headers.getSetCookie()).toHaveLength(3)
  const refresh = await ask('mutation { refresh { accessToken csrfToken } }')
  expect(refresh.body.data.refresh).toMatchObject({ accessToken: null, csrfToken: expect.any(String) })
  expect(refresh.headers.getSetCookie()).toHaveLength(3)
  const logout = await ask('mutation { logout }')
  expect(logout.body.data.logout).toBe(true)
  expect(logout.headers.getSetCookie().every((line) => line.includes('Max-Age=0'))).toBe(true)
})

test('a login by GraphQL that another site sends is none (case 191)', async () => {
  const { call, auth, user } = await browsing()
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const before = (await auth.sessions.list(user.id)).length
  const { body } = await call('POST', '/graphql', {
    body: { query: LOGIN, variables: { transport: 'cookie' } },
    headers,
  })
  expect(body.errors[0].extensions.code).toBe('csrf_failed')
  expect(await auth.sessions.list(user.id)).toHaveLength(before)
})
