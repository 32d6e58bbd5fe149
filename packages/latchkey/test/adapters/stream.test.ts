/** A stream of events goes through every framework as it comes, over real sockets, and ends when its listener hangs up. */
import { createServer, type IncomingMessage, type Server, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import Koa2 from 'koa2'
import { afterEach, describe, expect, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forKoa from '../../src/adapters/koa.js'
import * as forNode from '../../src/adapters/node.js'
import { fetchDoor } from '../../src/endpoints/fetch.js'
import type { Auth } from '../../src/index.js'
import { signedIn } from '../auth-kit.js'

const frameworks: Record<string, (auth: Auth) => Server | Promise<Server>> = {
  node(auth) {
    const endpoints = forNode.mount(auth)
    return createServer(async (request, response) => {
      if (!(await endpoints(request, response))) response.end()
    })
  },
  express: (auth) => createServer(express().use(forExpress.mount(auth))),
  koa: (auth) => createServer(new Koa().use(forKoa.mount(auth)).callback()),
  'koa 2': (auth) => createServer(new Koa2().use(forKoa.mount(auth)).callback()),
  async fastify(auth) {
    const app = fastify()
    await app.register(forFastify.mount(auth)).ready()
    return app.server
  },
  hono: (auth) => createAdaptorServer({ fetch: new Hono().use(forHono.mount(auth)).fetch }) as Server,
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The adapter under test in front of a stream that a test feeds and watches. */
async function served(make: (auth: Auth) => Server | Promise<Server>, stream: ReadableStream<Uint8Array>) {
  const kit = await signedIn()
  const answer = async () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: stream })
  const server = await make({ ...kit.auth, answer, handle: fetchDoor(answer) })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(
    () => kit.auth.close(),
    () => server.close(),
    () => server.closeAllConnections(),
  )
  const { port } = server.address() as AddressInfo
  return new Promise<IncomingMessage>((resolve, reject) => {
    send({ port, host: '127.0.0.1', path: '/auth/revocations/stream' }, resolve).on('error', reject).end()
  })
}

describe.each(Object.entries(frameworks))('%s', (_name, make) => {
  test('passes on each event when it happens, and the end', async () => {
    const { stream, output } = fed()
    const answer = await served(make, stream)
    const chunks = answer[Symbol.asyncIterator]()
    for (const text of ['id: 1\n\n', ':\n\n', 'id: 2\n\n']) {
      output.enqueue(Buffer.from(text))
      expect(String((await chunks.next()).value)).toBe(text)
    }
    output.close()
    expect((await chunks.next()).done).toBe(true)
  })

  test('tells the stream that its listener hung up', async () => {
    const started = (output: ReadableStreamDefaultController<Uint8Array>) => output.enqueue(Buffer.from(':\n\n'))
    let isCancelled = false
    const cancel = () => {
      isCancelled = true
    }
    const answer = await served(make, new ReadableStream({ start: started, cancel }))
    answer.destroy()
    await expect.poll(() => isCancelled).toBe(true)
  })

  test('reads no faster than its listener', async () => {
    let chunks = 0
    const much = Buffer.alloc(65_536, ':')
    const pull = (output: ReadableStreamDefaultController<Uint8Array>) => {
      chunks++
      output.enqueue(much)
    }
    const answer = await served(make, new ReadableStream({ pull }))
    answer.pause()
    const before = await settled(() => chunks)
    // What fits into the buffers of two sockets, and far from all there could be.
    expect(before).toBeLessThan(400)
    answer.destroy()
  })

  test('a stream that breaks breaks the answer, not the server', async () => {
    const { stream, output } = fed()
    const answer = await served(make, stream)
    const broken = new Promise((resolve) => answer.on('close', resolve).on('error', resolve))
    answer.resume()
    output.error(new Error('gone'))
    await broken
  })
})

/** A stream, and what feeds it. */
function fed() {
  let output: ReadableStreamDefaultController<Uint8Array> | undefined
  const start = (one: ReadableStreamDefaultController<Uint8Array>) => {
    output = one
  }
  const stream = new ReadableStream<Uint8Array>({ start })
  return { stream, output: output as never as ReadableStreamDefaultController<Uint8Array> }
}

/** A number that stays the same for a while. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const now = read()
    if (now === last) return now
    last = now
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
