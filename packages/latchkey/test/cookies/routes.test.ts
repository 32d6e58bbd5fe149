/** Every route of the table: those that are safe change nothing, unknown methods reach nothing, and every answer is private and plain. */
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import * as forNode from '../../src/adapters/node.js'
import { bearer } from '../../src/index.js'
import { MODES, SITE, withBrowser } from './kit.js'
import { listening } from './servers.js'
import { watchedStores } from './watched-stores.js'

describe.each(Object.entries(MODES))('with %s', (_mode, transport) => {
  async function kit() {
    const { writes, stores } = watchedStores(() => 1_700_000_000)
    const page = await withBrowser({ transports: [transport(), bearer()], database: stores, register: true })
    await page.login()
    const { paths } = (await page.call('GET', '/auth/openapi.json')).body as {
      paths: Record<string, Record<string, object>>
    }
    return {
      ...page,
      writes,
      paths: Object.entries(paths).map(([path, methods]) => [path.replace(/\{\w+\}/g, 'x'), methods] as const),
    }
  }

  test('no route that is asked by GET or HEAD changes anything, whoever asks and whatever else the request says (case 193)', async () => {
    const { send, writes, paths, user, auth } = await kit()
    const before = await auth.sessions.list(user.id)
    writes.length = 0
    let asked = 0
    for (const [path, methods] of paths) {
      // It has no end: what it does is to read.
      if (path.endsWith('/stream')) continue
      for (const method of ['GET', 'HEAD']) {
        for (const query of ['', '?_method=DELETE&method=POST&csrf_token=x']) {
          const override = query && {
            'x-http-method-override': 'DELETE',
            'x-http-method': 'POST',
            'x-method-override': 'POST',
          }
          const { status, cookies } = await send(method, `${path}${query}`, { headers: { ...(override || {}) } })
          asked++
          expect([path, method, 'get' in methods ? status !== 405 : status === 405, cookies]).toEqual([
            path,
            method,
            true,
            [],
          ])
        }
      }
    }
    expect(asked).toBeGreaterThan(60)
    expect(writes).toEqual([])
    expect(await auth.sessions.list(user.id)).toEqual(before)
    await send('POST', '/auth/logout')
    expect(writes).not.toEqual([])
  })

  test('a method that no route knows is refused before anybody looks who asks, on sockets too (case 272)', async () => {
    const { auth, cookie, csrf, paths, writes } = await kit()
    const endpoints = forNode.mount(auth)
    const looked: string[] = []
    auth.events.on('token.verified', () => void looked.push('verified'))
    auth.events.on('token.rejected', () => void looked.push('rejected'))
    const server = createServer(
      async (request, response) => void ((await endpoints(request, response)) || response.end()),
    )
    const { ask, close } = await listening(server)
    writes.length = 0
    for (const [path] of paths) {
      for (const method of ['TRACE', 'PUT', 'PATCH', 'PROPFIND', 'PURGE', 'LOCK']) {
        const { status, body, headers, text } = await ask(method, path, {
          headers: { cookie: cookie('/auth'), ...csrf(), ...SITE },
        })
        expect([path, method, status, body.code, headers.allow?.includes(method)]).toEqual([
          path,
          method,
          405,
          'method_not_allowed',
          false,
        ])
        expect(text).not.toContain(csrf()['x-csrf-token'])
      }
    }
    expect([looked, writes]).toEqual([[], []])
    await close()
  })

  test('every answer of every route is plain, of a declared charset, and private unless it is for everybody (cases 179, 273)', async () => {
    const { send, paths } = await kit()
    const open = new Set<string>()
    for (const [path, methods] of paths) {
      if (path.endsWith('/stream')) continue
      for (const method of [...Object.keys(methods).map((name) => name.toUpperCase()), 'HEAD', 'OPTIONS', 'PUT']) {
        if (path === '/auth/logout' || path === '/auth/logout/everywhere') continue
        const { headers, text } = await send(method, path)
        const said = (name: string) => headers.get(name)
        expect([path, method, said('x-content-type-options'), said('referrer-policy')]).toEqual([
          path,
          method,
          'nosniff',
          'no-referrer',
        ])
        if (text !== '') expect([path, said('content-type')]).toEqual([path, expect.stringMatching(/; charset=utf-8$/)])
        if (said('cache-control') !== 'no-store') open.add(`${path} ${said('cache-control')}`)
        else expect([path, said('vary')]).toEqual([path, 'Authorization, Cookie, Origin'])
      }
    }
    expect([...open].sort()).toEqual([
      '/.well-known/jwks.json public, max-age=300',
      '/.well-known/oauth-authorization-server public, max-age=300',
      '/auth/openapi.json public, max-age=300',
    ])
  })

  test('answers with cookies are kept by no cache (case 179)', async () => {
    const { login, send } = await kit()
    for (const answer of [await login(), await send('POST', '/auth/refresh'), await send('POST', '/auth/logout')]) {
      expect(answer.cookies.length).toBeGreaterThan(2)
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })
})
