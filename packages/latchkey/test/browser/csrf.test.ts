/** Cross-site requests against a real application in a real browser: cases 186, 189 to 192 and 195. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { oneCookie, splitCookies } from '../../src/index.js'
import { PASSWORD } from '../auth-kit.js'
import { type App, openApp, signIn, startApp } from './app.js'
import { APP, EVIL, type Form, SIBLING, sendForm } from './site.js'

const credentials = { username: 'mallory', password: PASSWORD }
const forms: readonly (Omit<Form, 'action'> & { readonly path: string })[] = [
  { path: '/posts', fields: { title: 'mine' } },
  { path: '/posts', fields: { title: 'mine' }, enctype: 'multipart/form-data' },
  { path: '/posts', fields: { '{"title":"': 'mine"}' }, enctype: 'text/plain' },
  { path: '/posts' },
  { path: '/auth/login', fields: credentials },
  {
    path: '/auth/login',
    fields: { '{"username":"mallory","a":"': `","password":"${PASSWORD}"}` },
    enctype: 'text/plain',
  },
  { path: '/auth/refresh' },
  { path: '/auth/logout' },
]

// As weak as cookies can be for the first: they come along from everywhere, and the other layers have to hold.
const foreigners = [
  { from: EVIL, sameSite: 'None' },
  { from: SIBLING, sameSite: 'Lax' },
] as const

const modes = [
  ['one cookie', oneCookie],
  ['split cookies', splitCookies],
] as const

const lastOf = ({ seen }: App) => seen.at(-1)

/** Asks from a page for what its own origin may not read. */
const blindly = (page: Page, url: string, method: string) =>
  page.evaluate(
    ([to, how]) => fetch(to as string, { method: how as string, mode: 'no-cors', credentials: 'include' }),
    [url, method],
  )

const opens = (page: Page, url: string): Promise<boolean> =>
  page.evaluate(
    (to) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(to)
        socket.onopen = () => resolve(true)
        socket.onerror = () => resolve(false)
      }),
    url,
  )

describe.each(modes)('with %s', (_name, transport) => {
  test.each(foreigners)(
    'forms and scripts of $from change nothing (cases 186, 191, 192)',
    async ({ from, sameSite }) => {
      const app = await startApp({ transports: [transport({ sameSite })] })
      const { context, page } = await openApp(app)
      await signIn(page)
      const before = await context.cookies()
      for (const { path, ...form } of from === EVIL ? forms : forms.filter(({ enctype }) => !enctype)) {
        await page.goto(app.site.origin(from))
        const answer = await sendForm(page, { ...form, action: `${app.origin}${path}` })
        const refusal = { code: 'csrf_failed', layer: 'fetch-metadata' }
        expect([path, answer.status(), await answer.json()]).toMatchObject([path, 403, refusal])
      }
      await page.goto(app.site.origin(from))
      for (const path of ['/posts', '/auth/refresh', '/auth/logout', '/auth/logout/everywhere']) {
        await blindly(page, `${app.origin}${path}`, 'POST')
        expect(lastOf(app)).toEqual({ method: 'POST', path, status: 403 })
      }
      expect(app.saved).toEqual([])
      expect(await app.generations(app.alice)).toEqual([0])
      expect(await app.generations(app.mallory)).toEqual([])
      expect(await context.cookies()).toEqual(before)
      // That the cookies did come along is what a route shows that does not ask.
      await sendForm(page, { action: `${app.origin}/naive` })
      expect(app.saved).toEqual(['naive'])
    },
  )

  test('another site does not even bring the cookies, as they are set by default', async () => {
    const app = await startApp({ transports: [transport()] })
    const { page } = await openApp(app)
    await signIn(page)
    await page.goto(app.site.origin(EVIL))
    await sendForm(page, { action: `${app.origin}/naive` })
    expect(app.saved).toEqual([])
  })

  test('our own page acts with the token of its session, and with no other (cases 189, 190)', async () => {
    const app = await startApp({ transports: [transport()] })
    const { context, page } = await openApp(app)
    const early = (await signIn(page)).csrf_token
    const { csrf_token: token } = await signIn(page)
    const save = (header?: string) =>
      page.evaluate(
        async (value) =>
          (await fetch('/posts', { method: 'POST', headers: value ? { 'x-csrf-token': value } : {} })).status,
        header,
      )
    expect(await save(token)).toBe(200)
    expect(await save()).toBe(403)
    expect(await save(early)).toBe(403)
    await context.addCookies([{ name: '__Host-csrf_token', value: early, url: app.origin, secure: true }])
    expect(await save(early)).toBe(403)
    expect(app.saved).toEqual([app.alice.id])
  })

  test('a socket opens from our own page, and from no other (case 195)', async () => {
    const app = await startApp({ transports: [transport({ sameSite: 'None' })] })
    const { page } = await openApp(app)
    await signIn(page)
    const url = `${app.origin.replace('https', 'wss')}/live`
    const open: Record<string, boolean> = {}
    for (const host of [APP, SIBLING, EVIL]) {
      await page.goto(app.site.origin(host))
      open[host] = await opens(page, url)
    }
    expect(open).toEqual({ [APP]: true, [SIBLING]: false, [EVIL]: false })
    expect(app.seen.filter(({ method }) => method === 'UPGRADE').map(({ status }) => status)).toEqual([101, 403, 403])
  })
})
