/** Cross-site requests against the presets that come with cookies: their logins read forms, or have no CSRF token at all (cases 186, 191, 192). */
import { expect, test } from 'vitest'
import { cookieJwtauth, djwto } from '../../src/presets/index.js'
import { PASSWORD, SECRET } from '../auth-kit.js'
import { type App, openApp, startApp } from './app.js'
import { EVIL, SIBLING, sendForm } from './site.js'

const form = { fields: { username: 'mallory', password: PASSWORD, jwt_type: 'refresh' } }
/** What jwtauth reads as JSON, as it reads everything. */
const json = { enctype: 'text/plain', fields: { [`{"username":"mallory","password":"${PASSWORD}","a":"`]: '"}' } }

const presets = [
  {
    name: 'djwto',
    preset: djwto({ DJWTO_SIGNING_KEY: SECRET, DJWTO_MODE: 'TWO-COOKIES' }),
    type: 'application/x-www-form-urlencoded',
    forged: form,
  },
  { name: 'jwtauth', preset: cookieJwtauth({ SIGNING_KEY: SECRET }), type: 'application/json', forged: json },
]

/** Every path that the preset posts to, and one of the application's own. */
const targets = async ({ auth }: App) => {
  const { paths } = (await auth.operations.openapi()) as { paths: Record<string, object> }
  return [
    '/posts',
    ...Object.keys(paths).filter((path) => 'post' in (paths[path] as object) || 'delete' in (paths[path] as object)),
  ]
}

test.each(presets)(
  '$name: forms of another site or of a sibling sign nobody in or out',
  async ({ preset, type, forged }) => {
    const app = await startApp({ preset })
    const { context, page } = await openApp(app, undefined, '?quiet')
    const credentials = { username: 'alice', password: PASSWORD }
    const body = type.endsWith('json') ? JSON.stringify(credentials) : String(new URLSearchParams(credentials))
    const login = async ([data, kind]: readonly string[]) =>
      (await fetch('/login/', { method: 'POST', headers: { 'content-type': kind ?? '' }, body: data ?? '' })).ok
    expect(await page.evaluate(login, [body, type])).toBe(true)
    const before = await context.cookies()
    expect(before.length).toBeGreaterThan(1)

    const paths = await targets(app)
    expect(paths).toContain('/login/')
    for (const host of [EVIL, SIBLING]) {
      // From a sibling the cookies come along; from elsewhere none do, and a login needs none.
      for (const path of host === SIBLING ? paths : ['/posts', '/login/']) {
        await page.goto(app.site.origin(host))
        const answer = await sendForm(page, { ...forged, action: `${app.origin}${path}` })
        // Without a session that comes along a path of the application's own has nobody to refuse but a stranger; 405: it is no POST.
        expect([path, answer.status()]).toEqual([path, expect.toBeOneOf([401, 403, 405])])
      }
    }
    expect(app.saved).toEqual([])
    expect(await app.generations(app.alice)).toEqual([0])
    expect(await app.generations(app.mallory)).toEqual([])
    expect(await context.cookies()).toEqual(before)

    // The same form on a page of the application's own does sign in: only where it comes from was wrong.
    await context.clearCookies()
    await page.goto(`${app.origin}/?quiet`)
    await sendForm(page, { ...forged, action: `${app.origin}/login/` })
    expect(await app.generations(app.mallory)).toEqual([0])
  },
)
