/** The log tells what happened, in whole lines, and holds no credential. */
import { expect, test } from 'vitest'
import { createLog, loggedPath } from '../../src/http/log.js'
import { PASSWORD, startServer } from '../server-kit.js'

test('no token, password, cookie or code of a whole story is in the log', async () => {
  const { auth, call, clock, graphql, lines } = await startServer()
  const canaries = new Set<string>(['canary-cookie-value', 'canary-query-token', 'wrong canary password', PASSWORD])
  const code = (await auth.bootstrap?.offer())?.code as string
  canaries.add(code)
  const keep = (body: Record<string, string>) => {
    for (const name of ['access_token', 'refresh_token', 'accessToken', 'refreshToken'])
      if (body[name] !== undefined) canaries.add(body[name])
    return body
  }
  await call('POST', '/auth/bootstrap', { body: { code, username: 'admin', password: PASSWORD } })
  const login = { username: 'admin', password: PASSWORD }
  const first = keep((await call('POST', '/auth/login', { body: login })).body)
  await call('POST', '/auth/login', { body: { ...login, password: 'wrong canary password' } })
  const token = first.access_token as string
  const refresh_token = first.refresh_token as string
  await call('GET', '/auth/me?access_token=canary-query-token', { token, headers: { cookie: 'a=canary-cookie-value' } })
  await call('GET', `/auth/${token}`, { token })
  await call('GET', `/${refresh_token}/x`)
  keep((await call('POST', '/auth/refresh', { body: { refresh_token } })).body)
  clock.now += 20
  await call('POST', '/auth/refresh', { body: { refresh_token } })
  await graphql('{ me { id } }', { token })
  const query = `mutation { login(username: "admin", password: "${PASSWORD}") { accessToken refreshToken } }`
  keep((await graphql(query)).body.data.login)
  auth.operations.login = async () => {
    throw Object.assign(new Error('broken'), { request: { body: login, headers: { authorization: token } } })
  }
  await call('POST', '/auth/login', { body: login })
  await call('GET', '/%0d%0a{"level":"fatal"}')
  const log = lines.join('')
  expect(canaries.size).toBeGreaterThan(8)
  for (const canary of canaries) expect(log).not.toContain(canary)
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level')
  expect(log).toContain('"path":"/auth/login"')
})

test('a path is logged without its query, and without what could be a token', () => {
  expect(loggedPath('/auth/me?token=x')).toBe('/auth/me')
  expect(loggedPath(`/auth/${'e'.repeat(40)}/x`)).toBe('/auth/…/x')
  expect(loggedPath('/auth/sessions/z1I6bvIWqF_CGDWv9IHyZQ')).toBe('/auth/sessions/z1I6bvIWqF_CGDWv9IHyZQ')
  expect(loggedPath('/a'.repeat(500))).toHaveLength(200)
})

test('in development a request is one short line, and nothing in it moves the cursor', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', development: true, write: (line) => lines.push(line) })
  log.info({ id: 'x', method: 'GET', path: '/auth/me', status: 200, ms: 4 }, 'request')
  log.info({ id: 'x', method: 'GET', path: '/\u001b[2J\r\nx', status: 404, ms: 1 }, 'request')
  log.error({ err: new Error('broken\nhere') }, 'a request failed')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d GET \/auth\/me 200 4 ms\n$/)
  expect(lines[1]).toContain(String.raw`"/\u001b[2J\r\nx"`)
  expect(lines[2]?.match(/\n/g)).toHaveLength(1)
})
