/** Several tabs of one browser, which are one session: one refresh for all, and one logout. */
import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { oneCookie, splitCookies } from '../../src/index.js'
import { type App, logIn, openApp, startApp } from './app.js'
import { newContext } from './browser.js'

const TABS = 5

/** What older browsers lack, and pages that were denied it. */
const WITHOUT = `
  Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
  delete globalThis.BroadcastChannel
`

async function openTabs(app: App, context: BrowserContext): Promise<Page[]> {
  const { page } = await openApp(app, context)
  await logIn(page)
  const others = Array.from({ length: TABS - 1 }, async () => (await openApp(app, context)).page)
  return [page, ...(await Promise.all(others))]
}

const save = (pages: readonly Page[]) => Promise.all(pages.map((page) => page.evaluate('save()')))
const allFine = Array<number>(TABS).fill(200)

const refreshes = ({ seen }: App) => seen.filter(({ path }) => path === '/auth/refresh').length

const modes = [
  ['one cookie', oneCookie],
  ['split cookies', splitCookies],
] as const
const browsers = [
  ['with Web Locks and BroadcastChannel', '', ['object', 'function']],
  ['with neither', WITHOUT, ['undefined', 'undefined']],
] as const

describe.each(modes)('with %s', (_mode, transport) => {
  test.each(browsers)(
    'five tabs make one rotation, and all stay signed in: a browser %s',
    async (_name, script, has) => {
      const app = await startApp({ transports: [transport()] })
      const context = await newContext()
      await context.addInitScript(script)
      const pages = await openTabs(app, context)
      expect(await pages[0]?.evaluate('[typeof navigator.locks, typeof BroadcastChannel]')).toEqual(has)
      app.delays.set('/auth/refresh', 200)

      // The token expired by the server's clock, and this machine's does not know it.
      app.clock.now += 301
      expect(await save(pages)).toEqual(allFine)
      expect([refreshes(app), await app.generations(app.alice)]).toEqual([1, [1]])

      // The browser dropped the cookie of the token, as it does when its time has come.
      const { name } = (await context.cookies()).find((one) => /access_(token|payload)$/.test(one.name)) ?? {}
      await context.clearCookies({ name: name ?? 'none' })
      expect(await save(pages)).toEqual(allFine)
      expect([refreshes(app), await app.generations(app.alice)]).toEqual([2, [2]])
      expect(app.saved).toEqual(Array<string>(2 * TABS).fill(app.alice.id))
    },
  )

  test.each(browsers)(
    'a login in one tab signs in the others, and a logout signs them out: a browser %s',
    async (_name, script) => {
      const app = await startApp({ transports: [transport()] })
      const context = await newContext()
      await context.addInitScript(script)
      const [{ page: first }, ...others] = [
        await openApp(app, context),
        await openApp(app, context),
        await openApp(app, context),
      ]
      await logIn(first)
      for (const { page } of others) await page.waitForSelector('#user:text-is("alice")')
      await others[1]?.page.click('text=Log out')
      for (const page of context.pages()) await page.waitForSelector('#user:text-is("nobody")')
      expect(await app.generations(app.alice)).toEqual([])
      expect(await context.cookies()).toEqual([])
      expect(await save(context.pages())).toEqual([401, 401, 401])
    },
  )
})

test('five tabs that do not use the client ask five times, and the server makes that one rotation', async () => {
  const app = await startApp({ transports: [splitCookies()] })
  const context = await newContext()
  const pages = await openTabs(app, context)
  app.delays.set('/auth/refresh', 200)
  const refresh = `(async () => {
    const headers = { 'x-csrf-token': /csrf_token=([^;]+)/.exec(document.cookie)[1] }
    return (await fetch('/auth/refresh', { method: 'POST', headers })).status
  })()`
  expect(await Promise.all(pages.map((page) => page.evaluate(refresh)))).toEqual(allFine)
  expect([refreshes(app), await app.generations(app.alice)]).toEqual([TABS, [1]])
  expect(await save(pages)).toEqual(allFine)
})
