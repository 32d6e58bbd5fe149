/** Pages of other origins: those that are listed, to the letter, may read the answers; a preflight does nothing. */
import { describe, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { PASSWORD } from '../auth-kit.js'
import { ALLOWED, OURS } from './decision-table.js'
import { MODES, withBrowser } from './kit.js'
import { watchedStores } from './watched-stores.js'

const STRANGERS = [
  'https://evil.example',
  'null',
  `${ALLOWED}.evil.example`,
  'https://evilapp.other.example',
  'https://app-other.example',
  'https://other.example',
  'https://www.app.other.example',
  `${ALLOWED}:8443`,
  `${ALLOWED}:443`,
  `${ALLOWED}/`,
  'http://app.other.example',
  'HTTPS://APP.OTHER.EXAMPLE',
  `${ALLOWED}, https://evil.example`,
  '*',
  OURS,
]
const CORS_HEADERS = /^access-control-/

const corsOf = (headers: Headers) => [...headers].filter(([name]) => CORS_HEADERS.test(name))
const variesByOrigin = (headers: Headers) => /(?:^|, )Origin(?:,|$)/.test(headers.get('vary') ?? '')

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  const kit = (options = {}) =>
    withBrowser({
      transports: [transport(), bearer()],
      cors: { origins: [ALLOWED, 'https://two.example'] },
      ...options,
    })

  test('a listed origin reads every answer with credentials, good or bad, and no other origin any (case 268)', async () => {
    const { login, call, cookie, csrf } = await kit()
    await login()
    const stood = { cookie: cookie('/auth'), ...csrf() }
    for (const [method, path, status] of [
      ['GET', '/auth/me', 200],
      ['GET', '/auth/csrf', 200],
      ['GET', '/.well-known/jwks.json', 200],
      ['GET', '/auth/openapi.json', 200],
      ['DELETE', '/auth/sessions', 204],
      ['DELETE', '/auth/me', 405],
      ['POST', '/auth/login', 415],
      ['DELETE', '/auth/sessions/unknown', 404],
    ] as const) {
      const raw = path === '/auth/login' ? { raw: 'x' } : {}
      for (const origin of [ALLOWED, 'https://two.example']) {
        const answer = await call(method, path, { ...raw, headers: { ...stood, origin } })
        expect([path, answer.status, variesByOrigin(answer.headers)]).toEqual([path, status, true])
        expect(Object.fromEntries(corsOf(answer.headers))).toEqual({
          'access-control-allow-origin': origin,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'Retry-After, WWW-Authenticate',
        })
      }
      for (const origin of [...STRANGERS, undefined]) {
        const { headers } = await call(method, path, { ...raw, headers: { ...stood, ...(origin && { origin }) } })
        expect([path, origin, corsOf(headers), variesByOrigin(headers)]).toEqual([path, origin, [], true])
      }
    }
  })

  test('a preflight of every route and method runs nothing, needs no cookie, and is asked again within ten minutes (case 269)', async () => {
    const { stores, writes } = watchedStores(() => 1_700_000_000)
    const { call } = await kit({ register: true, database: stores })
    const { paths } = (await call('GET', '/auth/openapi.json')).body as { paths: Record<string, object> }
    writes.length = 0
    expect(Object.keys(paths).length).toBeGreaterThan(12)
    for (const [path, methods] of Object.entries(paths)) {
      const known = Object.keys(methods).map((name) => name.toUpperCase())
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'NONSENSE']) {
        const asked = {
          'access-control-request-method': method,
          'access-control-request-headers': 'x-csrf-token, content-type',
        }
        const answer = await call('OPTIONS', path.replace(/\{\w+\}/g, 'x'), { headers: { origin: ALLOWED, ...asked } })
        expect([path, answer.status, answer.text, answer.headers.getSetCookie()]).toEqual([path, 204, '', []])
        const { 'access-control-allow-methods': allowed = '', ...said } = Object.fromEntries(corsOf(answer.headers))
        expect(allowed.split(', ').sort()).toEqual([...known, ...(known.includes('GET') ? ['HEAD'] : [])].sort())
        expect(said).toEqual({
          'access-control-allow-origin': ALLOWED,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': expect.any(String),
          'access-control-allow-headers': 'content-type, authorization, x-csrf-token',
          'access-control-max-age': '600',
        })
        const foreign = await call('OPTIONS', path.replace(/\{\w+\}/g, 'x'), {
          headers: { origin: 'https://evil.example', ...asked },
        })
        expect([path, foreign.status, corsOf(foreign.headers), variesByOrigin(foreign.headers)]).toEqual([
          path,
          204,
          [],
          true,
        ])
      }
    }
    expect(writes).toEqual([])
  })

  test('what only looks like a preflight is answered like any OPTIONS (case 269)', async () => {
    const { call } = await kit()
    const plain = await call('OPTIONS', '/auth/login', { headers: { origin: ALLOWED } })
    expect([plain.status, plain.headers.get('allow'), plain.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'POST, OPTIONS',
      null,
    ])
    expect([variesByOrigin(plain.headers), plain.headers.get('x-content-type-options')]).toEqual([true, 'nosniff'])
  })

  test('a page of a listed origin signs in, asks for the CSRF token that it cannot read, and acts with it', async () => {
    const { send, browse, auth, user } = await kit()
    const far = { origin: ALLOWED, 'sec-fetch-site': 'cross-site' }
    const page = browse()
    const body = { username: 'alice', password: PASSWORD }
    expect((await page.send('POST', '/auth/login', { body, headers: far })).status).toBe(200)
    const { csrf_token } = (await page.send('GET', '/auth/csrf', { headers: far })).body
    const headers = { ...far, 'x-csrf-token': csrf_token }
    expect((await page.send('DELETE', '/auth/sessions', { headers })).status).toBe(204)
    expect((await page.send('POST', '/auth/refresh', { headers })).status).toBe(200)
    expect((await page.send('POST', '/auth/logout', { headers })).status).toBe(204)
    expect(await auth.sessions.list(user.id)).toEqual([])
    expect((await send('GET', '/auth/me')).code).toBe('credential_missing')
  })
})

test('without the option no answer says anything of other origins', async () => {
  const { call } = await withBrowser()
  const asked = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
  expect(corsOf((await call('OPTIONS', '/auth/login', { headers: asked })).headers)).toEqual([])
  expect(corsOf((await call('GET', '/auth/me', { headers: asked })).headers)).toEqual([])
})
