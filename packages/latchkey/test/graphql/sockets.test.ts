/** A subscription lives as long as the credential it was opened with, over a WebSocket and over server-sent events (218). */
import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { directives, type GraphqlWsOptions, graphqlWsOptions, yogaPlugin } from '../../src/graphql/index.js'
import { type AuthOptions, apiToken, bearer, jwt, oneCookie } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { PASSWORD, signedIn } from '../auth-kit.js'
import type { Json } from './kit.js'

const sdl = `${directives}
  type Query { me: String @authenticated open: String @public }
  type Subscription { news: Int @authenticated open: Int @public secret: Int @hasPermission(allOf: ["hr:read"]) }
`

/** A schema whose streams carry what `publish` says, and tell who listens. */
function streams() {
  const bus = new EventEmitter()
  const schema = buildSchema(sdl)
  const fields: Json = schema.getSubscriptionType()?.getFields()
  let listeners = 0
  async function* listen() {
    listeners += 1
    const end = new AbortController()
    try {
      for await (const [n] of on(bus, 'news', { signal: end.signal })) yield n
    } finally {
      listeners -= 1
    }
  }
  for (const name of Object.keys(fields)) {
    fields[name].subscribe = listen
    fields[name].resolve = (n: number) => n
  }
  const query: Json = schema.getQueryType()?.getFields()
  query.me.resolve = (_source: unknown, _args: unknown, { auth }: Json) => auth.userId
  query.open.resolve = () => 'open'
  return { schema, publish: (n: number) => bus.emit('news', n), listeners: () => listeners }
}

async function started(make: (schema: GraphQLSchema, auth: Json) => Json, options: Partial<AuthOptions<Account>> = {}) {
  const kit = await signedIn({ development: false, ...options })
  const world = streams()
  const server = createServer()
  const close = make(world.schema, { auth: kit.auth, server })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await close?.()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await kit.auth.close()
  })
  return { ...kit, ...world, port: (server.address() as AddressInfo).port }
}

const sockets = (options: Partial<AuthOptions<Account>> = {}, more: Partial<GraphqlWsOptions> = {}) =>
  started((schema, { auth, server }) => {
    const wss = new WebSocketServer({ server, path: '/graphql' })
    const { dispose } = useServer(graphqlWsOptions(auth, { schema, development: false, ...more }), wss)
    return dispose
  }, options)

/** A client that writes down all it hears. */
async function connect(port: number, payload?: object, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { headers })
  const heard: Json[] = []
  const waiting = new Set<() => void>()
  const closed = new Promise<{ code: number; reason: string; at: number }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason), at: performance.now() })),
  )
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)))
    for (const one of waiting) one()
  })
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const send = (message: object) => socket.send(JSON.stringify(message))
  if (payload) send({ type: 'connection_init', payload })
  return { heard, closed, send, until, socket }

  async function until(isSo: (heard: Json[]) => boolean): Promise<void> {
    while (!isSo(heard)) await new Promise<void>((resolve) => waiting.add(resolve))
  }
}

const subscribe = (query: string, id = '1') => ({ id, type: 'subscribe', payload: { query } })
const is = (type: string) => (heard: Json[]) => heard.some((one) => one.type === type)
const values = (heard: Json[]) => heard.flatMap((one) => (one.type === 'next' ? [one.payload] : []))

/** Subscribed, and heard once. */
async function listening(world: Awaited<ReturnType<typeof sockets>>, payload: object, query = 'subscription { news }') {
  const client = await connect(world.port, payload)
  await client.until(is('connection_ack'))
  client.send(subscribe(query))
  const before = world.listeners()
  while (world.listeners() === before) await new Promise((resolve) => setImmediate(resolve))
  world.publish(1)
  await client.until(is('next'))
  return client
}

const endings: Record<string, (world: Awaited<ReturnType<typeof sockets>>) => unknown> = {
  'token_expired when the token expires': ({ clock }) => {
    clock.now += 301
  },
  'token_revoked when the session ends': async ({ auth, user }) => {
    for (const { id } of await auth.sessions.list(user.id)) await auth.revoke({ session: id })
  },
  'token_revoked when the user is disabled': ({ auth, user }) => auth.users.disable(user.id),
  'token_stale when a permission is lost': ({ auth, user }) => auth.users.take(user.id, ['posts:*']),
}

test.each(Object.entries(endings))('closes within a second, with 4401 and %s (218)', async (name, end) => {
  const world = await sockets()
  const client = await listening(world, { token: world.tokens.access_token })
  const began = performance.now()
  await end(world)
  const { code, reason, at } = await client.closed
  expect([code, reason]).toEqual([4401, name.split(' ')[0]])
  expect(at - began).toBeLessThan(1_000)
  expect(values(client.heard)).toEqual([{ data: { news: 1 } }])
  while (world.listeners() > 0) {
    world.publish(2)
    await new Promise((resolve) => setImmediate(resolve))
  }
})

test.each(Object.entries(endings))(
  'emits nothing after the moment of %s, not even before the socket closes (218)',
  async (_name, end) => {
    const world = await sockets()
    const client = await listening(world, { token: world.tokens.access_token }, 'subscription { open }')
    await end(world)
    world.publish(2)
    const { code } = await client.closed
    expect(code).toBe(4401)
    expect(values(client.heard)).toEqual([{ data: { open: 1 } }])
  },
)

test('closes a connection with a bad token, and sends strangers away where they are', async () => {
  const world = await sockets()
  const bad = await (await connect(world.port, { token: 'nonsense' })).closed
  expect([bad.code, bad.reason]).toEqual([4401, 'token_invalid'])
  const early = await connect(world.port)
  early.send(subscribe('subscription { open }'))
  expect((await early.closed).code).toBe(4401)
  const strict = await sockets({}, { requireAuthentication: true })
  const stranger = await (await connect(strict.port, {})).closed
  expect([stranger.code, stranger.reason]).toEqual([4401, 'credential_missing'])
})

test('a connection that never says who it is ends after three seconds, with 4408 (218)', async () => {
  const world = await sockets()
  const began = performance.now()
  const { code, at } = await (await connect(world.port)).closed
  expect(code).toBe(4408)
  expect(at - began).toBeLessThan(4_000)
})

test('a stranger hears what is public, and nothing else', async () => {
  const world = await sockets()
  const client = await listening(world, {}, 'subscription { open }')
  client.send(subscribe('subscription { news }', '2'))
  client.send(subscribe('{ me open }', '3'))
  client.send(subscribe('subscription { nwes }', '4'))
  client.send(subscribe('{ __schema { types { name } } }', '5'))
  await client.until((heard) => ['2', '3', '4', '5'].every((id) => heard.some((one) => one.id === id)))
  const of = (id: string) => client.heard.find((one) => one.id === id)
  expect(JSON.stringify(of('2'))).toContain('credential_missing')
  expect(of('3').payload).toMatchObject({
    data: { me: null, open: 'open' },
    errors: [{ extensions: { code: 'credential_missing' } }],
  })
  expect(JSON.stringify(of('4'))).not.toContain('Did you mean')
  expect(of('5').payload[0].extensions.code).toBe('credential_missing')
  const known = await listening(world, { Authorization: `Bearer ${world.tokens.access_token}` })
  known.send(subscribe('subscription { secret }', '2'))
  await known.until((heard) => heard.some((one) => one.id === '2'))
  expect(JSON.stringify(known.heard.find((one) => one.id === '2'))).toContain('"missing":["hr:read"]')
})

test('a next token in a ping keeps the socket of its user open, and of nobody else', async () => {
  const world = await sockets()
  const client = await listening(world, { token: world.tokens.access_token })
  world.clock.now += 200
  const next = (await world.call('POST', '/auth/refresh', { body: { refresh_token: world.tokens.refresh_token } })).body
  client.send({ type: 'ping', payload: { token: next.access_token } })
  await client.until(is('pong'))
  world.clock.now += 200
  // Longer than it takes to judge everybody twice.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  world.publish(2)
  await client.until((heard) => values(heard).length === 2)
  expect(values(client.heard)).toEqual([{ data: { news: 1 } }, { data: { news: 2 } }])
  client.send(subscribe('{ me }', '9'))
  await client.until((heard) => heard.some((one) => one.id === '9'))
  expect(client.heard.find((one) => one.id === '9').payload).toEqual({ data: { me: world.user.id } })
  const bob = await world.auth.users.create({ username: 'bob', password: 'another good password', permissions: ['*'] })
  client.send({ type: 'ping', payload: { token: (await world.auth.tokens.issue(bob)).access } })
  const { code, reason } = await client.closed
  expect([code, reason]).toEqual([4403, 'permission_denied'])
})

test('a bad token in a ping ends the socket, and a stranger does not become somebody', async () => {
  const world = await sockets()
  const client = await listening(world, { token: world.tokens.access_token })
  client.send({ type: 'ping', payload: { token: 'nonsense' } })
  expect((await client.closed).code).toBe(4401)
  const stranger = await listening(world, {}, 'subscription { open }')
  stranger.send({ type: 'ping', payload: { token: world.tokens.access_token } })
  expect((await stranger.closed).code).toBe(4403)
})

test('a cookie opens a socket for our own pages alone, and ends it as a token would', async () => {
  const world = await sockets({ transports: [oneCookie(), bearer()], silentRefresh: true } as Partial<
    AuthOptions<Account>
  >)
  const login = await world.call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })
  const cookie = login.headers
    .getSetCookie()
    .map((line: string) => line.split(';', 1)[0])
    .join('; ')
  const origin = 'https://api.example.com'
  for (const foreign of [{ cookie, origin: 'https://evil.example' }, { cookie }]) {
    const { code, reason } = await (await connect(world.port, {}, foreign)).closed
    expect([code, reason]).toEqual([4403, 'csrf_failed'])
  }
  const client = await connect(world.port, {}, { cookie, origin })
  await client.until(is('connection_ack'))
  client.send(subscribe('{ me }'))
  await client.until(is('next'))
  expect(values(client.heard)).toEqual([{ data: { me: world.user.id } }])
  world.clock.now += 400
  const { code, reason } = await client.closed
  expect([code, reason]).toEqual([4401, 'token_expired'])
  // The refresh token was not used up by it.
  const refreshed = await world.call('POST', '/auth/refresh', {
    headers: { cookie, 'x-csrf-token': login.body.csrf_token, origin },
  })
  expect(refreshed.status).toBe(200)
})

test('an API token that is revoked ends its socket', async () => {
  const world = await sockets({ authenticators: [jwt(), apiToken()] } as Partial<AuthOptions<Account>>)
  const { token, id } = await world.auth.apiTokens.create(world.user.id, { name: 'script' })
  const client = await listening(world, { token })
  await world.auth.apiTokens.revoke(id)
  expect((await client.closed).code).toBe(4401)
})

test('server-sent events of Yoga end alike: the last one says why (218)', async () => {
  for (const [name, end] of Object.entries(endings)) {
    const world = await started((schema, { auth, server }) => {
      server.on('request', createYoga({ schema, logging: false, plugins: [yogaPlugin(auth, { development: false })] }))
    })
    const response = await fetch(`http://127.0.0.1:${world.port}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${world.tokens.access_token}`,
      },
      body: JSON.stringify({ query: 'subscription { open }' }),
    })
    const reader = (response.body as ReadableStream<Uint8Array>)
      .pipeThrough(new TextDecoderStream() as never)
      .getReader()
    let text = ''
    const read = async (isSo: () => boolean) => {
      while (!isSo()) {
        const { done, value } = await reader.read()
        if (done) break
        text += String(value)
      }
    }
    while (world.listeners() === 0) await new Promise((resolve) => setImmediate(resolve))
    world.publish(1)
    await read(() => text.includes('"open":1'))
    const began = performance.now()
    await end(world)
    world.publish(2)
    await read(() => false)
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(text).not.toContain('"open":2')
    expect(text).toContain(`"code":"${name.split(' ')[0]}"`)
    expect(text).toContain('event: complete')
  }
})
