/** Promises of the fetch, against a server that does everything a bad one does (cases 116-119, 121). */
import http from 'node:http'
import { get as getSafely } from 'node:https'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { checkedLookup, permitted, type Resolve } from '../../../src/keys/addresses.js'
import { createJsonFetch, type FetchParts } from '../../../src/keys/fetch.js'
import { testCertificate } from './certificate.js'
import { type HostileServer, hostileServer, type Mode, modes } from './hostile-server.js'

const SECONDS = 1
const LIMIT = 262_144
const good = { keys: [] }

let server: HostileServer

beforeAll(async () => {
  server = await hostileServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.mode = modes.json(good)
})

const fetcher = (parts: Partial<FetchParts> = {}) =>
  createJsonFetch({ permits: permitted(true), allowHttp: true, ...parts })

const fetch = fetcher()
/** For servers that nobody should wait for. */
const hasty = fetcher({ seconds: SECONDS })

/** Waits, for a moment at most, until the server has no connection left. */
async function untilClosed(): Promise<void> {
  for (let turn = 0; turn < 200 && server.open > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(server.open).toBe(0)
}

test('a document comes with the time that it calls itself fresh', async () => {
  expect(await fetch(server.jwksUrl)).toEqual({ value: good, maxAge: undefined })
  const ages: readonly [Record<string, string>, number | undefined][] = [
    [{ 'cache-control': 'public, max-age=300' }, 300],
    [{ 'cache-control': 'MAX-AGE="300", must-revalidate' }, 300],
    [{ 'cache-control': 'max-age=300', age: '100' }, 200],
    [{ 'cache-control': 'max-age=300', age: 'old' }, 300],
    [{ 'cache-control': 'max-age=0' }, 0],
    [{ 'cache-control': 'max-age=-1' }, -1],
    [{ 'cache-control': 'max-age=soon' }, undefined],
    [{ 'cache-control': 'no-store' }, 0],
    [{ 'cache-control': 'private, no-cache, max-age=300' }, 0],
    [{ 'cache-control': `max-age=${'9'.repeat(400)}` }, Number.POSITIVE_INFINITY],
    [{ 'cache-control': 's-max-age=300' }, undefined],
  ]
  for (const [headers, maxAge] of ages) {
    server.mode = modes.json(good, headers)
    expect(await fetch(server.jwksUrl)).toEqual({ value: good, maxAge })
  }
})

test('a request says what it wants, and nothing about who asks', async () => {
  let seen: NodeJS.Dict<string | string[]> = {}
  server.mode = (request, response) => {
    seen = request.headers
    modes.json(good)(request, response)
  }
  await fetch(server.jwksUrl)
  expect(seen).toEqual({
    accept: 'application/json',
    'accept-encoding': 'identity',
    connection: 'close',
    host: `127.0.0.1:${server.port}`,
    'user-agent': 'latchkey',
  })
})

const body = JSON.stringify(good)
const late = /no complete answer within 1 seconds/
const large = /larger than 256 KiB/
const refusals: readonly [string, Mode, RegExp][] = [
  ['116: never answers', modes.hang(), late],
  ['116: drips bytes', modes.drip(), late],
  ['116: drips header lines', modes.dripHead(), late],
  ['116: drips bytes behind an error', modes.drip(500), /status 500/],
  ['114: answers 500', modes.status(500), /status 500/],
  ['114: answers 429', modes.status(429, { 'retry-after': '1' }), /status 429/],
  ['114: answers nothing at all', modes.status(204), /status 204/],
  ['114: ends the connection', modes.reset(), /hang up|ECONNRESET/],
  ['114: answers with no HTTP', modes.raw('hello\r\n\r\n'), /Parse Error/],
  [
    '114: wants another protocol',
    modes.raw('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    /./,
  ],
  ['117: sends a hundred megabytes', modes.huge(), large],
  ['117: sends a byte too much', modes.text(JSON.stringify({ a: 'x'.repeat(LIMIT - 7) })), large],
  ['117: sends a gzip bomb', modes.gzipBomb(), /compressed/],
  ['117: compresses twice', modes.text(body, { 'content-encoding': 'identity, gzip' }), /compressed/],
  ['117: announces too much', modes.lying(body, 1e9), large],
  ['117: announces more than it sends', modes.lying(body, 100), /aborted|ECONNRESET/],
  ['117: announces less than it sends', modes.lying(body, 5), /no JSON|Parse Error/],
  ['117: has header lines without end', modes.status(200, { x: 'y'.repeat(20_000) }), /Header overflow|Parse Error/],
  ['118: redirects to http', modes.redirect(301, 'http://issuer.test/keys'), /status 301: redirects are not followed/],
  ['118: redirects to metadata', modes.redirect(302, 'http://169.254.169.254/latest'), /status 302/],
  ['118: redirects to a file', modes.redirect(307, 'file:///etc/passwd'), /status 307/],
  ['121: answers with a page', modes.html(), /HTML/],
  ['121: answers with a page that is called JSON', modes.text('<!doctype html>'), /no JSON/],
  ['121: answers with half a document', modes.text('{"keys":['), /no JSON/],
  ['121: answers with nothing', modes.text(''), /no JSON/],
  ['121: writes a member twice', modes.text('{"keys":[],"keys":[]}'), /dup_member/],
  ['121: nests without end', modes.text('['.repeat(100_000) + ']'.repeat(100_000)), /too_large/],
  ['121: begins with a byte order mark', modes.text(`\uFEFF${body}`), /UTF-8/],
  ['121: is not UTF-8', modes.text(Buffer.from([0x22, 0xff, 0x22])), /UTF-8/],
]

test.each(refusals)('case %s: refused in time, and no connection is left', async (_, mode, message) => {
  server.mode = mode
  const before = server.requests.length
  const start = performance.now()
  await expect((message === late ? hasty : fetch)(server.jwksUrl)).rejects.toThrow(message)
  expect(performance.now() - start).toBeLessThan(4_000)
  expect(server.requests.length - before).toBe(1)
  await untilClosed()
})

test('case 118: a redirect is not followed, wherever it leads', async () => {
  const elsewhere = await hostileServer({ mode: modes.json(good) })
  for (const status of [301, 302, 303, 307, 308]) {
    server.mode = modes.redirect(status, elsewhere.jwksUrl)
    await expect(fetch(server.jwksUrl)).rejects.toThrow(`status ${status}`)
  }
  expect(elsewhere.connections).toBe(0)
  await elsewhere.close()
})

test('case 117: exactly 256 KiB are taken', async () => {
  server.mode = modes.text(JSON.stringify({ a: 'x'.repeat(LIMIT - 8) }))
  expect(await fetch(server.jwksUrl)).toMatchObject({ value: { a: expect.any(String) } })
})

test('case 116: after a hundred bad rounds no connection and no timer is left', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length
  const patient = fetcher({ seconds: 0.02 })
  await untilClosed()
  const before = timers()
  const bad = [modes.hang(), modes.drip(), modes.huge(), modes.reset(), modes.lying(body, 100)]
  for (let round = 0; round < 100; round++) {
    server.mode = bad[round % bad.length] ?? modes.hang()
    await expect(patient(server.jwksUrl)).rejects.toThrow()
  }
  await untilClosed()
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(timers()).toBeLessThanOrEqual(before)
})

const unfetched: readonly [string, Partial<FetchParts>, RegExp][] = [
  ['http://issuer.test/keys', { allowHttp: false }, /only https/],
  ['file:///etc/passwd', {}, /only https/],
  ['ftp://issuer.test/keys', {}, /only https/],
  ['data:application/json,{}', {}, /only https/],
  ['https://user:secret@issuer.test/keys', {}, /credentials/],
  ['keys.json', {}, /not a URL/],
  ['', {}, /not a URL/],
]

test.each(unfetched)('%s is not fetched', async (url, parts, message) => {
  await expect(fetcher(parts)(url)).rejects.toThrow(message)
})

/** How one says 127.0.0.1, and its relatives, in a URL. */
const spellings = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0177.0.0.1',
  '0x7f.1',
  '0x7f000001',
  '127.0.0.1.',
  '１２７.0.0.1',
]
const relatives = [
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  '0.0.0.0',
  '0',
  '[::]',
  '10.0.0.1',
]

test.each([...spellings, ...relatives])('case 119: nothing is sent to %s', async (host) => {
  const strangers = fetcher({ permits: permitted(false) })
  const before = server.connections
  await expect(strangers(`http://${host}:${server.port}/`)).rejects.toThrow(/no public address/)
  expect(server.connections).toBe(before)
})

test.each(['localhost', 'localhost.', 'LOCALHOST'])(
  'case 119: nothing is sent to %s, as the system resolves it',
  async (host) => {
    const before = server.connections
    await expect(fetcher({ permits: permitted(false) })(`http://${host}:${server.port}/`)).rejects.toThrow(
      /no public address|ENOTFOUND/,
    )
    expect(server.connections).toBe(before)
  },
)

/** Says `first` when it is asked for the first time, and 127.0.0.1, where the wrong server listens, ever after. */
function rebinding(first: string): Resolve {
  let asked = 0
  return (_, done) => done(null, [{ address: asked++ === 0 ? first : '127.0.0.1', family: 4 }])
}

test('case 119: a name that is rebound after the check still leads to the address that was checked', async () => {
  const onlyTwo = (address: string) => address === '127.0.0.2'
  const right = await hostileServer({ host: '127.0.0.2', mode: modes.json({ right: true }) })
  const url = `http://issuer.test:${right.port}/`
  const { value } = await fetcher({ permits: onlyTwo, resolve: rebinding('127.0.0.2') })(url)
  expect(value).toEqual({ right: true })
  await right.close()
})

test('case 119, the judge: who checks first and connects by name is led to the wrong server', async () => {
  const onlyTwo = (address: string) => address === '127.0.0.2'
  const resolve = rebinding('127.0.0.2')
  const before = server.connections
  // The check of a careless client: the name is good, so it goes on to connect, and asks again.
  await new Promise((found) => checkedLookup(onlyTwo, resolve)('issuer.test', {}, found))
  await new Promise((ended) => {
    const lookup = checkedLookup(() => true, resolve)
    http.get(`http://issuer.test:${server.port}/`, { lookup, agent: false }, (answer) =>
      answer.resume().on('end', ended),
    )
  })
  expect(server.connections - before).toBe(1)
})

test('https: a certificate that nobody vouches for is refused, whatever the environment says', async () => {
  const tls = testCertificate()
  const safe = await hostileServer({ tls, mode: modes.json(good) })
  const url = `https://issuer.test:${safe.port}/`
  const resolve: Resolve = (_, done) => done(null, [{ address: '127.0.0.1', family: 4 }])
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  try {
    await expect(fetcher({ resolve })(url)).rejects.toThrow(/self.signed/)
    await expect(fetcher({ resolve, ca: testCertificate().cert })(url)).rejects.toThrow(/self.signed|unable to verify/)
    await expect(fetcher({ resolve, ca: tls.cert })(`https://other.test:${safe.port}/`)).rejects.toThrow(/altnames/)
    expect(safe.requests).toEqual([])
    // The judge can fail: to a careless client the variable says that everything is well.
    const careless = { agent: false, lookup: checkedLookup(() => true, resolve) }
    await new Promise((ended) => getSafely(url, careless, (answer) => answer.resume().on('end', ended)))
    expect(safe.requests).toHaveLength(1)
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  }
  expect(await fetcher({ resolve, ca: tls.cert })(url)).toMatchObject({ value: good })
  await safe.close()
})

test('no agent that the application shares is used, for it may know of proxies', async () => {
  const proxy = await hostileServer({ mode: modes.json({ wrong: true }) })
  class ProxyAgent extends http.Agent {
    override createConnection = () => connect(proxy.port, '127.0.0.1')
  }
  const shared = http.globalAgent
  http.globalAgent = new ProxyAgent()
  try {
    expect(await fetch(server.jwksUrl)).toMatchObject({ value: good })
    expect(proxy.connections).toBe(0)
    // The judge can fail: this is what happens with `agent: false`.
    await new Promise((ended) =>
      http.get(server.jwksUrl, { agent: false }, (answer) => answer.resume().on('end', ended)),
    )
    expect(proxy.connections).toBe(1)
  } finally {
    http.globalAgent = shared
    await proxy.close()
  }
})

test('a fetch that is called off ends at once', async () => {
  server.mode = modes.hang()
  const calling = new AbortController()
  const fetching = fetcher({ seconds: 30 })(server.jwksUrl, calling.signal)
  setTimeout(() => calling.abort(), 10)
  await expect(fetching).rejects.toThrow('closed')
  await expect(fetch(server.jwksUrl, calling.signal)).rejects.toThrow('closed')
  await untilClosed()
})
