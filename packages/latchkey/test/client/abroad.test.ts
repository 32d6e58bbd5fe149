/** An API on another origin: its cookies travel and cannot be read, and its CSRF token is held in memory. */
import { expect, test } from 'vitest'
import { faultAt, open, PASSWORD, signedIn } from './kit.js'
import { problem } from './server.js'

const scene = {
  mode: 'one',
  origin: 'https://api.example.com',
  base: 'https://api.example.com/auth/',
} as const

test('the cookies travel, and the CSRF token of the login is repeated', async () => {
  const { server, world, client } = await signedIn(scene)
  expect(client.user).toEqual({ id: 'ada', username: 'ada' })
  const response = await world.run(client.fetch('/posts', { method: 'POST', body: 'a' }))
  expect(response.status).toBe(200)
  expect(server.seen.at(-1)).toMatchObject({ url: 'https://api.example.com/posts', credentials: 'include' })
  expect(server.calls('/auth/csrf')).toBe(0)
})

test('a Request is sent with cookies, unless it says that it wants none', async () => {
  const { server, world, client } = await signedIn(scene)
  const url = 'https://api.example.com/posts'
  expect((await world.run(client.fetch(new Request(url, { method: 'POST', body: 'a' })))).status).toBe(200)
  expect((await world.run(client.fetch(new Request(url, { credentials: 'omit' })))).status).toBe(401)
  expect((await world.run(client.fetch(url, { credentials: 'omit' }))).status).toBe(401)
  expect(server.rotations).toBe(0)
})

test('after a reload the user and the CSRF token are asked for, once', async () => {
  const { server, world, reload } = await signedIn(scene)
  const client = reload()
  expect((await world.run(client.ready()))?.id).toBe('ada')
  for (let i = 0; i < 3; i++) expect((await world.run(client.fetch('/posts', { method: 'POST' }))).status).toBe(200)
  expect([server.calls('/auth/me'), server.calls('/auth/csrf'), server.rotations]).toEqual([1, 1, 0])
})

test('after a long pause and a reload one refresh tells it', async () => {
  const { server, world, reload } = await signedIn(scene)
  await world.pass(1_000)
  const client = reload()
  expect((await world.run(client.ready()))?.id).toBe('ada')
  expect(server.rotations).toBe(1)
})

test('a first visitor costs two requests, and one who signed out none', async () => {
  const { server, world, client, reload } = open(scene)
  expect(await world.run(client.ready())).toBeUndefined()
  expect(server.seen.map(({ path }) => path)).toEqual(['/auth/me', '/auth/csrf'])
  await world.run(client.login(PASSWORD))
  await world.run(client.logout())
  const before = server.seen.length
  expect(await world.run(reload().ready())).toBeUndefined()
  expect(server.seen.length).toBe(before)
})

test('a login in one tab makes the CSRF token of another one old, which asks again', async () => {
  const { server, world, clients } = await signedIn({ ...scene, tabs: 2 })
  const [a, b] = clients
  await world.run(b?.fetch('/posts', { method: 'POST' }) as Promise<Response>)
  await world.run(a?.login({ username: 'bob', password: 'good' }) as Promise<unknown>)
  await world.pass(1)
  const response = await world.run(b?.fetch('/posts', { method: 'POST' }) as Promise<Response>)
  expect(await response.json()).toMatchObject({ user: 'bob' })
  expect(server.calls('/auth/csrf')).toBe(2)
})

test('a refused CSRF token is asked for anew and the request is sent once more', async () => {
  const { server, world, client } = await signedIn(scene)
  server.faults.push(
    faultAt('/posts', () => {
      world.jar.set('__Host-csrf_token', { value: 'csrf-s1', isReadable: true })
      return problem(403, 'csrf_failed', { layer: 'token' })
    }),
  )
  // The same token once more would be refused once more.
  expect((await world.run(client.fetch('/posts', { method: 'POST' }))).status).toBe(403)
  expect([server.calls('/posts'), server.calls('/auth/csrf')]).toEqual([1, 1])
})

test('who is signed in is not known while the server cannot be asked', async () => {
  const { server, world, reload } = await signedIn(scene)
  server.faults.push(faultAt('/auth/me', () => problem(503, 'store_failed')))
  const client = reload()
  await expect(world.run(client.ready())).rejects.toMatchObject({ code: 'store_failed' })
  expect((await world.run(client.ready()))?.id).toBe('ada')
})

test('split cookies of another origin are not readable, and the user is asked for', async () => {
  const { server, world, reload } = await signedIn({ ...scene, mode: 'split' })
  const client = reload()
  expect((await world.run(client.ready()))?.id).toBe('ada')
  expect(server.calls('/auth/me')).toBe(1)
})
