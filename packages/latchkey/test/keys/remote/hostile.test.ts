/** The keys of an issuer over real sockets, against the hostile server: how often it is asked, and who suffers (G7; cases 113-118, 123). */
import { afterEach, expect, test } from 'vitest'
import { permitted } from '../../../src/keys/addresses.js'
import { createJsonFetch } from '../../../src/keys/fetch.js'
import type { RemoteKeys, RemoteKeysParts } from '../../../src/keys/remote.js'
import { count } from '../../count.js'
import { codeOf } from '../fixtures.js'
import { type HostileServer, hostileServer, type Mode, modes } from './hostile-server.js'
import { down, named, type Remote, remote, setOf } from './kit.js'

const a = named('a')
const b = named('b')
const good = modes.json(setOf(a))
const COOL_DOWN = 30

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((one) => one.close()))
})

/** An issuer on this machine, and its keys as they are fetched in earnest. */
async function issuer(mode: Mode, more: Partial<RemoteKeysParts> = {}): Promise<Remote & { server: HostileServer }> {
  const server = await hostileServer({ mode })
  const source = { jwksUrl: server.jwksUrl }
  const parts = { source, allowHttp: true, allowPrivate: true, fetchJson: undefined, ...more }
  const made = remote(down, parts)
  toClose.push(made.keys, server)
  return { ...made, server }
}

test('G7, case 113: ten thousand unknown names are one request, and cost a good token next to nothing', async () => {
  const { keys, clock, server } = await issuer(good)
  await keys.find('a', 'ES256')
  clock.now += COOL_DOWN
  const junk = Array.from({ length: 10_000 }, (_, at) => keys.find(`junk-${at}`, 'ES256'))
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect((await Promise.all(junk)).every((key) => key === undefined)).toBe(true)
  expect(server.requests).toHaveLength(2)
  count('unknown names at one issuer', junk.length)
})

test('G7, case 115: a thousand tokens at a cold start are one request over one connection', async () => {
  const { keys, server } = await issuer(good)
  const found = await Promise.all(Array.from({ length: 1_000 }, () => keys.find('a', 'ES256')))
  expect(found.every((key) => key?.kid === 'a')).toBe(true)
  expect([server.requests.length, server.connections]).toEqual([1, 1])
})

const badDays: readonly [string, Mode][] = [
  ['114: answers 500', modes.status(500)],
  ['114: answers 429', modes.status(429)],
  ['114: resets the connection', modes.reset()],
  ['114: answers half a document', modes.text('{"keys":[')],
  ['116: drips', modes.drip()],
  ['116: never answers', modes.hang()],
  ['117: sends a hundred megabytes', modes.huge()],
  ['117: sends a gzip bomb', modes.gzipBomb()],
  ['117: lies about the length', modes.lying('{"keys":[]}', 100)],
  ['118: redirects', modes.redirect(302, 'http://169.254.169.254/')],
  ['121: answers with a page', modes.html()],
]

test.each(badDays)('an issuer that had a good day first and now (case %s) loses nobody', async (_, mode) => {
  const { keys, clock, server } = await issuer(good, { lookSeconds: 1 })
  await keys.find('a', 'ES256')
  server.mode = mode
  clock.now += COOL_DOWN
  expect(await codeOf(() => keys.find('junk', 'ES256'))).toBe('issuer_unreachable')
  expect(await codeOf(() => keys.find('junk', 'ES256'))).toBe('issuer_unreachable')
  expect(keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(server.requests).toHaveLength(2)
  server.mode = modes.json(setOf(a, b))
  clock.now += COOL_DOWN
  await codeOf(() => keys.find('b', 'ES256'))
  expect(await settled(keys)).toMatchObject({ kid: 'b' })
})

/** The look that this token began is under way: the next answer has the key. */
async function settled(keys: RemoteKeys) {
  for (let turn = 0; turn < 200 && keys.state().lastError !== undefined; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return keys.find('b', 'ES256')
}

test('case 116: an issuer that never answers keeps nobody waiting who belongs to another one', async () => {
  const hanging = await issuer(modes.hang(), { lookSeconds: 0.2 })
  const healthy = await issuer(good)
  const waiting = codeOf(() => hanging.keys.find('a', 'ES256'))
  expect(await healthy.keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(hanging.server.requests.length).toBeLessThanOrEqual(1)
  expect(await waiting).toBe('issuer_unreachable')
})

test('case 117: of a hundred megabytes hardly more is sent than the buffers between us hold', async () => {
  let sent = 0
  const { keys } = await issuer((request, response) => {
    response.on('close', () => {
      sent = request.socket.bytesWritten
    })
    modes.huge()(request, response)
  })
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  for (let turn = 0; turn < 200 && sent === 0; turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(sent).toBeGreaterThan(262_144)
  expect(sent).toBeLessThan(20_000_000)
})

test('case 123: an issuer that rotates at every request is followed as far as the cool-down allows', async () => {
  const rotating = Array.from({ length: 10 }, (_, at) => named(`k${at}`))
  const { keys, clock, server } = await issuer(modes.inTurn(...rotating.map((key) => modes.json(setOf(key)))))
  for (const { kid } of rotating) {
    expect(await keys.find(kid, 'ES256')).toMatchObject({ kid })
    clock.now += COOL_DOWN
  }
  expect(server.requests).toHaveLength(10)
  expect(keys.generation).toBe(10)
  expect(keys.find('k9', 'ES256')).toMatchObject({ kid: 'k9' })
})

test('discovery over sockets: description and keys, from one issuer', async () => {
  const server = await hostileServer()
  toClose.push(server)
  server.mode = modes.paths({
    '/.well-known/oauth-authorization-server/tenant': modes.json({
      issuer: `${server.origin}/tenant`,
      jwks_uri: server.jwksUrl,
    }),
    '/jwks.json': good,
  })
  const parts = { issuer: `${server.origin}/tenant`, source: { discovery: true }, allowHttp: true } as const
  const { keys } = remote(down, { ...parts, allowPrivate: true, fetchJson: undefined })
  toClose.push(keys)
  expect(await keys.find('a', 'ES256')).toMatchObject({ kid: 'a' })
  expect(server.requests).toEqual([
    '/tenant/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server/tenant',
    '/jwks.json',
  ])
})

test.each([
  'http://127.0.0.1:9/',
  'http://10.0.0.1/',
  'http://169.254.169.254/',
  'file:///etc/passwd',
  'ftp://a.example/',
])('case 119: a description cannot send us to %s', async (url) => {
  const elsewhere = await hostileServer({ mode: good })
  toClose.push(elsewhere)
  const jwks_uri = url.replace('127.0.0.1:9', `127.0.0.1:${elsewhere.port}`)
  const permits = permitted(false)
  const strict = createJsonFetch({ permits, allowHttp: true })
  // Only the description itself may come from this machine: what it names is fetched like anything else.
  const fetchJson = async (from: string) =>
    from.includes('.well-known') ? { value: { issuer: 'https://login.example', jwks_uri }, maxAge: 60 } : strict(from)
  const { keys, reports } = remote(down, { source: { discovery: true }, fetchJson })
  expect(await codeOf(() => keys.find('a', 'ES256'))).toBe('issuer_unreachable')
  expect(reports).toEqual([expect.stringMatching(/no public address|only https/)])
  expect(elsewhere.connections).toBe(0)
})

test('closing ends what is under way at once', async () => {
  const { keys, server } = await issuer(modes.hang(), { lookSeconds: 30 })
  const waiting = codeOf(() => keys.find('a', 'ES256'))
  for (let turn = 0; turn < 200 && server.requests.length === 0; turn++) await new Promise((r) => setTimeout(r, 5))
  await keys.close()
  expect(await waiting).toBe('issuer_unreachable')
})
