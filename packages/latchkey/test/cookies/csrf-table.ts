/** The decision table over the routes of an application: every adapter passes it, by one line of a test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bearer, type Guard, signedIn } from '../../src/index.js'
import type { Make } from '../adapters/conformance/plan.js'
import { ALLOWED, headersOf, lineOf, OURS, TABLE } from './decision-table.js'
import { MODES, withBrowser } from './kit.js'
import { listening } from './servers.js'

type Mode = keyof typeof MODES

/** Promises of an application's own routes in a framework, in both cookie modes. */
export const passesTheTable = (name: string, make: Make): void =>
  describe.each(Object.keys(MODES) as Mode[])(`own routes in ${name}, with %s`, (mode) => promises(mode, make))

function promises(mode: Mode, make: Make): void {
  let site: Awaited<ReturnType<typeof opened>>
  beforeAll(async () => {
    site = await opened(make, { transports: [MODES[mode](), bearer()], cors: { origins: [ALLOWED] } })
  })
  afterAll(() => site.close())

  test('of 80 kinds of requests with a good token, those of our own pages and of allowed ones pass (case 188)', async () => {
    const found: string[] = []
    const before = site.acts()
    for (const row of TABLE) found.push(lineOf(row, await site.post({ ...headersOf(row), ...site.csrf() })))
    expect(TABLE).toHaveLength(80)
    expect(found).toEqual(TABLE.map((row) => lineOf(row, row.verdict)))
    expect(site.acts() - before).toBe(TABLE.filter(({ verdict }) => verdict === 'pass').length)
  })

  test('without the token none of the 80 passes, and nothing happens (case 188)', async () => {
    const before = site.acts()
    for (const row of TABLE) {
      const verdict = row.verdict === 'pass' ? 'token' : row.verdict
      expect(lineOf(row, await site.post(headersOf(row)))).toBe(lineOf(row, verdict))
    }
    expect(site.acts()).toBe(before)
  })

  test('words that no browser says of itself are those of a stranger (case 188)', async () => {
    for (const said of [
      'same-origin, same-origin',
      'Same-Origin',
      'same-origin;',
      '',
      'cross-origin',
      'same-origin none',
    ])
      expect([said, await site.post({ 'sec-fetch-site': said, ...site.csrf() })]).toEqual([said, 'fetch-metadata'])
    for (const origin of [`${OURS}, ${OURS}`, `${OURS}/`, 'HTTPS://API.EXAMPLE.COM', `${OURS}:443`, '', 'about:blank'])
      expect([origin, await site.post({ origin, ...site.csrf() })]).toEqual([origin, 'origin'])
  })

  test('two headers of a name are not one of them (case 188)', async () => {
    for (const [name, value, layer] of [
      ['Origin', OURS, 'origin'],
      ['Origin', ALLOWED, 'origin'],
      ['Sec-Fetch-Site', 'same-origin', 'fetch-metadata'],
      ['X-CSRF-Token', site.csrf()['x-csrf-token'] ?? '', 'token'],
    ] as const) {
      const csrf = layer === 'token' ? {} : site.csrf()
      expect([name, await site.post(csrf, [name, value, name, value])]).toEqual([name, layer])
    }
  })

  test('a safe method passes from anywhere, and acts nowhere (case 193)', async () => {
    const before = site.acts()
    for (const row of TABLE.filter(({ referer }) => referer === 'foreign')) {
      const headers = { ...headersOf(row), cookie: site.cookie('/things') }
      const { status } = await site.ask('GET', '/thing', { headers })
      expect(lineOf(row, String(status))).toBe(lineOf(row, '200'))
    }
    expect(site.acts()).toBe(before)
  })

  test('whoever comes with a bearer token is no browser that was tricked (case 187)', async () => {
    const { access } = await site.auth.tokens.issue(site.user)
    for (const row of TABLE.filter(({ referer }) => referer === 'foreign')) {
      const headers = { ...JSON_TYPE, ...headersOf(row), authorization: `Bearer ${access}` }
      const { status } = await site.ask('POST', '/things', { headers, body: '{}' })
      expect(lineOf(row, String(status))).toBe(lineOf(row, '200'))
    }
  })

  test('a method that a header names is not the method (case 193)', async () => {
    const before = site.acts()
    const cookie = site.cookie('/things')
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const safe = { cookie, ...site.csrf(), [name]: 'POST' }
      expect((await site.ask('GET', '/thing', { headers: safe })).status).toBe(200)
      expect(await site.post({ [name]: 'GET' })).toBe('token')
    }
    expect(site.acts()).toBe(before)
  })

  test('an expired access token is renewed on safe and unsafe routes, each cookie once', async () => {
    const own = await opened(make, { transports: [MODES[mode]()], silentRefresh: true })
    const generations = async () => (await own.auth.sessions.list(own.user.id)).map(({ generation }) => generation)
    for (const [n, [method, path]] of [['GET', '/thing'] as const, ['POST', '/things'] as const].entries()) {
      own.clock.now += 301
      if (method === 'POST') expect(await own.post({})).toBe('token')
      expect(await generations()).toEqual([n])
      const ask = () => {
        const headers = { ...JSON_TYPE, cookie: own.cookie('/things'), ...own.csrf() }
        return own.ask(method, path, { headers, ...(method === 'POST' && { body: '{}' }) })
      }
      const { status, body, cookies, headers } = await ask()
      expect([status, body.subject, headers['cache-control']]).toEqual([200, own.user.id, 'no-store'])
      const names = cookies.map((line) => line.split('=')[0])
      expect([names.length > 2, new Set(names).size]).toEqual([true, names.length])
      own.take(cookies)
      expect([(await ask()).cookies, await generations()]).toEqual([[], [n + 1]])
    }
    expect(own.acts()).toBe(2)
    await own.close()
  })
}

const JSON_TYPE = { 'content-type': 'application/json' }

async function opened(make: Make, options: Parameters<typeof withBrowser>[0]) {
  const kit = await withBrowser(options)
  await kit.login()
  let acts = 0
  /** Whoever passes it by POST has changed something. */
  const acting: Guard = async (caller, request) => {
    await signedIn(caller, request)
    if (request?.method === 'POST') acts++
  }
  const routes = [
    { method: 'GET', path: '/thing', guard: acting },
    { method: 'POST', path: '/things', guard: acting },
  ] as const
  const area = { prefix: '', auth: kit.auth, mounted: true, routes } as const
  const server = await listening(await make({ areas: [area], parsesFirst: false }))
  return { ...kit, ...server, acts: () => acts, post, close }

  /** Posts to the application's own route; tells `pass`, or the layer that refused. */
  async function post(headers: Readonly<Record<string, string>>, lines: readonly string[] = []): Promise<string> {
    const all = { ...JSON_TYPE, ...headers, cookie: kit.cookie('/things') }
    const { status, body } = await server.ask('POST', '/things', { headers: all, lines, body: '{}' })
    return status === 200 ? 'pass' : body?.code === 'csrf_failed' ? body.layer : `${status} ${body?.code}`
  }

  async function close(): Promise<void> {
    await server.close()
    await kit.auth.close()
  }
}
