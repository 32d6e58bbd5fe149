/** The bell of an issuer elsewhere: it rings for news, comes back when it breaks or falls silent, and stops when told. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { permitted } from '../../src/keys/addresses.js'
import { createSend } from '../../src/keys/request.js'
import { createRemoteWake, type RemoteWakeParts } from '../../src/revocation/remote-wake.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close()
})

/** A bell, the streams that it opened, and how often it rang. */
async function listening(
  parts: Partial<RemoteWakeParts> = {},
  answer: (response: ServerResponse, nth: number) => void = opened,
) {
  const streams: ServerResponse[] = []
  const seen: NodeJS.Dict<string | string[]>[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    streams.push(response)
    answer(response, streams.length)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/revocations/stream`
  const send = createSend({ permits: permitted(true), allowHttp: true })
  const wake = createRemoteWake({ url, token: 'lk_x', send, pauseSeconds: 0.01, ...parts })
  let rung = 0
  const stop = await wake.listen(() => rung++)
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
    stop,
  )
  await expect.poll(() => streams.length).toBeGreaterThan(0)
  return { streams, seen, stop, rung: () => rung, latest: () => streams.at(-1) as ServerResponse }
}

function opened(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders()
}

test('it rings for every event, and not for a heartbeat', async () => {
  const { latest, rung, seen } = await listening()
  expect(seen[0]).toMatchObject({ authorization: 'Bearer lk_x', accept: 'text/event-stream' })
  latest().write(':\n\n')
  latest().write('id: 1\ndata: {"head":1}\n\n')
  await expect.poll(rung).toBe(1)
  latest().write(':\n\n')
  latest().write('id: 2\ndata: {"head":2}\n\n')
  await expect.poll(rung).toBe(2)
})

test('an event that comes in pieces rings once', async () => {
  const { latest, rung } = await listening()
  latest().write('id: 1\nda')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(rung()).toBe(0)
  latest().write('ta: {}\n\n')
  await expect.poll(rung).toBe(1)
})

test('a stream that ends, breaks or falls silent is opened again', async () => {
  const { streams, latest, rung } = await listening({ silenceSeconds: 0.2 })
  latest().end()
  await expect.poll(() => streams.length).toBe(2)
  latest().destroy()
  await expect.poll(() => streams.length).toBe(3)
  // Nobody writes: no heartbeat, no stream.
  await expect.poll(() => streams.length, { timeout: 3_000 }).toBe(4)
  latest().write('data: {}\n\n')
  await expect.poll(rung).toBe(1)
})

test.each([
  ['refuses', (response: ServerResponse) => void response.writeHead(403).end('data: {}\n\n')],
  ['answers something else', (response: ServerResponse) => void response.writeHead(200).end('data: {}\n\n')],
  ['redirects', (response: ServerResponse) => void response.writeHead(302, { location: '/other' }).end()],
])('a server that %s is asked less and less, and rings nothing', async (_name, answer) => {
  const { streams, rung } = await listening({ pauseSeconds: 0.05 }, answer)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(rung()).toBe(0)
  expect(streams.length).toBeGreaterThan(1)
  // Evenly, that would be twenty.
  expect(streams.length).toBeLessThan(8)
})

test('told to stop it hangs up, and comes back no more', async () => {
  const { streams, latest, stop } = await listening()
  const gone = new Promise((resolve) => latest().on('close', resolve))
  stop()
  await gone
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(streams).toHaveLength(1)
})
