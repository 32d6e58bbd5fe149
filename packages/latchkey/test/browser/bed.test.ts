/** That the bed shows what browsers really do with cookies: what other tests here conclude rests on it. */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { newContext } from './browser.js'
import { APP, EVIL, SIBLING, type Site, sendForm, serve } from './site.js'

const KINDS = ['strict=1; SameSite=Strict', 'lax=1; SameSite=Lax', 'none=1; SameSite=None'] as const

/** What arrived at `/act`, and a page that sets the cookies it is asked for. */
async function recording(secure = true): Promise<{ site: Site; arrived: IncomingMessage[] }> {
  const arrived: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://any')
    if (pathname === '/act') arrived.push(request)
    const cookies = searchParams.getAll('set')
    if (cookies.length > 0) response.setHeader('set-cookie', cookies)
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title><p>page')
  }
  return { site: await serve(listener, { secure }), arrived }
}

async function setCookies(context: BrowserContext, origin: string, cookies: readonly string[]): Promise<string[]> {
  const page = await context.newPage()
  await page.goto(`${origin}/?${new URLSearchParams(cookies.map((cookie) => ['set', cookie]))}`)
  await page.close()
  return (await context.cookies()).map(({ name }) => name).sort()
}

async function openAt(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${origin}/`)
  return page
}

const cookiesOf = (request: IncomingMessage | undefined): string[] =>
  (request?.headers.cookie ?? '').split('; ').filter((pair) => pair !== '')

describe('a form', () => {
  const whoSends = [
    { from: EVIL, carries: ['none=1'], says: 'cross-site' },
    { from: SIBLING, carries: ['strict=1', 'lax=1', 'none=1'], says: 'same-site' },
    { from: APP, carries: ['strict=1', 'lax=1', 'none=1'], says: 'same-origin' },
  ]

  test.each(whoSends)('posted from $from carries $carries and says $says', async ({ from, carries, says }) => {
    const { site, arrived } = await recording()
    const context = await newContext()
    await setCookies(
      context,
      site.origin(APP),
      KINDS.map((kind) => `${kind}; Secure`),
    )
    const answer = await sendForm(await openAt(context, site.origin(from)), {
      action: `${site.origin(APP)}/act`,
      fields: { amount: '100' },
    })
    expect(answer.status()).toBe(200)
    expect(cookiesOf(arrived[0])).toEqual(carries)
    expect(arrived[0]?.headers).toMatchObject({
      'sec-fetch-site': says,
      'sec-fetch-mode': 'navigate',
      origin: site.origin(from),
      'content-type': 'application/x-www-form-urlencoded',
    })
  })

  test('that only reads carries Lax cookies from another site, and Strict ones never', async () => {
    const { site, arrived } = await recording()
    const context = await newContext()
    await setCookies(
      context,
      site.origin(APP),
      KINDS.map((kind) => `${kind}; Secure`),
    )
    await sendForm(await openAt(context, site.origin(EVIL)), { action: `${site.origin(APP)}/act`, method: 'get' })
    expect(cookiesOf(arrived[0])).toEqual(['lax=1', 'none=1'])
  })

  test('from another port of the same name is of the same site and of another origin', async () => {
    const { site, arrived } = await recording()
    const { site: other } = await recording()
    const context = await newContext()
    await setCookies(context, site.origin(APP), ['strict=1; SameSite=Strict; Secure'])
    await sendForm(await openAt(context, other.origin(APP)), { action: `${site.origin(APP)}/act` })
    expect(cookiesOf(arrived[0])).toEqual(['strict=1'])
    expect(arrived[0]?.headers).toMatchObject({ 'sec-fetch-site': 'same-site', origin: other.origin(APP) })
  })
})

describe('a cookie is kept', () => {
  test('if it obeys the rules of its name and its place, and no other is', async () => {
    const { site } = await recording()
    const bad = [
      '__Host-domain=1; Secure; Path=/; Domain=latchkey.test',
      '__Host-path=1; Secure; Path=/auth',
      '__Host-open=1; Path=/',
      '__host-small-letters=1; Path=/',
      '__Secure-open=1; Path=/auth',
      'another-site=1; Secure; Domain=other.test',
      // Without a name, the value would arrive as if it had one.
      '=__Host-nameless=1; Domain=latchkey.test',
      `more-than-4096-bytes=${'x'.repeat(4_096)}`,
    ]
    const good = [
      '__Host-good=1; Secure; Path=/',
      '__Secure-good=1; Secure; Path=/auth',
      'good=1; Domain=latchkey.test',
    ]
    const kept = await setCookies(await newContext(), site.origin(APP), [...bad, ...good])
    expect(kept).toEqual(['__Host-good', '__Secure-good', 'good'])
  })

  test('over http only if it is not Secure', async () => {
    const { site } = await recording(false)
    const cookies = ['a=1; Secure', '__Host-a=1; Secure; Path=/', 'good=1']
    expect(await setCookies(await newContext(), site.origin(APP), cookies)).toEqual(['good'])
  })
})

test('a sibling plants a cookie for the whole domain, though none with the prefix __Host-', async () => {
  const { site, arrived } = await recording()
  const context = await newContext()
  const planted = [
    'a=planted; Domain=latchkey.test; Path=/act',
    '__Host-a=planted; Secure; Path=/; Domain=latchkey.test',
  ]
  await setCookies(context, site.origin(SIBLING), planted)
  await setCookies(context, site.origin(APP), ['a=own', '__Host-a=own; Secure; Path=/'])
  const page = await openAt(context, site.origin(APP))
  await page.goto(`${site.origin(APP)}/act`)
  expect(cookiesOf(arrived[0])).toEqual(['a=planted', 'a=own', '__Host-a=own'])
})

test('a script reads no HttpOnly cookie', async () => {
  const { site } = await recording()
  const context = await newContext()
  await setCookies(context, site.origin(APP), ['seen=1; Secure', 'unseen=1; Secure; HttpOnly'])
  const page = await openAt(context, site.origin(APP))
  expect(await page.evaluate('document.cookie')).toBe('seen=1')
})

test('a page over https is a secure context, with locks for all its tabs', async () => {
  const { site } = await recording()
  const page = await openAt(await newContext(), site.origin(APP))
  expect(await page.evaluate('[isSecureContext, typeof navigator.locks, typeof BroadcastChannel]')).toEqual([
    true,
    'object',
    'function',
  ])
})
