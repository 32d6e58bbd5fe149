/** What `client.fetch` adds to a request, to whom, and what it does with a 401. */
import { describe, expect, test } from 'vitest'
import { faultAt, open, PASSWORD, signedIn } from './kit.js'
import { problem } from './server.js'

const body = async (response: Response): Promise<unknown> => response.json()

describe('a request carries', () => {
  test('the CSRF token if it may change something, and nothing otherwise', async () => {
    const { server, world, client } = await signedIn()
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])
      await world.run(client.fetch('/posts', { method }))
    const sent = server.seen.filter(({ path }) => path === '/posts')
    expect(sent.map(({ method, headers }) => [method, headers['x-csrf-token']])).toEqual([
      ['GET', undefined],
      ['HEAD', undefined],
      ['OPTIONS', undefined],
      ['POST', 'csrf-s1'],
      ['PUT', 'csrf-s1'],
      ['PATCH', 'csrf-s1'],
      ['DELETE', 'csrf-s1'],
    ])
    expect(sent.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })

  test.each(['cookie', 'bearer'] as const)('no token and no CSRF token to another origin (%s)', async (transport) => {
    const { server, world, client } = await signedIn({ options: { transport, origins: ['https://files.example.com'] } })
    const elsewhere = [
      'https://evil.example/posts',
      '//evil.example/posts',
      'https://app.example.com:8443/posts',
      'http://app.example.com/posts',
      'https://app.example.com.evil.example/',
      'https://app.example.com-evil.example/',
      'https:\\\\evil.example/posts',
      new URL('https://evil.example/'),
      new Request('https://evil.example/', { method: 'POST' }),
    ]
    for (const to of elsewhere) await world.run(client.fetch(to, { method: 'POST' }))
    const sent = server.seen.slice(-elsewhere.length)
    expect(sent).toHaveLength(elsewhere.length)
    for (const { headers, url } of sent) {
      expect(url).not.toMatch(/^https:\/\/app\.example\.com\//)
      expect(headers).not.toHaveProperty('authorization')
      expect(headers).not.toHaveProperty('x-csrf-token')
    }
    await world.run(client.fetch('https://files.example.com/', { method: 'POST' }))
    const { headers = {}, credentials } = server.seen.at(-1) ?? {}
    expect(headers).toHaveProperty(transport === 'bearer' ? 'authorization' : 'x-csrf-token')
    expect(credentials).toBe(transport === 'bearer' ? 'same-origin' : 'include')
  })

  test('what the caller gave it, untouched', async () => {
    const { server, world, client } = await signedIn()
    const headers = { authorization: 'Bearer own' }
    expect((await world.run(client.fetch('/posts', { method: 'POST', headers }))).status).toBe(401)
    expect(server.seen.at(-1)?.headers).toMatchObject(headers)
    expect(server.seen.at(-1)?.headers).not.toHaveProperty('x-csrf-token')
    await world.run(client.fetch('/posts', { method: 'POST', headers: { 'X-CSRF-Token': 'own' } }))
    expect(server.seen.at(-1)?.headers).toHaveProperty('x-csrf-token', 'own')
    await world.run(client.fetch('/posts', { method: 'POST', credentials: 'omit' }))
    expect(server.seen.at(-1)?.headers).not.toHaveProperty('x-csrf-token')
    expect(server.rotations).toBe(0)
  })

  test('an address as the page means it', async () => {
    const { server, world, client } = await signedIn()
    await world.run(client.fetch('posts?page=2'))
    expect(server.seen.at(-1)?.url).toBe('https://app.example.com/shop/posts?page=2')
    await expect(client.fetch('https://:0')).rejects.toThrow(TypeError)
  })
})

describe('a 401', () => {
  test.each(['token_expired', 'token_stale', 'token_revoked', 'token_invalid', 'credential_missing', 'user_inactive'])(
    '%s is mended by one refresh and one more attempt',
    async (code) => {
      const { server, world, client } = await signedIn()
      server.faults.push(faultAt('/posts', () => problem(401, code)))
      const response = await world.run(client.fetch('/posts', { method: 'POST', body: 'hello' }))
      expect(response.status).toBe(200)
      expect(await body(response)).toEqual({ user: 'ada', text: 'hello' })
      expect([server.rotations, server.calls('/posts')]).toEqual([1, 2])
    },
  )

  test.each(['token_audience', 'token_early', 'claims_invalid', 'login_stale', 'login_failed', 'something_else'])(
    '%s is handed back: no refresh would mend it',
    async (code) => {
      const { server, world, client } = await signedIn()
      server.faults.push(faultAt('/posts', () => problem(401, code)))
      const response = await world.run(client.fetch('/posts'))
      expect(await body(response)).toMatchObject({ code })
      expect(server.rotations).toBe(0)
    },
  )

  test.each([
    ['HTML', new Response('<p>Who are you?', { status: 401, headers: { 'content-type': 'text/html' } })],
    ['nothing', new Response(null, { status: 401 })],
    ['broken JSON', new Response('{"code":', { status: 401, headers: { 'content-type': 'application/json' } })],
    ['a list', new Response('[]', { status: 401, headers: { 'content-type': 'application/json' } })],
    ['null', new Response('null', { status: 401, headers: { 'content-type': 'application/json' } })],
    ['a strange code', new Response('{"code":{}}', { status: 401, headers: { 'content-type': 'application/json' } })],
  ])('that says %s is not ours', async (_, response) => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/posts', () => response))
    expect(await world.run(client.fetch('/posts'))).toBe(response)
    expect(server.rotations).toBe(0)
  })

  test('that comes again is handed back, and such a token is not refreshed again at once', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/posts', () => problem(401, 'token_invalid'), Number.POSITIVE_INFINITY))
    for (let i = 0; i < 10; i++) {
      const response = await world.run(client.fetch('/posts'))
      expect(await body(response)).toMatchObject({ code: 'token_invalid' })
    }
    expect([server.rotations, server.calls('/posts')]).toEqual([1, 11])
    await world.pass(31)
    await world.run(client.fetch('/posts'))
    expect(server.rotations).toBe(2)
  })

  test('is not mended in the name of somebody who signed in meanwhile', async () => {
    const { server, world, clients, client } = await signedIn({ tabs: 2 })
    const pending = client.fetch('/posts', { method: 'POST', body: 'of ada' })
    server.faults.push(faultAt('/posts', () => problem(401, 'token_expired')))
    const login = clients[1]?.login({ username: 'bob', password: 'good' })
    expect((await world.run(pending)).status).toBe(401)
    await world.run(Promise.resolve(login))
    expect(server.calls('/posts')).toBe(1)
  })
})

describe('a CSRF token that was refused', () => {
  test('is sent again only if there is another one by now', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/posts', () => problem(403, 'csrf_failed', { layer: 'token' })))
    expect((await world.run(client.fetch('/posts', { method: 'POST' }))).status).toBe(403)
    expect(server.calls('/posts')).toBe(1)
    server.faults.push(
      faultAt('/posts', () => {
        world.jar.set('__Host-csrf_token', { value: 'csrf-s1-new', isReadable: true })
        return problem(403, 'csrf_failed', { layer: 'token' })
      }),
    )
    await world.run(client.fetch('/posts', { method: 'POST' }))
    expect(server.seen.at(-1)?.headers['x-csrf-token']).toBe('csrf-s1-new')
  })

  test('is no reason to try again where another layer refused, or where the application did', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/posts', () => problem(403, 'csrf_failed', { layer: 'origin' })))
    await world.run(client.fetch('/posts', { method: 'POST' }))
    server.faults.push(faultAt('/posts', () => problem(403, 'permission_denied')))
    await world.run(client.fetch('/posts', { method: 'POST' }))
    expect(server.calls('/posts')).toBe(2)
  })
})

test('a fetch of your own sends everything', async () => {
  const sent: string[] = []
  const fetch = async (request: Request): Promise<Response> => {
    sent.push(new URL(request.url).pathname)
    return problem(401, 'login_failed')
  }
  const { server, world, client } = open({ options: { fetch } })
  await expect(world.run(client.login(PASSWORD))).rejects.toMatchObject({ code: 'login_failed' })
  await client.fetch('/posts')
  expect(sent).toEqual(['/auth/login', '/posts'])
  expect(server.seen).toEqual([])
})
