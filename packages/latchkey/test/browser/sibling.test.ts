/** A sub-domain in foreign hands that sets cookies for all of the domain (cases 154, 166, 167, 189): it cannot make a victim use its session. */
import type { BrowserContext } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { oneCookie, splitCookies } from '../../src/index.js'
import { type App, logIn, openApp, signIn, startApp } from './app.js'
import { newContext } from './browser.js'
import { SIBLING } from './site.js'

const modes = [
  ['one cookie', oneCookie],
  ['split cookies', splitCookies],
] as const

/** The cookies of mallory's own session, by name. */
async function malloryCookies(app: App): Promise<ReadonlyMap<string, string>> {
  const { context, page } = await openApp(app, undefined, '?quiet')
  await signIn(page, 'mallory')
  return new Map((await context.cookies()).map(({ name, value }) => [name, value]))
}

/** Has a script of the sibling set cookies for the whole domain, in every disguise that a browser might fall for. */
async function plant(
  app: App,
  context: BrowserContext,
  cookies: ReadonlyMap<string, string>,
  paths = ['/', '/auth', '/auth/refresh', '/posts'],
): Promise<void> {
  const lines = [...cookies].flatMap(([name, value]) => {
    const bare = name.replace(/^__\w+-/, '')
    const disguises = [`${name}=${value}`, `${bare}=${value}`, `\u2000${name}=${value}`, `=${name}=${value}`]
    return disguises.flatMap((pair) => paths.map((path) => `${pair}; Path=${path}; Domain=latchkey.test; Secure`))
  })
  const page = await context.newPage()
  await page.goto(`${app.site.origin(SIBLING)}/?quiet`)
  await page.evaluate((all) => {
    for (const line of all) Object.assign((globalThis as never as { document: object }).document, { cookie: line })
  }, lines)
  await page.close()
}

const statusOf = (app: App, path: string) => app.seen.filter((one) => one.path === path).map(({ status }) => status)

describe.each(modes)('with %s', (_mode, transport) => {
  test('who is signed in stays who they are, whatever a sibling plants', async () => {
    const app = await startApp({ transports: [transport()] })
    const planted = await malloryCookies(app)
    const { context, page } = await openApp(app)
    await logIn(page)
    await plant(app, context, planted)
    // That a part of it was planted, the refresh cookie, is seen; that the rest was not, too.
    const twice = (await context.cookies()).filter(
      ({ name, domain }) => planted.has(name) && domain === '.latchkey.test',
    )
    expect(new Set(twice.map(({ name }) => name))).toEqual(new Set(['__Secure-refresh_token']))

    expect(await page.evaluate('save()')).toBe(200)
    app.clock.now += 301
    await page.evaluate('save()')
    await page.evaluate('api.refresh().catch(() => {})')
    const { page: later } = await openApp(app, context)
    expect(await later.textContent('#user')).not.toBe('mallory')
    expect(new Set(app.saved)).toEqual(new Set([app.alice.id]))
    expect(await app.generations(app.mallory)).toEqual([0])
  })

  test('who is not signed in does not become the attacker', async () => {
    const app = await startApp({ transports: [transport()] })
    const planted = await malloryCookies(app)
    const context = await newContext()
    // One of each name, as if they were the victim's own.
    await plant(app, context, planted, ['/auth'])
    app.seen.length = 0
    const { page } = await openApp(app, context)
    expect(await page.evaluate('save()')).toBe(401)
    expect(await page.evaluate('api.refresh().catch(() => undefined)')).toBeUndefined()
    // Nor for whoever has the attacker's own token to say.
    const token = planted.get('__Host-csrf_token')
    const status = await page.evaluate(
      async (value) =>
        (await fetch('/auth/refresh', { method: 'POST', headers: { 'x-csrf-token': value ?? '' } })).status,
      token,
    )
    expect([status, statusOf(app, '/auth/refresh').at(-1)]).toEqual([403, 403])
    expect([await page.textContent('#user'), app.saved, await app.generations(app.mallory)]).toEqual([
      'nobody',
      [],
      [0],
    ])
  })

  test('who signs in and out beside planted cookies is signed in and out', async () => {
    const app = await startApp({ transports: [transport()] })
    const planted = await malloryCookies(app)
    const context = await newContext()
    await plant(app, context, planted)
    const { page } = await openApp(app, context)
    await logIn(page)
    expect(await page.evaluate('save()')).toBe(200)
    await page.click('text=Log out')
    await page.waitForSelector('#last:text-is("logged out")')
    expect(await app.generations(app.alice)).toEqual([])
    expect(await app.generations(app.mallory)).toEqual([0])
    expect(await page.evaluate('save()')).toBe(401)
  })
})

test('only where the application shares its domain does a planted session count, as it says of itself', async () => {
  const app = await startApp({ transports: [splitCookies({ domain: 'latchkey.test' })] })
  const planted = await malloryCookies(app)
  const context = await newContext()
  await plant(app, context, planted, ['/'])
  const { page } = await openApp(app, context)
  // The same attack as above: what it would look like if it worked.
  expect(await page.textContent('#user')).toBe('mallory')
  expect(await page.evaluate('save()')).toBe(200)
  expect(app.saved).toEqual([app.mallory.id])
})
