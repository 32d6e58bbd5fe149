/** What a page knows from its cookies, without asking anybody. */
import { expect, test } from 'vitest'
import type { Browser } from '../../src/client/browser.js'
import { createClientIn } from '../../src/client/client.js'
import { faultAt, open, PASSWORD, signedIn } from './kit.js'
import { problem } from './server.js'
import type { Tab } from './world.js'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const half = (claims: unknown): string => `${encode({ alg: 'ES256' })}.${encode(claims)}`
const readable = (value: string) => ({ value, isReadable: true })

test('after a reload the split cookie tells the user and the end of the token without a request', async () => {
  const { server, world, reload } = await signedIn()
  const before = server.seen.length
  const client = reload()
  expect(client.user).toMatchObject({ id: 'ada', sub: 'ada', sid: 's1' })
  expect(client.expiresAt).toBe(Math.floor(world.now / 1000) + 299)
  expect(await world.run(client.ready())).toBe(client.user)
  expect(server.seen.length).toBe(before)
})

test('names keep their letters, whatever alphabet they are of', async () => {
  const { server, world, client } = open()
  server.extra = { name: 'Æsa Łukasz 李小龍 👩🏽‍🚀', quote: '"\\\u2028' }
  await world.run(client.login(PASSWORD))
  expect(client.user).toMatchObject(server.extra)
})

test('the user is the same object until something changes', async () => {
  const { world, client } = await signedIn()
  const { user } = client
  expect(client.user).toBe(user)
  await world.run(client.refresh())
  expect(client.user).not.toBe(user)
  expect(client.user).toMatchObject({ id: 'ada' })
})

test.each([
  ['nothing', ''],
  ['no dot', 'abc'],
  ['no base64', 'e30.***'],
  ['no JSON', `e30.${Buffer.from('{"sub":').toString('base64url')}`],
  ['null', half(null)],
  ['a list', half([1])],
  ['a number', half(7)],
  ['no subject', half({ exp: 1 })],
  ['a subject that is a number', half({ sub: 7 })],
  ['a broken letter', `e30.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}`],
])('a payload cookie with %s is nobody', (_, value) => {
  const { world, client } = open()
  world.jar.set('__Host-access_payload', readable(value))
  expect(client.user).toBeUndefined()
  expect(client.expiresAt).toBeUndefined()
})

test('a payload without dates is a user whose token is not refreshed before the server asks for it', async () => {
  const { server, world, client } = open()
  world.jar.set('__Host-access_payload', readable(half({ sub: 'ada', exp: 'never', iat: {} })))
  expect(client.user).toMatchObject({ id: 'ada' })
  expect(client.expiresAt).toBeUndefined()
  await world.run(client.fetch('/posts'))
  expect(server.seen[0]?.path).toBe('/posts')
})

test('a payload as large as a cookie gets is read, and members with strange names are members', () => {
  const { world, client } = open()
  const claims = `{"sub":"ada","id":"somebody else","__proto__":{"admin":true},"roles":"${'x'.repeat(3_900)}"}`
  world.jar.set('__Host-access_payload', readable(`e30.${Buffer.from(claims).toString('base64url')}`))
  expect(client.user?.id).toBe('ada')
  expect((client.user as { admin?: boolean }).admin).toBeUndefined()
  expect(client.user?.roles).toHaveLength(3_900)
})

test('over https a cookie without prefix is not ours, and one of this very host goes before one of the domain', () => {
  const { world, client } = open()
  world.jar.set('access_payload', readable(half({ sub: 'planted' })))
  expect(client.user).toBeUndefined()
  world.jar.set('__Host-access_payload', readable(half({ sub: 'host' })))
  world.jar.set('__Secure-access_payload', readable(half({ sub: 'domain' })))
  expect(client.user?.id).toBe('host')
})

test('cookies that are shared with sub-domains are read by their other prefix', () => {
  const { world, client } = open()
  world.jar.set('__Secure-access_payload', readable(half({ sub: 'domain' })))
  expect(client.user?.id).toBe('domain')
})

test('on http://localhost names have no prefix', async () => {
  const { client } = await signedIn({
    url: 'http://localhost:3000/',
    origin: 'http://localhost:3000',
    prefix: '',
  })
  expect(client.user?.id).toBe('ada')
})

test('renamed cookies are found by their new names, and others are not ours', async () => {
  const { server, world, client } = open({ options: { names: { access: 'shop', csrf: 'shop_csrf' } } })
  world.jar.set('__Host-access_payload', readable(half({ sub: 'other' })))
  expect(client.user).toBeUndefined()
  world.jar.set('__Host-shop_payload', readable(half({ sub: 'ada' })))
  expect(client.user?.id).toBe('ada')
  world.jar.set('__Host-shop_csrf', readable('renamed'))
  await world.run(client.fetch('/posts', { method: 'POST' }))
  expect(server.seen[0]?.headers['x-csrf-token']).toBe('renamed')
})

test('the user stays when the access cookie grew too old, and goes when the session does', async () => {
  const { server, world, client } = await signedIn()
  await world.pass(400)
  expect(world.cookieHeader()).not.toContain('payload')
  expect(client.user?.id).toBe('ada')
  await world.pass(86_400)
  expect(client.user).toBeUndefined()
  expect(server.calls('/auth/refresh')).toBe(0)
})

test('after a reload with an access cookie that grew too old, one refresh tells who it is', async () => {
  const { server, world, reload } = await signedIn()
  await world.pass(400)
  const client = reload()
  expect(client.user).toBeUndefined()
  expect((await world.run(client.ready()))?.id).toBe('ada')
  expect(server.rotations).toBe(1)
})

test('with one cookie the user is what the login answered, and after a reload what /auth/me answers', async () => {
  const { server, world, client, reload } = await signedIn({ mode: 'one' })
  expect(client.user).toEqual({ id: 'ada', username: 'ada' })
  const after = reload()
  expect(after.user).toBeUndefined()
  const [first, second] = await world.run(Promise.all([after.ready(), after.ready()]))
  expect(first).toEqual({ id: 'ada', username: 'ada' })
  expect(second).toBe(first)
  expect(server.calls('/auth/me')).toBe(1)
  expect(server.rotations).toBe(0)
})

test('an access cookie that grows too old while a request is on its way is no refresh by somebody else', async () => {
  const { server, world, client } = await signedIn()
  server.faults.push(
    faultAt('/posts', () => {
      world.jar.delete('__Host-access_payload')
      return problem(401, 'token_expired')
    }),
  )
  expect((await world.run(client.fetch('/posts'))).status).toBe(200)
  expect(server.rotations).toBe(1)
})

test('an answer about somebody who signed out meanwhile is asked for again', async () => {
  const { server, world, reload } = await signedIn({ mode: 'one' })
  const client = reload()
  server.faults.push(
    faultAt('/auth/me', () => {
      world.stored.set('latchkey:cookie:https://app.example.com/auth', '{"type":"signed-in","id":"another"}')
      return Response.json({ id: 'old' })
    }),
  )
  expect((await world.run(client.ready()))?.id).toBe('ada')
  expect(server.calls('/auth/me')).toBe(2)
})

test('a visitor who is nobody costs no request', async () => {
  const { server, world, client } = open()
  expect(await world.run(client.ready())).toBeUndefined()
  expect(await world.run(client.refresh())).toBeUndefined()
  expect((await world.run(client.fetch('/posts'))).status).toBe(401)
  expect(server.seen.map(({ path }) => path)).toEqual(['/posts'])
})

test('a worker, which has no document, asks for what it cannot read', async () => {
  const { server, world, pages } = await signedIn()
  const { document: _, ...browser } = (pages[0] as Tab).browser
  const client = createClientIn(browser, '/auth')
  expect((await world.run(client.ready()))?.id).toBe('ada')
  expect((await world.run(client.fetch('/posts', { method: 'POST' }))).status).toBe(200)
  expect([server.calls('/auth/me'), server.calls('/auth/csrf'), server.rotations]).toEqual([1, 1, 0])
})

test('a real page has what the client needs', () => {
  const needs = (page: Window & typeof globalThis): Browser => page
  expect(typeof needs).toBe('function')
})

test('where cookies cannot be read or no page is there, nobody is signed in and nothing breaks', () => {
  const page = open().pages[0] as Tab
  const document = {
    baseURI: 'https://app.example.com/',
    get cookie(): string {
      throw new DOMException('sandboxed', 'SecurityError')
    },
  }
  const sandboxed = createClientIn({ ...page.browser, document }, '/auth')
  expect([sandboxed.user, sandboxed.expiresAt]).toEqual([undefined, undefined])
  const onServer = createClientIn(globalThis as never, '/auth')
  expect([onServer.user, onServer.expiresAt]).toEqual([undefined, undefined])
})
