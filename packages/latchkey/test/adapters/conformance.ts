/** The promises of every adapter, over real sockets, with the same number of assertions for each. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ErrorCode, errorCodes, errorRow } from '../../src/errors.js'
import { count } from '../count.js'
import { cases, cookieOf, credentials, endpoints } from './conformance/endpoints.js'
import { closedApplication, guardedApplication, type Make, type Plan, wholeApplication } from './conformance/plan.js'
import { type Answer, type Ask, ask, askEndlessly, hangUp } from './conformance/wire.js'
import { createWorld, PASSWORD, type World } from './conformance/world.js'

/** How many assertions a framework has to stand. The same for all: a framework that is asked less is not tried. */
const ASSERTIONS = 2081

const JSON_TYPE = 'application/json; charset=utf-8'
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Tries a framework. */
export function conformance(name: string, make: Make): void {
  describe(name, () => {
    let made = 0
    let world: World
    const closing: (() => unknown)[] = []
    const ports = { whole: 0, parsed: 0, guarded: 0, closed: 0, watched: 0 }
    const watched = { begun: 0, statuses: [] as (number | undefined)[] }

    const check = (given: unknown, wanted: unknown): void => {
      made++
      expect(given).toEqual(wanted)
    }
    const bearer = (token: keyof World['tokens']) => `Bearer ${world.tokens[token]}`
    const whole = (asked: Ask): Promise<Answer> => ask(ports.whole, asked)

    beforeAll(async () => {
      world = await createWorld()
      const areas = wholeApplication(world)
      ports.whole = await listen({ areas, parsesFirst: false })
      ports.parsed = await listen({ areas, parsesFirst: true })
      ports.guarded = await listen({ areas: guardedApplication(world), parsesFirst: false })
      ports.closed = await listen({ areas: closedApplication(world), parsesFirst: false })
      ports.watched = await listen({ areas: wholeApplication(world, watching()), parsesFirst: false })
    })
    afterAll(async () => {
      for (const close of closing.reverse()) await close()
      await world?.close()
    })

    async function listen(plan: Plan): Promise<number> {
      const server: Server = await make(plan)
      if (!server.listening) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      closing.push(
        () => server.close(),
        () => server.closeAllConnections(),
      )
      return (server.address() as AddressInfo).port
    }

    /** The auth, and what becomes of the answers of its endpoints. */
    function watching(): World['auth'] {
      const { auth } = world
      const watch = async <T>(status: (answered: T) => number | undefined, answering: Promise<T>): Promise<T> => {
        watched.begun++
        const answered = await answering
        watched.statuses.push(status(answered))
        return answered
      }
      return {
        ...auth,
        answer: (asked, peer) => watch((answered) => answered?.status, auth.answer(asked, peer)),
        handle: (request, peer) => watch((answered) => answered?.status, auth.handle(request, peer)),
      }
    }

    /** What every refusal has to be, whoever gives it. */
    function checkRefusal(answer: Answer, code: ErrorCode): void {
      const { status, oauth } = errorRow(code)
      check([answer.status, answer.body?.code], [status, code])
      check(answer.headers['content-type'], PROBLEM_TYPE)
      check([answer.headers['cache-control'], answer.headers['x-content-type-options']], ['no-store', 'nosniff'])
      check(answer.headers['retry-after'] !== undefined, status === 503 || status === 429)
      const challenge = String(answer.headers['www-authenticate'] ?? '')
      const isNamed = status === 401 && oauth !== undefined && oauth !== 'invalid_grant'
      check(challenge.startsWith('Bearer realm="api"'), status === 401 || code === 'scope_missing')
      check(challenge.includes(`error="${oauth}"`), isNamed || code === 'scope_missing')
      check(/at .*\.[jt]s|node_modules/.test(answer.text), false)
    }

    describe('every endpoint times every code that it can give', () => {
      for (const { endpoint, code, ask: asking } of cases) {
        test(`${endpoint}: ${code}`, async () => checkRefusal(await whole(await asking(world)), code))
      }

      for (const { name: endpoint, method, path, body } of endpoints) {
        test(`${endpoint}: store_failed`, async () => {
          const answer = await ask(ports.closed, { method, path, body, authorization: bearer('good') })
          checkRefusal(answer, 'store_failed')
        })
      }

      test('no code is left out but those of guards, and the one for a start that is not safe', () => {
        const given = new Set<string>(['store_failed', ...cases.map(({ code }) => code)])
        const never = errorCodes.filter((code) => !given.has(code))
        check(never, ['login_stale', 'scope_missing', 'options_invalid'])
      })

      test('no endpoint is left out', async () => {
        const { paths } = (await whole({ path: '/auth/openapi.json' })).body
        const named = Object.entries(paths).flatMap(([path, methods]) =>
          Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '*')}`),
        )
        const tried = new Set(endpoints.map(({ method, path }) => `${method} ${path.replace(/u-1|s-1/g, '*')}`))
        check(
          named.filter((one) => !tried.has(one)),
          [],
        )
      })

      test('no status that the description of an endpoint names is left out', async () => {
        const { paths } = (await whole({ path: '/auth/openapi.json' })).body
        const missing = endpoints.flatMap(({ name, method, path }) => {
          const template = path.replace('u-1', '{user}').replace('s-1', '{id}')
          const { responses = {} } = paths[template]?.[method.toLowerCase()] ?? {}
          const given = cases.filter(({ endpoint }) => endpoint === name).map(({ code }) => errorRow(code).status)
          const named = Object.keys(responses)
            .map(Number)
            .filter((status) => status >= 400)
          return [
            ...(named.length === 0 ? [`${name}: the description has no refusals`] : []),
            ...named.filter((one) => ![...given, 503].includes(one)).map((one) => `${name}: ${one}`),
          ]
        })
        // Two password changes at one moment, which no single request can make.
        check(missing, ['password: 409'])
      })
    })

    describe('guards', () => {
      test('an open route sees who calls, and lets anonymous callers and bad tokens through', async () => {
        const { body } = await whole({ path: '/open', authorization: bearer('good') })
        check(body, { subject: world.alice.id })
        check((await whole({ path: '/open' })).body, { subject: null })
        check((await whole({ path: '/open', authorization: 'Bearer nonsense' })).body, { subject: null })
      })

      for (const code of Object.keys(credentials) as ErrorCode[]) {
        test(`what is wrong with a credential is answered at a guard as at an endpoint: ${code}`, async () => {
          checkRefusal(await whole({ path: '/mine', authorization: credentials[code]?.(world) ?? [] }), code)
        })
      }

      test('a good caller passes', async () => {
        for (const path of ['/mine', '/scoped', '/typed']) {
          const { status, body } = await whole({ path, authorization: bearer('good') })
          check([status, body], [200, { subject: world.alice.id }])
        }
      })

      test('a cookie alone may read, and changes nothing', async () => {
        check((await whole({ path: '/mine', headers: cookieOf(world) })).body, { subject: world.alice.id })
        checkRefusal(await whole({ method: 'POST', path: '/echo', body: {}, headers: cookieOf(world) }), 'csrf_failed')
      })

      test('whoever may not is told what is missing', async () => {
        const secret = await whole({ path: '/secret', authorization: bearer('good') })
        checkRefusal(secret, 'permission_denied')
        check(secret.body.missing, ['secret:read', 'secret:write'])
        const unscoped = await whole({ path: '/unscoped', authorization: bearer('good') })
        checkRefusal(unscoped, 'scope_missing')
        check(String(unscoped.headers['www-authenticate']).includes('scope="payments"'), true)
      })

      test('a login that is too old is asked for again, and the challenge tells how old it may be', async () => {
        check((await whole({ path: '/fresh', authorization: bearer('good') })).status, 200)
        const stale = await whole({ path: '/fresh', authorization: bearer('old') })
        checkRefusal(stale, 'login_stale')
        check(String(stale.headers['www-authenticate']).includes('max_age="600"'), true)
        check((await whole({ path: '/mine', authorization: bearer('old') })).status, 200)
      })

      test('a rule is given the request of the framework', async () => {
        check((await whole({ path: '/asked', authorization: bearer('good') })).status, 200)
      })

      test('a guard that a handler asks about one object refuses as any other', async () => {
        checkRefusal(await whole({ path: '/theirs', authorization: bearer('good') }), 'permission_denied')
        const own = await whole({ path: '/own/theirs', authorization: bearer('good') })
        check([own.status, own.body], [403, { handled: 'permission_denied' }])
      })

      test('a handler that is promised a caller is not called without one', async () => {
        checkRefusal(await whole({ path: '/typed' }), 'credential_missing')
        checkRefusal(await whole({ path: '/typed', authorization: bearer('foreign') }), 'permission_denied')
      })

      test('a guard that breaks is nobody’s refusal and tells nothing', async () => {
        checkRefusal(await whole({ path: '/broken', authorization: bearer('good') }), 'store_failed')
      })

      test('a router behind a guard lets nobody else in, whatever its routes ask', async () => {
        checkRefusal(await whole({ path: '/closed/open' }), 'credential_missing')
        const { body } = await whole({ path: '/closed/open', authorization: bearer('good') })
        check(body, { subject: world.alice.id })
      })

      test('an application behind a guard lets nobody in but at its endpoints', async () => {
        checkRefusal(await ask(ports.guarded, { path: '/open' }), 'credential_missing')
        const { body } = await ask(ports.guarded, { path: '/open', authorization: bearer('good') })
        check(body, { subject: world.alice.id })
        const login = { username: 'boss', password: PASSWORD }
        check((await ask(ports.guarded, { method: 'POST', path: '/auth/login', body: login })).status, 200)
      })

      test('without its store an open route is open, and a guard answers for the store', async () => {
        check((await ask(ports.closed, { path: '/open' })).body, { subject: null })
        checkRefusal(await ask(ports.closed, { path: '/mine', authorization: bearer('good') }), 'store_failed')
      })
    })

    describe('two auths in one application', () => {
      test('each knows its own callers, and no token of the other', async () => {
        const staff = await whole({ path: '/staff/mine', authorization: bearer('staff') })
        check(staff.status, 200)
        check(staff.body.subject === world.alice.id, false)
        checkRefusal(await whole({ path: '/staff/mine', authorization: bearer('good') }), 'token_invalid')
        checkRefusal(await whole({ path: '/mine', authorization: bearer('staff') }), 'token_invalid')
        check((await whole({ path: '/staff/typed', authorization: bearer('staff') })).status, 200)
      })

      test('each has its endpoints, under a prefix too', async () => {
        const body = { username: 'clerk', password: PASSWORD }
        check((await whole({ method: 'POST', path: '/staff/auth/login', body })).status, 200)
        checkRefusal(await whole({ method: 'POST', path: '/auth/login', body }), 'login_failed')
      })
    })

    describe('errors that the application wants itself', () => {
      test('its handler is given a typed error with status, code and challenge', async () => {
        const missing = await whole({ path: '/own/mine' })
        check([missing.status, missing.body], [401, { handled: 'credential_missing' }])
        check(missing.headers['www-authenticate'], 'Bearer realm="api"')
        const denied = await whole({ path: '/own/secret', authorization: bearer('good') })
        check([denied.status, denied.body], [403, { handled: 'permission_denied' }])
        const typed = await whole({ path: '/own/typed', authorization: 'Bearer nonsense' })
        check([typed.status, typed.body], [401, { handled: 'token_invalid' }])
        check(String(typed.headers['www-authenticate']).includes('error="invalid_token"'), true)
      })

      test('its handler is given its own errors as they are', async () => {
        const { status, body } = await whole({ path: '/own/broken', authorization: bearer('good') })
        check([status, body], [500, { handled: 'TypeError' }])
      })

      test('what passes, passes', async () => {
        const { body } = await whole({ path: '/own/typed', authorization: bearer('good') })
        check(body, { subject: world.alice.id })
      })

      test('without a handler the framework answers with the status and the challenge', async () => {
        const { status, headers } = await whole({ path: '/bare/mine' })
        check([status, headers['www-authenticate']], [401, 'Bearer realm="api"'])
      })
    })

    describe('the shape of requests', () => {
      test('a trailing slash more does not matter', async () => {
        check((await whole({ path: '/auth/me/', authorization: bearer('good') })).body.username, 'alice')
        checkRefusal(await whole({ path: '/auth/me/' }), 'credential_missing')
        checkRefusal(await whole({ path: '/mine/' }), 'credential_missing')
      })

      test('an answer tells its size, and to HEAD it is the same without a body', async () => {
        const keys = await whole({ path: '/.well-known/jwks.json' })
        check([keys.headers['content-type'], keys.body.keys.length > 0], [JSON_TYPE, true])
        check(Number(keys.headers['content-length']), Buffer.byteLength(keys.text))
        const head = await whole({ method: 'HEAD', path: '/.well-known/jwks.json' })
        check([head.status, head.text, head.headers['content-type']], [200, '', JSON_TYPE])
      })

      test('OPTIONS and 405 tell the methods', async () => {
        const options = await whole({ method: 'OPTIONS', path: '/auth/login' })
        check([options.status, options.headers.allow], [204, 'POST, OPTIONS'])
        const wrong = await whole({ method: 'DELETE', path: '/auth/me' })
        check([wrong.status, wrong.headers.allow], [405, 'GET, HEAD, OPTIONS'])
      })

      test('a path of nobody is a 404 of the framework', async () => {
        check((await whole({ path: '/auth/nothing' })).status, 404)
        check((await whole({ path: '/nothing' })).status, 404)
      })

      test('a login, a refresh and a logout', async () => {
        const body = { username: 'boss', password: PASSWORD }
        const login = await whole({ method: 'POST', path: '/auth/login', body })
        check([login.status, login.headers['cache-control']], [200, 'no-store'])
        const refreshed = await whole({
          method: 'POST',
          path: '/auth/refresh',
          body: { refresh_token: login.body.refresh_token },
        })
        check(refreshed.status, 200)
        const authorization = `Bearer ${refreshed.body.access_token}`
        check((await whole({ method: 'POST', path: '/auth/logout', authorization })).status, 204)
        checkRefusal(await whole({ path: '/mine', authorization }), 'token_revoked')
      })
    })

    describe('bodies', () => {
      const login = { method: 'POST', path: '/auth/login' } as const
      const good = { username: 'boss', password: PASSWORD }

      test('the body of an application’s own route is still there behind a guard', async () => {
        for (const port of [ports.whole, ports.parsed]) {
          const answer = await ask(port, {
            method: 'POST',
            path: '/echo',
            body: { a: 1 },
            authorization: bearer('boss'),
          })
          check([answer.status, answer.body], [200, { subject: world.boss.id, body: { a: 1 } }])
        }
      })

      test('a parser that read the body first does not matter', async () => {
        check((await ask(ports.parsed, { ...login, body: good })).status, 200)
        checkRefusal(await ask(ports.parsed, { ...login, body: { ...good, more: 1 } }), 'request_invalid')
        checkRefusal(await ask(ports.parsed, { ...login, body: {} }), 'request_invalid')
        checkRefusal(
          await ask(ports.parsed, { ...login, body: { ...good, more: 'x'.repeat(70_000) } }),
          'request_too_large',
        )
        checkRefusal(
          await ask(ports.parsed, { ...login, body: 'username=boss', type: 'text/plain' }),
          'media_type_unsupported',
        )
        check(
          (await ask(ports.parsed, { method: 'POST', path: '/auth/logout', authorization: bearer('foreign') })).status,
          204,
        )
      })

      test('a body that is no JSON, or says a thing twice, is refused', async () => {
        checkRefusal(await whole({ ...login, body: '{"username":' }), 'request_invalid')
        const twice = '{"username":"boss","username":"alice","password":"x"}'
        checkRefusal(await whole({ ...login, body: twice }), 'request_invalid')
        checkRefusal(await whole({ ...login, body: '' }), 'request_invalid')
      })

      test('a body without an end is answered while it still comes', async () => {
        check(await askEndlessly(ports.whole, '/auth/login'), 413)
      })

      test('a caller who hangs up in the middle of a body is refused, and no fault of ours', async () => {
        const { begun, statuses } = watched
        const seen = statuses.length
        await hangUp(ports.watched, '/auth/login', () => expect.poll(() => watched.begun).toBe(begun + 1))
        await expect.poll(() => statuses.slice(seen)).toEqual([422])
        check((await ask(ports.watched, { path: '/open' })).status, 200)
      })
    })

    test('cookies that a look at the caller wants set are set', async () => {
      const { headers, body } = await whole({ path: '/cookies/open' })
      check([headers['set-cookie'], body], [['one=1; Path=/', 'two=2; Path=/'], { subject: null }])
    })

    test(`stands ${ASSERTIONS} assertions, as every framework does`, () => {
      count(`conformance of ${name}`, made)
      expect(made).toBe(ASSERTIONS)
    })
  })
}
