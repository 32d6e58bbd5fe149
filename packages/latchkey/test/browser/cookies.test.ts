/** The cookies of each mode as a browser keeps them (case 164): those that break a rule of theirs it would not have. */
import type { BrowserContext } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { oneCookie, splitCookies } from '../../src/index.js'
import { logIn, openApp, startApp } from './app.js'

/** One line for each cookie: where it goes, and who may read it. */
const kept = async (context: BrowserContext) =>
  (await context.cookies())
    .map(({ name, domain, path, secure, httpOnly, sameSite }) =>
      [name, domain, path, secure ? 'secure' : 'open', httpOnly ? 'hidden' : 'readable', sameSite].join(' '),
    )
    .sort()

const modes = [
  {
    what: 'one cookie',
    options: { transports: [oneCookie()] },
    cookies: [
      '__Host-access_token app.latchkey.test / secure hidden Lax',
      '__Host-csrf_token app.latchkey.test / secure readable Lax',
      '__Secure-refresh_token app.latchkey.test /auth secure hidden Strict',
    ],
  },
  {
    what: 'split cookies',
    options: { transports: [splitCookies()] },
    cookies: [
      '__Host-access_payload app.latchkey.test / secure readable Lax',
      '__Host-access_signature app.latchkey.test / secure hidden Lax',
      '__Host-csrf_token app.latchkey.test / secure readable Lax',
      '__Secure-refresh_token app.latchkey.test /auth secure hidden Strict',
    ],
  },
  {
    what: 'silent refresh',
    options: { transports: [oneCookie()], silentRefresh: true },
    cookies: [
      '__Host-access_token app.latchkey.test / secure hidden Lax',
      '__Host-csrf_token app.latchkey.test / secure readable Lax',
      '__Host-refresh_token app.latchkey.test / secure hidden Lax',
    ],
  },
  {
    what: 'a shared domain',
    options: { transports: [oneCookie({ domain: 'latchkey.test' })] },
    cookies: [
      '__Secure-access_token .latchkey.test / secure hidden Lax',
      '__Secure-csrf_token .latchkey.test / secure readable Lax',
      '__Secure-refresh_token .latchkey.test /auth secure hidden Strict',
    ],
  },
]

test.each(modes)(
  '$what: a browser keeps what is meant, and nothing of it after a logout',
  async ({ options, cookies }) => {
    const app = await startApp(options)
    const { context, page } = await openApp(app)
    await logIn(page)
    expect(await kept(context)).toEqual(cookies)
    await page.click('text=Log out')
    await page.waitForSelector('#last:text-is("logged out")')
    expect(await kept(context)).toEqual([])
  },
)

test('in development a browser signs in over http on localhost', async () => {
  vi.stubEnv('NODE_ENV', 'development')
  const app = await startApp({ transports: [splitCookies()] }, 'localhost', false)
  vi.unstubAllEnvs()
  const { context, page } = await openApp(app)
  await logIn(page)
  expect(await kept(context)).toEqual([
    'access_payload localhost / open readable Lax',
    'access_signature localhost / open hidden Lax',
    'csrf_token localhost / open readable Lax',
    'refresh_token localhost /auth open hidden Strict',
  ])
  app.clock.now += 301
  expect(await page.evaluate('save()')).toBe(200)
})

test('silent refresh: a page without a script of ours stays signed in', async () => {
  const app = await startApp({ transports: [oneCookie()], silentRefresh: true })
  const { context, page } = await openApp(app)
  await logIn(page)
  for (const generation of [1, 2]) {
    app.clock.now += 301
    const answer = await page.goto(`${app.origin}/posts`)
    expect([answer?.status(), await app.generations(app.alice)]).toEqual([200, [generation]])
    expect((await page.goto(`${app.origin}/posts`))?.status()).toBe(200)
    expect(await app.generations(app.alice)).toEqual([generation])
  }
  // Neither the browser's own dropping of the token, nor one more tab, is the end.
  await context.clearCookies({ name: '__Host-access_token' })
  const [one, two] = [await context.newPage(), await context.newPage()]
  const answers = await Promise.all([one, two].map((tab) => tab.goto(`${app.origin}/posts`)))
  expect(answers.map((answer) => answer?.status())).toEqual([200, 200])
})
