/** Tokens in memory: nothing of them is kept, shared or sent elsewhere. */
import { expect, test } from 'vitest'
import { faultAt, open, PASSWORD, signedIn } from './kit.js'

const options = { transport: 'bearer' } as const

test('the token goes with requests, is refreshed, and the user is what the server answered', async () => {
  const { server, world, client } = await signedIn({ options })
  expect(client.user).toEqual({ id: 'ada', username: 'ada' })
  expect(client.expiresAt).toBe(Math.floor(world.now / 1000) + 299)
  await world.run(client.fetch('/posts', { method: 'POST' }))
  expect(server.seen.at(-1)?.headers.authorization).toMatch(/^Bearer ey/)
  expect(server.seen.at(-1)?.headers).not.toHaveProperty('x-csrf-token')
  await world.pass(400)
  expect((await world.run(client.fetch('/posts'))).status).toBe(200)
  expect(server.rotations).toBe(1)
})

test('nothing is left of it: not in cookies, not in the storage, not after a reload', async () => {
  const { world, client, reload } = await signedIn({ options })
  await world.run(client.refresh())
  expect([world.jar.size, world.stored.size]).toEqual([0, 0])
  const after = reload()
  expect(await world.run(after.ready())).toBeUndefined()
  expect((await world.run(after.fetch('/posts'))).status).toBe(401)
})

test('twenty requests at once share one refresh', async () => {
  const { server, world, client } = await signedIn({ options })
  await world.pass(400)
  const all = Array.from({ length: 20 }, () => client.fetch('/posts'))
  expect((await world.run(Promise.all(all))).every(({ status }) => status === 200)).toBe(true)
  expect(server.calls('/auth/refresh')).toBe(1)
})

test('a logout drops the tokens of all tabs, and ends the session of each', async () => {
  const { server, world, clients } = open({ tabs: 3, options })
  for (const one of clients) await world.run(one.login(PASSWORD))
  expect(server.sessions.size).toBe(3)
  await world.run(clients[0]?.logout() ?? Promise.resolve())
  await world.pass(1)
  expect(clients.map(({ user }) => user)).toEqual([undefined, undefined, undefined])
  expect([...server.sessions.values()].every(({ ended }) => ended)).toBe(true)
  await world.run(Promise.resolve(clients[2]?.fetch('/posts')))
  expect(server.seen.at(-1)?.headers).not.toHaveProperty('authorization')
})

test('a logout that does not reach the server says so, and the tokens are gone all the same', async () => {
  const { server, world, client } = await signedIn({ options })
  server.faults.push(faultAt('/auth/logout', () => new TypeError('offline'), 2))
  await expect(world.run(client.logout())).rejects.toThrow('offline')
  expect(client.user).toBeUndefined()
})

test("a session that is over in one tab is that tab's own business", async () => {
  const { server, world, clients } = open({ tabs: 2, options })
  for (const one of clients) await world.run(one.login(PASSWORD))
  const first = server.sessions.get('s1')
  if (first) first.ended = true
  expect((await world.run(clients[0]?.fetch('/posts') as Promise<Response>)).status).toBe(401)
  await world.pass(1)
  expect(clients.map(({ user }) => user?.id)).toEqual([undefined, 'ada'])
})

test('a refresh that is answered after the logout brings nobody back', async () => {
  const { world, client } = await signedIn({ options })
  const refreshing = client.refresh()
  world.later(30, () => void client.logout())
  await world.run(refreshing)
  await world.pass(1)
  expect(client.user).toBeUndefined()
})

test('a refresh that is refused after somebody else signed in signs nobody out', async () => {
  const { server, world, client } = await signedIn({ options })
  server.endAll()
  server.faults.push(faultAt('/auth/refresh', () => 'lost'))
  const refreshing = client.refresh().catch(() => {})
  await world.run(client.login({ username: 'bob', password: 'good' }))
  expect(server.calls('/auth/refresh')).toBe(1)
  await world.run(refreshing)
  expect([server.calls('/auth/refresh'), client.user?.id]).toEqual([2, 'bob'])
})

test('without a refresh token the access token renews itself', async () => {
  const { server, world, client } = open({ options })
  const real = server.answer
  server.answer = async (request, cookies) => {
    const response = await real(request, cookies)
    if (!(response instanceof Response) || !request.url.endsWith('/auth/login')) return response
    const { refresh_token: _, ...rest } = (await response.json()) as Record<string, unknown>
    return Response.json(rest)
  }
  await world.run(client.login(PASSWORD))
  await world.run(client.refresh()).catch(() => {})
  expect(JSON.parse(server.seen.at(-1)?.text ?? '').refresh_token.split('.')).toHaveLength(3)
})

test('a token that is no JWT, and a user without id, are taken as they come', async () => {
  const { server, world, client } = open({ options })
  server.faults.push(
    faultAt('/auth/login', () =>
      Response.json({
        access_token: 'opaque',
        expires_in: 60,
        refresh_expires_in: 600,
        refresh_token: 'r',
        user: { name: 'Ada' },
      }),
    ),
  )
  await world.run(client.login(PASSWORD))
  expect(client.user).toEqual({ id: '', name: 'Ada' })
  expect(client.expiresAt).toBeCloseTo(world.now / 1000 + 60, -1)
})
