/** What scripts see of tokens: with split cookies the user and no signature (case 172), otherwise nothing. */
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { bearer, oneCookie, splitCookies } from '../../src/index.js'
import { PASSWORD } from '../auth-kit.js'
import { logIn, openApp, startApp } from './app.js'
import { newContext } from './browser.js'

const cookieOf = async (context: BrowserContext, name: string) =>
  (await context.cookies()).find((cookie) => cookie.name === name)?.value ?? ''

/** All that a script of this origin can read without asking anybody. */
const readable = (page: Page): Promise<string> =>
  page.evaluate('document.cookie + JSON.stringify([localStorage, sessionStorage]) + document.documentElement.outerHTML')

/** Everything that answers say, but for the headers that set cookies. */
function listen(context: BrowserContext): () => Promise<string> {
  const answers: Promise<string>[] = []
  context.on('response', (response) => {
    const said = async () => {
      const headers = (await response.headersArray()).filter(({ name }) => name.toLowerCase() !== 'set-cookie')
      return JSON.stringify(headers) + (await response.text().catch(() => ''))
    }
    answers.push(said())
  })
  return async () => (await Promise.all(answers)).join('\n')
}

test('a page shows the user of the split cookies without a request', async () => {
  const app = await startApp({ transports: [splitCookies()] })
  const { context, page } = await openApp(app)
  await logIn(page)
  app.seen.length = 0
  const { page: other } = await openApp(app, context)
  expect(await other.textContent('#user')).toBe('alice')
  expect(await other.evaluate('api.expiresAt')).toBe(app.clock.now + 300)
  expect(app.seen.map(({ path }) => path)).toEqual(['/', '/client.js'])
})

test('the signature of the split cookies is nowhere but in its own cookie (case 172)', async () => {
  const app = await startApp({ transports: [splitCookies()] })
  const context = await newContext()
  const said = listen(context)
  const { page } = await openApp(app, context)
  await logIn(page)
  const first = await cookieOf(context, '__Host-access_signature')
  app.clock.now += 301
  expect(await page.evaluate('save()')).toBe(200)
  const second = await cookieOf(context, '__Host-access_signature')
  expect(second).not.toBe(first)
  const all = (await readable(page)) + (await said())
  // That this would be found if it were there is shown by the other half.
  expect(all).toContain(await cookieOf(context, '__Host-access_payload'))
  for (const secret of [first, second, await cookieOf(context, '__Secure-refresh_token')]) {
    expect(secret.length).toBeGreaterThan(40)
    expect(all).not.toContain(secret)
  }
})

test('a script that edits the payload shows itself another user, and the server none', async () => {
  const app = await startApp({ transports: [splitCookies()] })
  const { page } = await openApp(app)
  await logIn(page)
  const status = await page.evaluate(`(async () => {
    const [, header, payload] = /__Host-access_payload=([^.;]+)\\.([^;]+)/.exec(document.cookie)
    const claims = { ...JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))), username: 'mallory' }
    const forged = btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    document.cookie = '__Host-access_payload=' + header + '.' + forged + '; Secure; Path=/; SameSite=Lax'
    return [api.user.username, (await fetch('/posts')).status]
  })()`)
  expect(status).toEqual(['mallory', 401])
  // A refresh writes both halves again.
  expect(await page.evaluate('save()')).toBe(200)
  expect(app.saved).toEqual([app.alice.id])
  expect(await page.textContent('#user')).toBe('alice')
})

test('a script reads nothing of one cookie, and asks once who is signed in', async () => {
  const app = await startApp({ transports: [oneCookie()] })
  const { context, page } = await openApp(app)
  await logIn(page)
  expect(await readable(page)).not.toContain(await cookieOf(context, '__Host-access_token'))
  expect(await readable(page)).not.toContain('eyJ')
  app.seen.length = 0
  const { page: other } = await openApp(app, context)
  expect(await other.textContent('#user')).toBe('alice')
  expect(app.seen.map(({ path }) => path)).toEqual(['/', '/client.js', '/auth/me'])
})

test('tokens in memory are kept nowhere else, and are gone with the page', async () => {
  const app = await startApp({ transports: [bearer()] })
  const { context, page } = await openApp(app, undefined, '?transport=bearer')
  await logIn(page)
  expect(await page.evaluate('save()')).toBe(200)
  expect(await readable(page)).not.toMatch(/eyJ/)
  expect(await context.cookies()).toEqual([])
  await page.reload()
  await page.waitForSelector('#shown')
  expect([await page.textContent('#user'), await page.evaluate('save()')]).toEqual(['nobody', 401])
})

test('a session that is not to be remembered lives in cookies that go with the browser', async () => {
  const app = await startApp({ transports: [splitCookies()] })
  const { context, page } = await openApp(app)
  await page.evaluate(`api.login({ username: 'alice', password: '${PASSWORD}', remember: false })`)
  expect((await context.cookies()).map(({ expires }) => expires)).toEqual([-1, -1, -1, -1])
  await logIn(page)
  for (const { expires } of await context.cookies()) expect(expires).toBeGreaterThan(app.clock.now)
})
