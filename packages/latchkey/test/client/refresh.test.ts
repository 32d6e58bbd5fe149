/** When tokens are refreshed, and what happens when they cannot be. */
import { describe, expect, test } from 'vitest'
import { isRefused } from '../../src/client/refused.js'
import { faultAt, open, PASSWORD, signedIn } from './kit.js'
import { problem } from './server.js'

describe('a rejected login says', () => {
  test('what the server said', async () => {
    const { world, client } = open()
    const error = await world.run(client.login({ username: 'ada', password: 'bad' })).catch((one) => one)
    expect(isRefused(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'Refused',
      code: 'login_failed',
      status: 401,
      message: 'It is login_failed.',
      problem: { type: 'urn:latchkey:error:login_failed' },
    })
    expect(client.user).toBeUndefined()
  })

  test('how long to wait', async () => {
    const { server, world, client } = open()
    server.faults.push(faultAt('/auth/login', () => problem(429, 'login_throttled', {}, { 'retry-after': '7' })))
    await expect(world.run(client.login(PASSWORD))).rejects.toMatchObject({ code: 'login_throttled', retryAfter: 7 })
  })

  test('that somebody else answered, or nobody', async () => {
    const { server, world, client } = open()
    server.faults.push(faultAt('/auth/login', () => new Response('<h1>Bad gateway', { status: 502 })))
    const error = await world.run(client.login(PASSWORD)).catch((one) => one)
    expect(error).toMatchObject({ status: 502, code: undefined, problem: undefined })
    server.faults.push(faultAt('/auth/login', () => new TypeError('offline')))
    const offline = await world.run(client.login(PASSWORD)).catch((one) => one)
    expect([isRefused(offline), offline instanceof TypeError]).toEqual([false, true])
  })
})

test('a login says how long it shall last, and by what its tokens shall travel', async () => {
  const { server, world, client } = open()
  await world.run(client.login({ ...PASSWORD, remember: false }))
  expect(JSON.parse(server.seen[0]?.text ?? '')).toEqual({ ...PASSWORD, remember: false, transport: 'cookie' })
  await world.run(client.login(PASSWORD))
  expect(JSON.parse(server.seen[1]?.text ?? '')).toEqual({ ...PASSWORD, transport: 'cookie' })
})

describe('the moment of a refresh', () => {
  test('is drawn over the last third of the life of a token, and over at least a minute', async () => {
    for (const [accessSeconds, window] of [
      [900, 300],
      [300, 100],
      [150, 60],
      [30, 15],
    ] as const) {
      for (const draw of [0, 0.25, 0.999]) {
        const { server, world, client } = open({ accessSeconds, random: () => draw })
        await world.run(client.login(PASSWORD))
        const signedInAt = world.now / 1000
        await world.pass(accessSeconds - 1.2 * window)
        while (server.rotations === 0 && world.now / 1000 < signedInAt + accessSeconds + 5) {
          await world.pass(window / 30)
          await world.run(client.fetch('/posts'))
          await world.pass(0.2)
        }
        const early = accessSeconds - (world.now / 1000 - signedInAt)
        expect(Math.abs(early - window * draw)).toBeLessThan(1 + window / 15)
      }
    }
  })

  test('keeps nobody waiting while the token is good', async () => {
    const { server, world, client } = await signedIn({ random: () => 0.5 })
    await world.pass(260)
    const start = world.now
    expect((await world.run(client.fetch('/posts'))).status).toBe(200)
    expect(world.now - start).toBeLessThan(100)
    expect(
      server.seen
        .slice(-2)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/auth/refresh', '/posts'])
    await world.pass(1)
    expect(server.rotations).toBe(1)
    await world.run(client.fetch('/posts'))
    expect(server.rotations).toBe(1)
  })

  test('does not come by itself: a page that nobody uses does not keep a session alive', async () => {
    const { server, world } = await signedIn()
    await world.pass(3_600)
    expect(server.calls('/auth/refresh')).toBe(0)
  })

  test('after the token expired comes before the request: no 401 on the way', async () => {
    const { server, world, client } = await signedIn()
    await world.pass(5_000)
    expect((await world.run(client.fetch('/posts'))).status).toBe(200)
    expect(server.seen.slice(-2).map(({ path }) => path)).toEqual(['/auth/refresh', '/posts'])
  })

  test.each([-3_600, 3_600])('is right by a clock that is wrong by %i seconds', async (clock) => {
    for (const mode of ['split', 'one'] as const) {
      const { server, world, client, reload } = await signedIn({ mode, clock })
      await world.run(client.fetch('/posts'))
      expect(server.rotations).toBe(0)
      const after = reload()
      await world.run(after.fetch('/posts'))
      expect(server.rotations).toBe(0)
      await world.pass(301)
      await world.run(after.fetch('/posts'))
      expect(server.seen.slice(-2).map(({ path }) => path)).toEqual(['/auth/refresh', '/posts'])
    }
  })
})

test('many requests at once share one refresh, and each of them is answered', async () => {
  for (const seconds of [400, 1]) {
    const { server, world, client } = await signedIn()
    await world.pass(seconds)
    if (seconds === 1) server.forgetTokens()
    const all = Array.from({ length: 20 }, (_, i) => client.fetch('/posts', { method: 'POST', body: String(i) }))
    const answers = await world.run(Promise.all(all))
    expect(answers.map(({ status }) => status)).toEqual(all.map(() => 200))
    expect([server.rotations, server.calls('/auth/refresh')]).toEqual([1, 1])
  }
})

describe('a refresh that fails', () => {
  test.each([
    ['503', () => problem(503, 'store_failed', {}, { 'retry-after': '3' })],
    ['429', () => problem(429, 'login_throttled', {}, { 'retry-after': '3' })],
    ['500', () => new Response('oops', { status: 500 })],
    ['offline', () => new TypeError('offline')],
  ])('with %s signs nobody out: the answer of the request itself is handed back', async (name, make) => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/auth/refresh', make, 4))
    server.faults.push(faultAt('/posts', () => problem(401, 'token_stale'), 2))
    const response = await world.run(client.fetch('/posts'))
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'token_stale'])
    expect(client.user?.id).toBe('ada')
    const asked = server.calls('/auth/refresh')
    // Offline is asked twice, because an answer may have been lost; a server that is busy is left alone for as long as it says.
    expect(asked).toBe(name === 'offline' ? 2 : 1)
    await world.run(client.fetch('/posts'))
    expect(server.calls('/auth/refresh')).toBe(name === 'offline' ? 4 : 1)
    server.faults.length = 0
    await world.pass(5)
    server.faults.push(faultAt('/posts', () => problem(401, 'token_stale')))
    expect((await world.run(client.fetch('/posts'))).status).toBe(200)
  })

  test('with 401 signs out, and says so once', async () => {
    const { server, world, client } = await signedIn()
    const changes: unknown[] = []
    client.onChange((user) => changes.push(user))
    server.endAll()
    const response = await world.run(client.fetch('/posts'))
    expect(((await response.json()) as { code: string }).code).toBe('token_revoked')
    expect(client.user).toBeUndefined()
    expect(changes).toEqual([undefined])
    await world.run(client.fetch('/posts'))
    expect(server.calls('/auth/refresh')).toBe(1)
  })

  test('tells why when it was asked for', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/auth/refresh', () => problem(503, 'store_failed')))
    await expect(world.run(client.refresh())).rejects.toMatchObject({ code: 'store_failed' })
    expect((await world.run(client.refresh()))?.id).toBe('ada')
    server.endAll()
    expect(await world.run(client.refresh())).toBeUndefined()
  })
})

describe('an answer that got lost', () => {
  test('is asked for again while the server still gives the same one', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/auth/refresh', () => 'lost'))
    expect((await world.run(client.refresh()))?.id).toBe('ada')
    expect([server.rotations, server.graced, server.reused]).toEqual([1, 1, 0])
  })

  test('is asked for again in time also if it just does not come', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/auth/refresh', () => 'stuck'))
    expect((await world.run(client.refresh()))?.id).toBe('ada')
    expect([server.rotations, server.graced, server.reused]).toEqual([1, 1, 0])
  })

  test('is not waited for without end', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/auth/refresh', () => 'stuck', 2))
    const start = world.now
    await expect(world.run(client.refresh())).rejects.toThrow('too late')
    expect(world.now - start).toBeLessThan(21_000)
    expect(client.user?.id).toBe('ada')
  })

  test('of a logout is asked for again, and a session that is over already is as good', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/auth/logout', () => 'lost'))
    await world.run(client.logout())
    expect([client.user, server.calls('/auth/logout')]).toEqual([undefined, 2])
  })
})

test('a logout that does not reach the server keeps the cookies, and so the user', async () => {
  const { server, world, client } = await signedIn()
  server.faults.push(faultAt('/auth/logout', () => new TypeError('offline'), 2))
  await expect(world.run(client.logout())).rejects.toThrow('offline')
  expect(client.user?.id).toBe('ada')
  await world.run(client.logout())
  expect(client.user).toBeUndefined()
  expect(world.cookieHeader()).toBe('')
})

test('a listener that throws disturbs nobody, and one that was taken away hears nothing', async () => {
  const { world, client, pages } = await signedIn()
  const heard: string[] = []
  client.onChange(() => {
    throw new Error('mine')
  })
  const listener = (): void => void heard.push('a')
  const stop = client.onChange(listener)
  client.onChange(listener)
  await world.run(client.refresh())
  expect(heard).toEqual(['a', 'a'])
  stop()
  stop()
  await world.run(client.refresh())
  expect(heard).toEqual(['a', 'a', 'a'])
  expect(pages[0]?.errors.map(String)).toEqual(['Error: mine', 'Error: mine'])
})
