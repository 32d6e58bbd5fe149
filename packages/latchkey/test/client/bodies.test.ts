/** Requests that are sent twice or given up: bodies of every kind, streams, and signals. */
import { describe, expect, test } from 'vitest'
import { faultAt, signedIn } from './kit.js'
import { problem } from './server.js'

const body = async (response: Response): Promise<unknown> => response.json()

describe('a body', () => {
  const form = (): FormData => {
    const data = new FormData()
    data.set('title', 'Notes')
    data.set('file', new Blob(['bytes']), 'a.txt')
    return data
  }
  const stream = (): ReadableStream => new Blob(['streamed']).stream()

  test.each([
    ['text', { body: 'text' }, 'text'],
    ['bytes', { body: new TextEncoder().encode('bytes') }, 'bytes'],
    ['a blob', { body: new Blob(['blob']) }, 'blob'],
    ['parameters', { body: new URLSearchParams({ a: '1' }) }, 'a=1'],
    ['a form with a file', { body: form() }, 'filename="a.txt"'],
  ])('of %s is sent twice, whole', async (_, init, expected) => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/posts', () => problem(401, 'token_expired')))
    const response = await world.run(client.fetch('/posts', { method: 'POST', ...init }))
    expect(((await body(response)) as { text: string }).text).toContain(expected)
    expect(server.seen.filter(({ path }) => path === '/posts').map(({ text }) => text.includes(expected))).toEqual([
      true,
      true,
    ])
  })

  test('in a Request is sent twice, whole, also if it was a stream', async () => {
    const { server, world, client } = await signedIn()
    const init = { method: 'POST', body: stream(), duplex: 'half' } as RequestInit
    const request = new Request('https://app.example.com/posts', init)
    server.faults.push(faultAt('/posts', () => problem(401, 'token_expired')))
    expect(await body(await world.run(client.fetch(request)))).toEqual({ user: 'ada', text: 'streamed' })
    expect(request.bodyUsed).toBe(true)
    await expect(client.fetch(request)).rejects.toThrow(TypeError)
  })

  test('that changes after the call is sent as it was', async () => {
    const { server, world, client } = await signedIn()
    server.faults.push(faultAt('/posts', () => problem(401, 'token_expired')))
    const data = new URLSearchParams({ a: '1' })
    const pending = client.fetch('/posts', { method: 'POST', body: data })
    data.set('a', '2')
    expect(await body(await world.run(pending))).toMatchObject({ text: 'a=1' })
  })

  test('that is a stream waits for a refresh that is due, and cannot be sent twice', async () => {
    const { server, world, client } = await signedIn()
    const init = (): RequestInit => ({ method: 'POST', body: stream(), duplex: 'half' }) as RequestInit
    await world.pass(260)
    expect((await world.run(client.fetch('/posts', init()))).status).toBe(200)
    expect(server.seen.slice(-2).map(({ path }) => path)).toEqual(['/auth/refresh', '/posts'])
    server.faults.push(faultAt('/posts', () => problem(401, 'token_stale')))
    expect((await world.run(client.fetch('/posts', init()))).status).toBe(401)
    expect(server.rotations).toBe(2)
    expect((await world.run(client.fetch('/posts', init()))).status).toBe(200)
  })
})

describe('a request that is given up', () => {
  test('before it starts or on its way is rejected, and nobody is signed out', async () => {
    const { world, client } = await signedIn()
    const before = AbortSignal.abort(new Error('before'))
    await expect(world.run(client.fetch('/posts', { signal: before }))).rejects.toThrow('before')
    const controller = new AbortController()
    world.later(5, () => controller.abort(new Error('on its way')))
    await expect(world.run(client.fetch('/posts', { signal: controller.signal }))).rejects.toThrow('on its way')
    expect(client.user?.id).toBe('ada')
  })

  test('while the token is refreshed does not wait, and the refresh goes on', async () => {
    const { server, world, client } = await signedIn()
    await world.pass(400)
    const controller = new AbortController()
    const pending = client.fetch('/posts', { signal: controller.signal })
    world.later(2, () => controller.abort(new Error('enough')))
    const start = world.now
    await expect(world.run(pending)).rejects.toThrow('enough')
    expect(world.now - start).toBe(2)
    await world.pass(1)
    expect([server.rotations, server.calls('/posts')]).toEqual([1, 0])
  })
})
