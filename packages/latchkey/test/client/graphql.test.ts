/** Subscriptions of a page outlive its tokens: over a real socket and by real server-sent events. */
import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { createClient as createSocket } from 'graphql-ws'
import { useServer as serve } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { mount } from '../../src/adapters/node.js'
import { eventsOf, type GraphqlResult, socketOptions } from '../../src/client/graphql.js'
import { createClient } from '../../src/client/index.js'
import { directives, graphqlWsOptions, yogaPlugin } from '../../src/graphql/index.js'
import { PASSWORD, signedIn } from '../auth-kit.js'
import type { Json } from '../graphql/kit.js'

const sdl = `${directives}
  type Query { a: Int @public }
  type Subscription { news: Int @authenticated open: Int @public }
`

const bus = new EventEmitter().setMaxListeners(100)
const server = createServer()
let kit: Awaited<ReturnType<typeof signedIn>>
let base: string
let listeners = 0
const closes: number[] = []

beforeAll(async () => {
  kit = await signedIn({ development: false })
  const schema = buildSchema(sdl)
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.subscribe = async function* listen() {
      listeners += 1
      try {
        for await (const [n] of on(bus, 'news')) yield n
      } finally {
        listeners -= 1
      }
    }
    field.resolve = (n) => n
  }
  const endpoints = mount(kit.auth)
  const yoga = createYoga({ schema, plugins: [yogaPlugin(kit.auth, { development: false })], logging: false })
  server.on('request', async (request, response) => {
    if (!(await endpoints(request, response))) yoga(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const wss = new WebSocketServer({ server, path: '/graphql' })
  wss.on('connection', (socket) => socket.on('close', (code) => closes.push(code)))
  serve(graphqlWsOptions(kit.auth, { schema, development: false }), wss)
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await kit.auth.close()
})

/** A page with tokens in memory, whose user is signed in. */
async function page(username = 'alice') {
  const api = createClient(`${base}/auth`, { transport: 'bearer' })
  await api.login({ username, password: PASSWORD })
  return api
}

/** What is heard, one at a time: published again until somebody hears it, because a listener that returns returns when it can. */
async function hear(events: AsyncIterator<unknown>, n: number): Promise<unknown> {
  const next = events.next()
  const timer = setInterval(() => bus.emit('news', n), 20)
  try {
    for (;;) {
      const { value } = (await next) as Json
      return value
    }
  } finally {
    clearInterval(timer)
  }
}

const ways: Readonly<Record<string, (api: Json) => AsyncIterator<GraphqlResult>>> = {
  'a socket': (api) => {
    const url = `${base.replace('http', 'ws')}/graphql`
    const client = createSocket(socketOptions(api, { url, webSocketImpl: WebSocket }) as Json)
    return client.iterate({ query: 'subscription { news }' }) as Json
  },
  'server-sent events': (api) => eventsOf(api, `${base}/graphql`, { query: 'subscription { news }' }),
}

test.each(Object.entries(ways))('%s goes on with a fresh token after the old one expired', async (_name, open) => {
  const api = await page()
  const events = open(api)
  expect(await hear(events, 1)).toEqual({ data: { news: 1 } })
  kit.clock.now += 301
  expect(await hear(await ended(events), 2)).toEqual({ data: { news: 2 } })
  await events.return?.()
})

test.each(Object.entries(ways))('%s goes on when a permission was granted or taken', async (_name, open) => {
  const api = await page()
  const events = open(api)
  expect(await hear(events, 1)).toEqual({ data: { news: 1 } })
  await kit.auth.users.grant(kit.user.id, ['reports:read'])
  expect(await hear(await ended(events), 2)).toEqual({ data: { news: 2 } })
  await events.return?.()
})

test.each(Object.entries(ways))('%s ends with the reason when the session is over', async (_name, open) => {
  const api = await page()
  const events = open(api)
  expect(await hear(events, 1)).toEqual({ data: { news: 1 } })
  await kit.auth.revoke({ user: kit.user.id })
  await expect(events.next()).rejects.toMatchObject({ name: 'Over', code: 'token_revoked' })
  expect(api.user).toBeUndefined()
})

test('the next token is said on the open socket, which then does not end', async () => {
  const api = await page()
  const before = closes.length
  const events = ways['a socket']?.(api) as AsyncIterator<unknown>
  expect(await hear(events, 1)).toEqual({ data: { news: 1 } })
  kit.clock.now += 200
  await api.refresh()
  // A request after the ping on the same machine: the ping was heard by then.
  await hear(events, 2)
  kit.clock.now += 200
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(await hear(events, 3)).toEqual({ data: { news: 3 } })
  expect(closes.length).toBe(before)
  await events.return?.()
})

test('a server that has a fault is asked again, and nobody is signed out for it', async () => {
  const api = await page()
  const { authenticate } = kit.auth
  let faults = 0
  Object.assign(kit.auth, {
    authenticate: async () => {
      faults += 1
      if (faults > 1) Object.assign(kit.auth, { authenticate })
      throw new Error('disk I/O error')
    },
  })
  const events = ways['a socket']?.(api) as AsyncIterator<unknown>
  expect(await hear(events, 1)).toEqual({ data: { news: 1 } })
  expect([faults, closes.includes(4500), api.user?.id]).toEqual([2, true, kit.user.id])
  await events.return?.()
})

test('a page where somebody else signs in hears nothing in the name of the first', async () => {
  await kit.auth.users.create({ username: 'bob', password: PASSWORD })
  const api = await page()
  const events = ways['a socket']?.(api) as AsyncIterator<unknown>
  expect(await hear(events, 1)).toEqual({ data: { news: 1 } })
  await api.login({ username: 'bob', password: PASSWORD })
  await expect(events.next()).rejects.toMatchObject({ code: 4403 })
})

test('a stranger who signs in is somebody on the next socket', async () => {
  const api = createClient(`${base}/auth`, { transport: 'bearer' })
  const url = `${base.replace('http', 'ws')}/graphql`
  const client = createSocket(socketOptions(api, { url, webSocketImpl: WebSocket }) as Json)
  const open = client.iterate({ query: 'subscription { open }' }) as Json
  expect(await hear(open, 1)).toEqual({ data: { open: 1 } })
  await api.login({ username: 'alice', password: PASSWORD })
  const news = client.iterate({ query: 'subscription { news }' }) as Json
  expect(await hear(news, 2)).toEqual({ data: { news: 2 } })
  await Promise.all([open.return(), news.return()])
})

/** Once nobody listens any more, or a second is over: what was said before that is still of the old connection. */
async function ended<T>(events: T): Promise<T> {
  const giveUpAt = performance.now() + 1_000
  while (listeners > 0 && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20))
  return events
}
