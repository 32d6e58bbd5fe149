/** The decision table of requests with cookies, over the endpoints. */
import { describe, expect, test } from 'vitest'
import { ALLOWED, headersOf, lineOf, TABLE } from './decision-table.js'
import { csrfVerdict, MODES, withBrowser } from './kit.js'

const MODE_NAMES = Object.keys(MODES) as (keyof typeof MODES)[]

describe.each(MODE_NAMES)('with %s', (mode) => {
  const kit = (options = {}) => withBrowser({ transports: [MODES[mode]()], cors: { origins: [ALLOWED] }, ...options })

  test.each([
    ['POST', '/auth/refresh', 200],
    ['DELETE', '/auth/sessions', 204],
    ['DELETE', '/auth/sessions/unknown', 404],
    ['POST', '/auth/password', 401],
  ])(
    '%s %s follows the table with a token, and refuses all of it without (cases 188, 192)',
    async (method, path, passed) => {
      const { login, call, cookie, csrf } = await kit({ throttle: UNTHROTTLED })
      await login()
      const stood = { cookie: cookie('/auth') }
      const token = csrf()
      const body = path.endsWith('password') ? { body: WRONG } : {}
      for (const row of TABLE) {
        const good = await call(method, path, { headers: { ...stood, ...token, ...headersOf(row) }, ...body })
        expect(lineOf(row, good.status === passed ? 'pass' : csrfVerdict(good))).toBe(lineOf(row, row.verdict))
        const without = await call(method, path, { headers: { ...stood, ...headersOf(row) }, ...body })
        expect(lineOf(row, csrfVerdict(without))).toBe(lineOf(row, row.verdict === 'pass' ? 'token' : row.verdict))
      }
    },
  )

  test.each(['/auth/logout', '/auth/logout/everywhere'])(
    'POST %s ends nothing that the table refuses (cases 188, 192)',
    async (path) => {
      const { login, call, cookie, csrf, auth, user } = await kit()
      await login()
      const stood = { cookie: cookie('/auth') }
      for (const row of TABLE) {
        const without = await call('POST', path, { headers: { ...stood, ...headersOf(row) } })
        expect(lineOf(row, csrfVerdict(without))).toBe(lineOf(row, row.verdict === 'pass' ? 'token' : row.verdict))
        if (row.verdict === 'pass') continue
        const foreign = await call('POST', path, { headers: { ...stood, ...csrf(), ...headersOf(row) } })
        expect(lineOf(row, csrfVerdict(foreign))).toBe(lineOf(row, row.verdict))
      }
      expect(await auth.sessions.list(user.id)).toHaveLength(1)
      expect((await call('POST', path, { headers: { ...stood, ...csrf() } })).status).toBe(204)
    },
  )

  test.each([
    ['/auth/login', { username: 'alice', password: 'not the one that she has' }, 'login_failed'],
    ['/auth/register', { username: 'bob', password: 'short' }, 'request_invalid'],
  ])('POST %s follows the first two layers without any session (cases 188, 191)', async (path, body, code) => {
    const { call } = await kit({ register: true, throttle: UNTHROTTLED })
    for (const row of TABLE) {
      const answer = await call('POST', path, { body, headers: headersOf(row) })
      const verdict = answer.body.code === code ? 'pass' : csrfVerdict(answer)
      expect(lineOf(row, verdict)).toBe(lineOf(row, row.verdict))
    }
  })
})

const WRONG = { current_password: 'not the one that she has', new_password: 'another horse, another battery' }
const plenty = { points: 1_000, seconds: 1 }
const UNTHROTTLED = { account: plenty, address: plenty, everybody: plenty }
