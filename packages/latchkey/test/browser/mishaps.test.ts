/** What goes wrong between a browser and a server while tokens are refreshed: an answer that is lost, a tab that is closed, a server that is not there. */
import { describe, expect, test } from 'vitest'
import { oneCookie, splitCookies } from '../../src/index.js'
import { type App, logIn, openApp, startApp } from './app.js'

const rotations = async (app: App) => [
  app.seen.filter(({ path }) => path === '/auth/refresh').map(({ status }) => status),
  await app.generations(app.alice),
]

describe.each([
  ['one cookie', oneCookie],
  ['split cookies', splitCookies],
])('with %s', (_mode, transport) => {
  test('a refresh whose answer is lost is repeated, and costs nobody the session', async () => {
    const app = await startApp({ transports: [transport()] })
    const { context, page } = await openApp(app)
    await logIn(page)
    const { page: other } = await openApp(app, context)
    app.clock.now += 301
    app.losing.add('/auth/refresh')
    expect(await Promise.all([page.evaluate('save()'), other.evaluate('save()')])).toEqual([200, 200])
    expect(await rotations(app)).toEqual([[0, 200], [1]])
    app.clock.now += 301
    expect(await other.evaluate('save()')).toBe(200)
    expect(await rotations(app)).toEqual([[0, 200, 200], [2]])
  })

  test('a tab that is closed in the middle of a refresh holds up no other', async () => {
    const app = await startApp({ transports: [transport()] })
    const { context, page } = await openApp(app)
    await logIn(page)
    const { page: other } = await openApp(app, context)
    app.clock.now += 301
    app.delays.set('/auth/refresh', 300)
    const asked = page.waitForRequest('**/auth/refresh')
    page.evaluate('void save()').catch(() => {})
    await asked
    const saved = other.evaluate('save()')
    await page.close()
    expect(await saved).toBe(200)
    expect(await app.generations(app.alice)).toEqual([1])
    expect(await other.textContent('#user')).toBe('alice')
  })

  test('a server that is not there signs nobody out', async () => {
    const app = await startApp({ transports: [transport()] })
    const { context, page } = await openApp(app)
    await logIn(page)
    app.clock.now += 301
    await context.setOffline(true)
    expect(await page.evaluate('save().catch((error) => error.name)')).toBe('TypeError')
    expect(await page.textContent('#user')).toBe('alice')
    await context.setOffline(false)
    expect(await page.evaluate('save()')).toBe(200)
    expect(await app.generations(app.alice)).toEqual([1])
  })
})
