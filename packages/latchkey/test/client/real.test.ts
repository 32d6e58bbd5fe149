/** The client and the real endpoints, so that neither tests its own idea of the wire. */
import { describe, expect, test } from 'vitest'
import { type AuthOptions, bearer, createAuth, oneCookie, splitCookies } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { SECRET } from '../auth-kit.js'
import { open } from './kit.js'

const APP = 'https://app.example.com'
const API = 'https://api.example.com'
const CREDENTIALS = { username: 'alice', password: 'correct horse battery' }

interface Real extends Partial<AuthOptions<Account>> {
  readonly name: string
  readonly origin?: string
  readonly transport?: 'cookie' | 'bearer'
}

/** Tabs of a page, before a real auth that lives in the same virtual time. */
async function real({ name: _, origin = APP, transport = 'cookie', ...options }: Real, tabs = 1) {
  const isAbroad = origin !== APP
  const scene = open({ tabs, origin, options: { transport }, ...(isAbroad && { base: `${origin}/auth` }) })
  const { world, server } = scene
  const auth = createAuth({
    issuer: origin,
    database: 'memory',
    secret: SECRET,
    clock: () => Math.floor(world.now / 1000),
    ...(isAbroad && { cors: { origins: [APP] } }),
    ...options,
    users: undefined,
  })
  auth.events.on('session.refreshed', () => void server.rotations++)
  auth.events.on('session.retried', () => void server.graced++)
  await auth.users.create({ ...CREDENTIALS, permissions: ['posts:write'] })
  server.answer = async (request, cookies) => {
    const { pathname } = new URL(request.url)
    server.seen.push({ path: pathname } as never)
    const headers = new Headers(request.headers)
    headers.set('sec-fetch-site', isAbroad ? 'same-site' : 'same-origin')
    if (request.method !== 'GET' || isAbroad) headers.set('origin', APP)
    if (cookies !== '') headers.set('cookie', cookies)
    const body = await request.text()
    const init = { method: request.method, headers, ...(body !== '' && { body }) }
    const peer = { address: '192.0.2.1' }
    return (await auth.handle(new Request(request.url, init), peer)) ?? new Response('nobody', { status: 404 })
  }
  return { ...scene, auth }
}

const ways: readonly Real[] = [
  { name: 'split cookies', transports: [splitCookies(), bearer()] },
  { name: 'one cookie', transports: [bearer(), oneCookie()] },
  { name: 'split cookies of another origin', transports: [splitCookies()], origin: API },
  { name: 'one cookie of another origin', transports: [oneCookie()], origin: API },
  { name: 'split cookies and silent refresh', transports: [splitCookies()], silentRefresh: true },
  { name: 'bearer tokens', transports: [bearer(), splitCookies()], transport: 'bearer' },
  { name: 'one cookie that renews itself', refresh: 'single', transports: [oneCookie()] },
  { name: 'bearer tokens that renew themselves', refresh: 'single', transport: 'bearer' },
]

describe.each(ways)('with $name', (options) => {
  test('a page signs in, changes something, refreshes and signs out', async () => {
    const { world, client, server } = await real(options)
    const user = await world.run(client.login(CREDENTIALS))
    expect(user).toMatchObject({ id: expect.stringMatching(/./) })
    expect(client.expiresAt).toBe(Math.floor(world.now / 1000) + 300)
    // Ending other sessions is unsafe, so it needs the CSRF token.
    expect((await world.run(client.fetch(`${options.origin ?? APP}/auth/sessions`, { method: 'DELETE' }))).status).toBe(
      204,
    )
    await world.pass(290)
    expect((await world.run(client.refresh()))?.id).toBe(user.id)
    expect(client.expiresAt).toBeGreaterThan(world.now / 1000 + 290)
    expect((await world.run(client.fetch(`${options.origin ?? APP}/auth/me`))).status).toBe(200)
    await world.run(client.logout())
    expect([client.user, world.cookieHeader()]).toEqual([undefined, ''])
    expect(server.graced).toBe(0)
  })

  test('a login that is wrong says so', async () => {
    const { world, client } = await real(options)
    const wrong = world.run(client.login({ ...CREDENTIALS, password: 'not this one' }))
    await expect(wrong).rejects.toMatchObject({ code: 'login_failed', status: 401 })
  })

  test('a session that was ended elsewhere signs out', async () => {
    const { world, client, auth } = await real(options)
    const { id } = await world.run(client.login(CREDENTIALS))
    await world.pass(2)
    await auth.revoke({ user: String(id) })
    await world.pass(2)
    expect((await world.run(client.fetch(`${options.origin ?? APP}/auth/me`))).status).toBe(401)
    expect(client.user).toBeUndefined()
  })
})

describe.each(ways.filter(({ refresh }) => refresh === undefined))(
  'with $name, which have refresh tokens,',
  (options) => {
    test('a long pause is over with one refresh', async () => {
      const { world, client, server } = await real(options)
      await world.run(client.login(CREDENTIALS))
      await world.pass(3_000)
      expect((await world.run(client.fetch(`${options.origin ?? APP}/auth/me`))).status).toBe(200)
      expect(server.rotations).toBe(1)
    })

    test('a change of permissions is noticed with the next request, and costs one refresh', async () => {
      const { world, client, server, auth } = await real(options)
      const { id } = await world.run(client.login(CREDENTIALS))
      await world.pass(5)
      await auth.users.grant(String(id), ['posts:read'])
      await world.pass(5)
      expect((await world.run(client.fetch(`${options.origin ?? APP}/auth/me`))).status).toBe(200)
      expect(server.rotations).toBe(1)
    })
  },
)

describe.each(ways.filter((way) => way.transport === undefined && way.refresh === undefined))(
  'with $name in five tabs',
  (options) => {
    test('five tabs refresh once, and a logout signs all of them out', async () => {
      const { world, clients, server } = await real(options, 5)
      await world.run(Promise.resolve(clients[0]?.login(CREDENTIALS)))
      await world.pass(401)
      const me = `${options.origin ?? APP}/auth/me`
      const answers = await world.run(Promise.all(clients.map((one) => one.fetch(me))))
      await world.pass(1)
      expect(answers.map((one) => one?.status)).toEqual([200, 200, 200, 200, 200])
      expect([server.calls('/auth/refresh'), server.graced]).toEqual([1, 0])
      await world.run(Promise.resolve(clients[4]?.logout()))
      await world.pass(1)
      expect(clients.map(({ user }) => user)).toEqual([undefined, undefined, undefined, undefined, undefined])
    })
  },
)
