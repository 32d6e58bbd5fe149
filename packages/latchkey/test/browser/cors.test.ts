/** A single-page application on another origin of the same site: it signs in and acts if it is listed, and no other page does (cases 268, 269). */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { oneCookie, splitCookies } from '../../src/index.js'
import { logIn, openApp, startApp } from './app.js'
import { clientBundle, HOME } from './page.js'
import { APP, EVIL, SIBLING, serve } from './site.js'

const API = 'api.latchkey.test'

/** Pages alone, without endpoints of their own. */
const servePages = () =>
  serve(async (request, response) => {
    if (request.url === '/client.js') response.setHeader('content-type', 'text/javascript').end(await clientBundle())
    else response.setHeader('content-type', 'text/html; charset=utf-8').end(HOME)
  })

/** What a page reads of an answer; `TypeError` where the browser lets it read nothing. */
const reads = (page: Page, url: string): Promise<string> =>
  page.evaluate(
    async (to) =>
      fetch(to, { credentials: 'include' }).then(
        (answer) => answer.text(),
        (error) => error.name,
      ),
    url,
  )

describe.each([
  ['one cookie', oneCookie],
  ['split cookies', splitCookies],
])('with %s', (_mode, transport) => {
  test('a listed page on another origin signs in, acts, refreshes and signs out', async () => {
    const pages = await servePages()
    const spa = { origin: pages.origin(APP) }
    const app = await startApp({ transports: [transport()], cors: { origins: [spa.origin] } }, API)
    const base = `?base=${app.origin}/auth`
    const { context, page } = await openApp(spa, undefined, base)
    await logIn(page)
    expect(await page.textContent('#user')).toBe('alice')
    // The cookies are the API's, and none of them can be read here.
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await page.evaluate('save()')).toBe(200)
    app.clock.now += 301
    const { page: other } = await openApp(spa, context, base)
    expect(await other.textContent('#user')).toBe('alice')
    expect(await other.evaluate('save()')).toBe(200)
    expect(await app.generations(app.alice)).toEqual([1])
    await other.click('text=Log out')
    await page.waitForSelector('#user:text-is("nobody")')
    expect(await app.generations(app.alice)).toEqual([])
    expect(app.saved).toEqual([app.alice.id, app.alice.id])
  })

  test('a page that is not listed neither reads nor acts, though the cookies come along', async () => {
    const pages = await servePages()
    const options = { transports: [transport({ sameSite: 'None' })], cors: { origins: [pages.origin(APP)] } }
    const app = await startApp(options, API)
    const { context, page } = await openApp({ origin: app.origin })
    await logIn(page)
    for (const host of [EVIL, SIBLING]) {
      const { page: foreign } = await openApp({ origin: pages.origin(host) }, context, `?quiet&base=${app.origin}/auth`)
      app.seen.length = 0
      expect(await reads(foreign, `${app.origin}/auth/csrf`)).toBe('TypeError')
      expect(await reads(foreign, `${app.origin}/auth/me`)).toBe('TypeError')
      // They did come along: the server knew who asked, and the browser kept the answer to itself.
      expect(app.seen.map(({ status }) => status)).toEqual([200, 200])
      expect(await foreign.evaluate('save().catch((error) => error.name)')).toBe('TypeError')
    }
    expect(app.saved).toEqual([])
  })
})
