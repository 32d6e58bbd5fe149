/** The decision table over the routes of an application: every adapter passes it, by one line of a test. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bearer } from '../../src/index.js'
import { ALLOWED, headersOf, lineOf, TABLE } from './decision-table.js'
import { MODES, withBrowser } from './kit.js'
import { listening, type MakeApp } from './servers.js'

type Site = Awaited<ReturnType<typeof opened>>

/** Promises of an application's own routes in one cookie mode. */
export function passesTheTable(mode: keyof typeof MODES, make: MakeApp): void {
  let site: Site
  beforeAll(async () => {
    site = await opened(mode, make)
  })
  afterAll(() => site.close())

  test('of 80 kinds of requests with a good token, those of our own pages and of allowed ones pass (case 188)', async () => {
    const found: string[] = []
    const before = site.acts()
    for (const row of TABLE) found.push(lineOf(row, await site.post({ ...headersOf(row), ...site.csrf })))
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
      expect([said, await site.post({ 'sec-fetch-site': said, ...site.csrf })]).toEqual([said, 'fetch-metadata'])
    for (const origin of [`${SITE}, ${SITE}`, `${SITE}/`, 'HTTPS://API.EXAMPLE.COM', `${SITE}:443`, '', 'about:blank'])
      expect([origin, await site.post({ origin, ...site.csrf })]).toEqual([origin, 'origin'])
  })

  test('two headers of a name are not one of them (case 188)', async () => {
    for (const [name, value, layer] of [
      ['Origin', SITE, 'origin'],
      ['Origin', ALLOWED, 'origin'],
      ['Sec-Fetch-Site', 'same-origin', 'fetch-metadata'],
      ['X-CSRF-Token', site.csrf['x-csrf-token'], 'token'],
    ]) {
      const lines = [name, value, name, value] as string[]
      const csrf = layer === 'token' ? {} : site.csrf
      expect([name, await site.post(csrf, lines)]).toEqual([name, layer])
    }
  })

  test('a safe method passes from anywhere, and acts nowhere (case 193)', async () => {
    const before = site.acts()
    for (const row of TABLE.filter(({ referer }) => referer === 'foreign')) {
      for (const method of ['GET', 'HEAD']) {
        const { status } = await site.ask(method, '/things', { headers: { ...headersOf(row), cookie: site.cookie } })
        expect([lineOf(row, method), status]).toEqual([lineOf(row, method), 200])
      }
    }
    expect(site.acts()).toBe(before)
  })

  test('whoever comes with a bearer token is no browser that was tricked (case 187)', async () => {
    const { access } = await site.auth.tokens.issue(site.user)
    for (const row of TABLE) {
      const headers = { ...headersOf(row), authorization: `Bearer ${access}` }
      const { status } = await site.ask('POST', '/things', { headers })
      expect(lineOf(row, String(status))).toBe(lineOf(row, '200'))
    }
  })
}

const SITE = 'https://api.example.com'

async function opened(mode: keyof typeof MODES, make: MakeApp) {
  const kit = await withBrowser({ transports: [MODES[mode](), bearer()], cors: { origins: [ALLOWED] } })
  await kit.login()
  let acts = 0
  const server = await listening(await make({ auth: kit.auth, user: kit.user, acted: () => acts++ }))
  const cookie = kit.cookie('/things')
  return { ...kit, ...server, cookie, csrf: kit.csrf(), acts: () => acts, post, close }

  /** Posts to the application's own route; tells `pass`, or the layer that refused. */
  async function post(headers: Readonly<Record<string, string>>, lines: readonly string[] = []): Promise<string> {
    const { status, body } = await server.ask('POST', '/things', { headers: { ...headers, cookie }, lines })
    return status === 200
      ? 'pass'
      : status === 403 && body.code === 'csrf_failed'
        ? body.layer
        : `${status} ${body?.code}`
  }

  async function close(): Promise<void> {
    await server.close()
    await kit.auth.close()
  }
}
