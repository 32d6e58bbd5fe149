/** What every answer of the server has, and what no request gets out of it. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { PASSWORD, startServer } from '../server-kit.js'

/** Bytes as they are, on a socket; the answer until the server closes or two seconds pass. */
function raw(url: string, text: string): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

test('every answer is sealed against sniffing, framing and referrers, good or bad', async () => {
  const { call } = await startServer()
  const rows: [string, string][] = [
    ['GET', '/'],
    ['GET', '/healthz'],
    ['GET', '/nothing'],
    ['GET', '/auth/me'],
    ['POST', '/auth/login'],
    ['POST', '/graphql'],
    ['GET', '/.well-known/jwks.json'],
    ['DELETE', '/healthz'],
  ]
  for (const [method, path] of rows) {
    const { headers } = await call(method, path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('content-type')).toMatch(/charset=utf-8|^application\/json$/i)
  }
})

test('without https there is no promise of https', async () => {
  const { call } = await startServer({ development: true, issuer: 'http://localhost:4180' })
  expect((await call('GET', '/healthz')).headers.get('strict-transport-security')).toBeNull()
})

test('unknown paths and methods are refused in the form of every refusal', async () => {
  const { call } = await startServer()
  const unknown = await call('GET', '/nothing')
  expect(unknown.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(unknown.body).toMatchObject({ status: 404, code: 'not_found' })
  const wrong = await call('POST', '/healthz')
  expect([wrong.status, wrong.body.code, wrong.headers.get('allow')]).toEqual([405, 'method_not_allowed', 'GET, HEAD'])
})

test('odd targets, methods and messages are refused before anything is made of them', async () => {
  const { url } = await startServer()
  const many = Array.from({ length: 80 }, (_, i) => `X-${i}: 1\r\n`).join('')
  const rows: [string, number][] = [
    [get('http://evil/auth/me'), 400],
    [get('//auth/me'), 400],
    [get('/auth//me'), 400],
    [get('/%61uth/me'), 400],
    [get('/auth%2f..'), 400],
    [get('/auth/../auth/me'), 400],
    [get('/./auth/me'), 400],
    [get('/auth/me;x'), 400],
    [get('/auth\\me'), 400],
    [get('*'), 400],
    [get(`/${'a'.repeat(2_000)}`), 400],
    [get('/AUTH/ME'), 404],
    [get('/healthz', many), 431],
    [get('/healthz').replace('Host: x', 'Host: a b'), 400],
    [get('/healthz').replace('GET', 'TRACE'), 405],
    [get('/healthz').replace('GET', 'PROPFIND'), 405],
    [get('/healthz', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), 400],
    [get('/healthz', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400],
    [get('/healthz', 'X: a\r\n b\r\n'), 400],
    [get('/healthz', 'X : a\r\n'), 400],
    [get('/healthz', 'X: a\0b\r\n'), 400],
    [get('/healthz?__proto__[x]=1', '__proto__: 1\r\n'), 200],
  ]
  for (const [text, status] of rows) {
    const answer = await raw(url, text)
    expect([text.slice(0, 60), statusOf(answer)]).toEqual([text.slice(0, 60), status])
    expect(answer).not.toMatch(/node_modules|\.ts:|\.js:/)
  }
  expect(({} as { x?: unknown }).x).toBeUndefined()
})

test('who is too slow with head or body is told so and cut off, and others are served meanwhile', async () => {
  const limits = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 }
  const { call, url } = await startServer({ limits })
  const slow = [
    'GET /healthz HTTP/1.1\r\nHost: x\r\n',
    'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  ]
  const answers = slow.map((text) => raw(url, text))
  expect((await call('GET', '/healthz')).status).toBe(200)
  expect((await Promise.all(answers)).map(statusOf)).toEqual([408, 408])
})

test('a body beyond 64 KiB, or a compressed one, is refused at every door', async () => {
  const { call } = await startServer()
  const large = JSON.stringify({ username: 'x'.repeat(70_000), password: 'y' })
  for (const path of ['/auth/login', '/auth/bootstrap', '/graphql']) {
    expect([path, (await call('POST', path, { body: large })).status]).toEqual([path, 413])
    const headers = { 'content-encoding': 'gzip' }
    expect([path, (await call('POST', path, { body: 'x', headers })).status]).toEqual([path, 415])
  }
})

test('two Authorization headers are one mistake, by REST and by GraphQL', async () => {
  const { addAlice, url } = await startServer()
  const { tokens } = await addAlice()
  const two = `Authorization: Bearer ${tokens.access_token}\r\n`.repeat(2)
  expect(statusOf(await raw(url, get('/auth/me', two)))).toBe(400)
  const body = '{"query":"{me{id}}"}'
  const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`
  const answer = await raw(url, `${head}${two}Content-Length: ${body.length}\r\n\r\n${body}`)
  expect(answer).toContain('"me":null')
  expect(answer).toMatch(/credential_(ambiguous|malformed)/)
})

test('the server lives without its store, is not ready without it, and tells strangers nothing', async () => {
  const { auth, call, lines } = await startServer()
  expect((await call('GET', '/readyz')).body).toEqual({ status: 'ready' })
  const { find } = auth.sessions
  auth.sessions.find = async () => {
    throw new Error('SELECT failed at /var/db')
  }
  await expect.poll(async () => (await call('GET', '/readyz')).status, { timeout: 3_000 }).toBe(503)
  const { headers, text } = await call('GET', '/readyz')
  expect(headers.get('retry-after')).toBe('1')
  expect(text).not.toContain('SELECT')
  expect(lines.join('')).toContain('SELECT failed')
  expect((await call('GET', '/healthz')).body).toEqual({ status: 'ok' })
  auth.sessions.find = find
  await expect.poll(async () => (await call('GET', '/readyz')).status, { timeout: 3_000 }).toBe(200)
})

test('where REST requires authentication, strangers see the way in and nothing else', async () => {
  const { addAlice, call, graphql } = await startServer({ requireAuthentication: { rest: true, graphql: false } })
  const { tokens } = await addAlice()
  const open = ['/healthz', '/readyz', '/.well-known/jwks.json', '/assets/style.css']
  for (const path of open) expect([path, (await call('GET', path)).status]).toEqual([path, 200])
  for (const path of ['/', '/reference', '/auth/me', '/auth/openapi.json', '/nothing', '/auth/sessions/']) {
    const { status, body, headers } = await call('GET', path)
    expect([path, status, body.code]).toEqual([path, 401, 'credential_missing'])
    expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
    expect((await call('GET', path, { token: 'garbage' })).body.code).toBe('token_invalid')
    expect((await call('GET', path, { token: tokens.access_token })).status).not.toBe(401)
  }
  expect((await call('POST', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } })).status).toBe(200)
  expect((await graphql('{ me { id } }')).body).toEqual({ data: { me: null } })
})

test('the printed code makes one administrator, once, by the rules of every body', async () => {
  const { auth, call } = await startServer()
  const code = (await auth.bootstrap?.offer())?.code as string
  const claim = (body: unknown) => call('POST', '/auth/bootstrap', { body })
  const wish = { code, username: 'admin', password: PASSWORD }
  const refused: [unknown, number, string][] = [
    [{ ...wish, code: 'AAAA-AAAA-AAAA-AAAA' }, 403, 'permission_denied'],
    [{ ...wish, admin: false }, 422, 'request_invalid'],
    [{ ...wish, password: '' }, 422, 'request_invalid'],
    [{ ...wish, password: 'admin' }, 422, 'request_invalid'],
    [{ ...wish, username: { $ne: null } }, 422, 'request_invalid'],
    ['{"code":"a","code":"b"}', 422, 'request_invalid'],
    ['', 422, 'request_invalid'],
  ]
  for (const [body, status, error] of refused) {
    const answer = await claim(body)
    expect([body, answer.status, answer.body.code]).toEqual([body, status, error])
  }
  expect((await call('POST', '/auth/login', { body: { username: 'admin', password: 'admin' } })).status).toBe(401)
  const made = await claim(wish)
  expect([made.status, made.body]).toEqual([
    201,
    { id: expect.any(String), username: 'admin', email: null, admin: true },
  ])
  expect((await claim({ ...wish, username: 'second' })).status).toBe(404)
  expect((await call('POST', '/auth/login', { body: { username: 'admin', password: PASSWORD } })).status).toBe(200)
})
