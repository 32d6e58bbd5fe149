/** Several tabs of one browser: what one does the others know, with whatever the browser can do. */
import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/client/types.js'
import { faultAt, open, PASSWORD, signedIn } from './kit.js'
import { problem } from './server.js'
import { ABLE, type Abilities, seeded } from './world.js'

const browsers: readonly (readonly [string, Abilities])[] = [
  ['everything', ABLE],
  ['no locks', { ...ABLE, locks: false }],
  ['no channels', { ...ABLE, channels: false }],
  ['storage alone', { locks: false, channels: false, storage: true }],
  ['no storage', { ...ABLE, storage: false }],
]

describe.each(browsers)('in a browser with %s', (_, abilities) => {
  test.each(['split', 'one'] as const)(
    'five tabs that find their token expired at once make one rotation (%s)',
    async (mode) => {
      const { server, world, clients } = await signedIn({ tabs: 5, abilities, mode })
      await world.pass(400)
      const answers = clients.flatMap((one) => [one.fetch('/posts'), one.fetch('/posts', { method: 'POST' })])
      expect((await world.run(Promise.all(answers))).map(({ status }) => status)).toEqual(answers.map(() => 200))
      expect([server.rotations, server.calls('/auth/refresh'), server.reused]).toEqual([1, 1, 0])
      await world.pass(1)
      for (const one of clients) {
        expect((await world.run(one.ready()))?.id).toBe('ada')
        expect(one.expiresAt).toBeGreaterThan(world.now / 1000 + 290)
      }
    },
  )

  test('a login in one tab signs in the others, and a logout signs them out at once', async () => {
    const { world, clients } = open({ tabs: 3, abilities, mode: 'one' })
    const heard: string[] = []
    for (const [i, one] of clients.entries()) one.onChange((user) => heard.push(`${i} ${user?.id ?? 'nobody'}`))
    await world.run(Promise.resolve(clients[0]?.login(PASSWORD)))
    await world.pass(1)
    expect(clients.map(({ user }) => user?.id)).toEqual(['ada', 'ada', 'ada'])
    expect(heard).toEqual(expect.arrayContaining(['0 ada', '1 ada', '2 ada']))
    heard.length = 0
    await world.run(clients[1]?.logout() ?? Promise.resolve())
    await world.pass(0.1)
    expect(clients.map(({ user }) => user)).toEqual([undefined, undefined, undefined])
    expect(heard.sort()).toEqual(['0 nobody', '1 nobody', '2 nobody'])
  })

  test('a session that turns out to be over is over in all tabs, after one refresh', async () => {
    const { server, world, clients } = await signedIn({ tabs: 4, abilities })
    server.endAll()
    await world.run(Promise.all(clients.map((one) => one.fetch('/posts'))))
    await world.pass(1)
    expect(clients.map(({ user }) => user)).toEqual([undefined, undefined, undefined, undefined])
    expect(server.calls('/auth/refresh')).toBe(1)
  })

  test('a refresh, a logout and a login at once end with whoever came last, in all tabs alike', async () => {
    const { server, world, clients } = await signedIn({ tabs: 3, abilities })
    await world.pass(400)
    const [a, b, c] = clients
    await world.run(Promise.all([a?.fetch('/posts'), b?.logout(), c?.login({ username: 'bob', password: 'good' })]))
    await world.pass(1)
    // Without locks nobody knows who that is.
    const last = abilities.locks || world.cookieHeader() !== '' ? 'bob' : undefined
    expect(clients.map(({ user }) => user?.id)).toEqual([last, last, last])
    expect(server.reused).toBe(0)
    expect((await world.run(clients[0]?.fetch('/posts') as Promise<Response>)).status).toBe(last ? 200 : 401)
  })
})

test('a tab that heard nothing sees what the cookies say when it comes to the front', async () => {
  const { world, clients, pages } = await signedIn({ tabs: 2 })
  const heard: unknown[] = []
  clients[1]?.onChange((user) => heard.push(user))
  pages[1]?.emit('focus')
  expect(heard).toEqual([])
  // A logout of the server's own pages, of which no client knows.
  world.jar.clear()
  pages[1]?.emit('pageshow')
  pages[1]?.emit('focus')
  expect(heard).toEqual([undefined])
})

test('what a tab tells the others holds no token', async () => {
  for (const mode of ['split', 'one'] as const) {
    const { server, world, client } = await signedIn({ mode })
    await world.run(client.refresh())
    const secrets = [...world.jar.values()].map(({ value }) => value)
    const told = [...world.stored.values()].join()
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
    expect(told).not.toContain('ada')
    expect(server.rotations).toBe(1)
  }
})

test('junk in the storage or on the channel is no news', async () => {
  for (const abilities of [ABLE, { ...ABLE, channels: false }]) {
    const { world, client, pages, openTab } = await signedIn({ tabs: 2, abilities })
    const key = 'latchkey:cookie:https://app.example.com/auth'
    for (const junk of [
      '',
      '{',
      'null',
      '7',
      '[]',
      '{"type":7}',
      '{"type":"constructor","expiresAt":"x","ahead":"y"}',
    ]) {
      for (const channel of pages[0]?.channels ?? []) channel.hear({ data: junk })
      pages[0]?.emit('storage', { key, newValue: junk })
      pages[0]?.emit('storage', { key: 'other', newValue: '{"type":"signed-out"}' })
      world.stored.set(key, junk)
      expect(client.user?.id).toBe('ada')
      expect((await world.run(client.fetch('/posts'))).status).toBe(200)
      expect(openTab().user?.id).toBe('ada')
    }
  }
})

describe('the lease in place of a lock', () => {
  const lease = 'latchkey:cookie:https://app.example.com/auth:lock'
  const abilities = { ...ABLE, locks: false }

  test('of a tab that died is over when its time is', async () => {
    const { server, world, client } = await signedIn({ abilities })
    world.stored.set(lease, `dead ${world.now + 20_000}`)
    const start = world.now
    await world.run(client.refresh())
    expect(world.now - start).toBeGreaterThan(20_000)
    expect(server.rotations).toBe(1)
    expect(world.stored.has(lease)).toBe(false)
  })

  test.each(['junk', 'dead soon', 'dead 99999999999999999'])('that says "%s" is none', async (text) => {
    const { world, client } = await signedIn({ abilities })
    world.stored.set(lease, text)
    const start = world.now
    await world.run(client.refresh())
    expect(world.now - start).toBeLessThan(1_000)
  })

  test('is not waited for longer than any may last', async () => {
    const { server, world, client } = await signedIn({ abilities })
    const hold = (): void => {
      world.stored.set(lease, `busy ${world.now + 20_000}`)
      if (world.now < 1_800_000_100_000) world.later(1_000, hold)
    }
    hold()
    const start = world.now
    await world.run(client.refresh())
    expect(world.now - start).toBeLessThan(31_000)
    expect(server.rotations).toBe(1)
  })
})

test('locks that a page may not take are done without', async () => {
  const { server, world, client, pages } = await signedIn()
  const locks = pages[0]?.browser.navigator?.locks as { request: unknown }
  locks.request = async () => {
    throw new DOMException('no origin', 'SecurityError')
  }
  await world.run(client.refresh())
  expect(server.rotations).toBe(1)
})

test('a logout waits for a refresh that is under way, whose cookies would come after it', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { world, clients } = await signedIn({ tabs: 2, random: seeded(seed) })
    await world.run(Promise.all([clients[0]?.refresh(), clients[1]?.logout()]))
    await world.pass(1)
    expect([world.cookieHeader(), ...clients.map(({ user }) => user)]).toEqual(['', undefined, undefined])
  }
})

test('a token that turns out to be stale while an older one waits for its turn is refreshed, too', async () => {
  const { server, world, clients, pages } = await signedIn({ tabs: 2 })
  await world.pass(400)
  const [a, b] = clients as [Client, Client]
  const locks = pages[0]?.browser.navigator?.locks as { request(name: string, work: () => Promise<unknown>): unknown }
  const real = locks.request
  locks.request = async (name, work) => {
    await new Promise<void>((resolve) => world.later(1_000, resolve))
    return real(name, work)
  }
  const first = a.fetch('/posts')
  await world.run(b.fetch('/posts'))
  server.faults.push(faultAt('/posts', () => problem(401, 'token_stale')))
  const second = a.fetch('/posts')
  const answers = await world.run(Promise.all([first, second]))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(server.rotations).toBe(2)
})
