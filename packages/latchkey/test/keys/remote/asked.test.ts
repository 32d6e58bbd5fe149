/** Promises of a fetch that asks the same server again and again: kept connections, questions in JSON, refusals that are read. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { permitted } from '../../../src/keys/addresses.js'
import { createJsonFetch, type FetchParts } from '../../../src/keys/fetch.js'
import { type HostileServer, hostileServer, modes } from './hostile-server.js'

const LIMIT = 262_144

let server: HostileServer
beforeAll(async () => {
  server = await hostileServer({ mode: modes.json({ keys: [] }) })
})
afterAll(() => server.close())

const fetcher = (parts: Partial<FetchParts> = {}) =>
  createJsonFetch({ permits: permitted(true), allowHttp: true, ...parts })

test('a connection that is kept serves the next request, and an answer that was not read to its end closes it', async () => {
  const kept = fetcher({ keepAlive: true })
  const before = server.connections
  for (let i = 0; i < 3; i++) await kept(server.jwksUrl)
  expect(server.connections - before).toBe(1)
  server.mode = (_request, response) => void response.writeHead(200).end(JSON.stringify({ a: 'x'.repeat(LIMIT) }))
  await expect(kept(server.jwksUrl)).rejects.toThrow('256 KiB')
  await expect.poll(() => server.open).toBe(0)
})

test('a question is sent as JSON, and what a refusal says is read where that is asked for', async () => {
  let seen = ''
  server.mode = async (request, response) => {
    for await (const chunk of request) seen += chunk
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{"code":"token_expired"}')
  }
  const body = { token: 'x' }
  await expect(fetcher({ refusals: true })(server.jwksUrl, undefined, { body })).rejects.toMatchObject({
    status: 401,
    value: { code: 'token_expired' },
  })
  expect(JSON.parse(seen)).toEqual(body)
  const error = await fetcher()(server.jwksUrl, undefined, { body }).catch((one: unknown) => one)
  expect(error).toMatchObject({ status: 401 })
  expect(error).not.toHaveProperty('value')
})

test('a kept connection that its server closed meanwhile costs another attempt, and a new one that breaks costs the answer', async () => {
  const answered = new WeakSet<object>()
  server.mode = (request, response) => {
    if (answered.has(request.socket)) return void request.socket.destroy()
    answered.add(request.socket)
    modes.json({ keys: [] })(request, response)
  }
  const kept = fetcher({ keepAlive: true })
  for (let i = 0; i < 5; i++) expect(await kept(server.jwksUrl)).toMatchObject({ value: { keys: [] } })
  server.mode = (request) => void request.socket.destroy()
  const before = server.requests.length
  await expect(kept(server.jwksUrl)).rejects.toThrow()
  expect(server.requests.length - before).toBeLessThan(3)
})
