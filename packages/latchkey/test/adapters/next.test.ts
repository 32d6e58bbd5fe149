/** Next.js without Next: route handlers, server components and the proxy, over the requests and headers that it hands out. */
import { afterEach, describe, expect, test } from 'vitest'
import { authenticate, authorize, mount, refresh } from '../../src/adapters/next.js'
import { permission, signedIn } from '../../src/index.js'
import { withBrowser } from '../cookies/kit.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** As `NextResponse.next` tells Next what the render is to read. */
const NextResponse = {
  next: ({ request }: { request: { headers: Headers } }) => {
    const headers = new Headers()
    for (const [name, value] of request.headers) headers.set(`x-middleware-request-${name}`, value)
    return new Response(null, { headers })
  },
}

async function kit() {
  const one = await withBrowser({ silentRefresh: true })
  closing.push(() => one.auth.close())
  await one.login()
  const request = (path = '/', more: RequestInit = {}) =>
    new Request(`http://localhost${path}`, { ...more, headers: { cookie: one.cookie(path), ...more.headers } })
  return { ...one, request }
}

describe('route handlers', () => {
  test('the endpoints answer, and any other path is a 404', async () => {
    const { auth, request } = await kit()
    const { GET } = mount(auth)
    expect(await (await GET(request('/auth/me'), {})).json()).toMatchObject({ username: 'alice' })
    expect((await GET(request('/auth/nothing'), {})).status).toBe(404)
  })

  test('a handler is given its caller, and nobody else comes in', async () => {
    const { auth, request, user } = await kit()
    const mine = authorize(auth, signedIn, (_request, caller, { id }: { id: string }) =>
      Response.json({ id, subject: caller.subject }),
    )
    expect(await (await mine(request(), { id: '7' })).json()).toEqual({ id: '7', subject: user.id })
    const refused = await mine(new Request('http://localhost/'), { id: '7' })
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"'])
    const secret = authorize(auth, permission('secret:read'), () => Response.json({}))
    expect(await (await secret(request(), undefined)).json()).toMatchObject({ code: 'permission_denied' })
  })

  test('an expired token is refreshed, and the answer brings the cookies', async () => {
    const { auth, request, clock } = await kit()
    clock.now += 400
    const answer = await authorize(auth, signedIn, () => Response.json({}))(request(), undefined)
    expect([answer.status, answer.headers.getSetCookie().length > 0]).toEqual([200, true])
  })
})

test('a handler that sends its caller elsewhere keeps the new cookies', async () => {
  const { auth, request, clock } = await kit()
  clock.now += 400
  const away = authorize(auth, signedIn, () => Response.redirect('http://localhost/elsewhere', 303))
  const answer = await away(request(), undefined)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, 'http://localhost/elsewhere'])
  expect(answer.headers.getSetCookie().length).toBeGreaterThan(0)
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

describe('server components', () => {
  test('see who calls', async () => {
    const { auth, request, user } = await kit()
    expect((await authenticate(auth, async () => request().headers)())?.subject).toBe(user.id)
    expect(await authenticate(auth, () => new Headers())()).toBeUndefined()
  })

  test('refresh nothing: a token that is used without a cookie being set would end the session', async () => {
    const { auth, request, clock, user } = await kit()
    clock.now += 400
    expect(await authenticate(auth, () => request().headers)()).toBeUndefined()
    clock.now += 60
    const proxied = await refresh(auth, NextResponse)(request())
    const headers = new Headers({ cookie: proxied.headers.get('x-middleware-request-cookie') ?? '' })
    expect((await authenticate(auth, () => headers)())?.subject).toBe(user.id)
  })
})

describe('the proxy', () => {
  test('changes nothing while the token is good', async () => {
    const { auth, request } = await kit()
    const proxied = await refresh(auth, NextResponse)(request())
    expect(proxied.headers.getSetCookie()).toEqual([])
    expect(proxied.headers.get('x-middleware-request-cookie')).toBe(request().headers.get('cookie'))
  })

  test('refreshes once, and the answer and the render have the same cookies beside those of others', async () => {
    const { auth, request, clock, user } = await kit()
    let refreshed = 0
    auth.events.on('session.refreshed', () => void refreshed++)
    clock.now += 400
    const cookie = `theme=dark; ${request().headers.get('cookie')}`
    const proxied = await refresh(auth, NextResponse)(request('/', { headers: { cookie } }))
    const rendered = proxied.headers.get('x-middleware-request-cookie') ?? ''
    const set = proxied.headers.getSetCookie().map((line) => line.split(';', 1)[0] as string)
    expect(set.length).toBeGreaterThan(1)
    expect(rendered.split('; ').sort()).toEqual(['theme=dark', ...set].sort())
    expect(proxied.headers.get('cache-control')).toBe('no-store')
    const caller = await authenticate(auth, () => new Headers({ cookie: rendered }))()
    expect(caller?.subject).toBe(user.id)
    await expect.poll(() => refreshed).toBe(1)
  })

  test('a session that is over is forgotten by the browser and by the render', async () => {
    const { auth, request, clock, user } = await kit()
    await auth.revoke({ user: user.id })
    clock.now += 400
    const proxied = await refresh(auth, NextResponse)(request())
    expect(proxied.headers.getSetCookie().every((line) => line.includes('Max-Age=0'))).toBe(true)
    expect(proxied.headers.get('x-middleware-request-cookie')).toBe('')
  })
})
