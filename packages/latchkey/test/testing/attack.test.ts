/** The attack finds what is wrong with a service, on the right route, and says what it could not test. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { bearer, oneCookie } from '../../src/index.js'
import { type Arms, createAttack } from '../../src/testing/attack/attack.js'
import { byScheme } from '../../src/testing/carrying.js'
import type { Defect } from '../../src/testing/defects.js'
import { type AttackAnswer, defectClasses, fakeIssuer, testAuth, testClock } from '../../src/testing/index.js'
import { count } from '../count.js'
import { planted } from './broken.js'

const clock = testClock(1_800_000_000)
const issuer = fakeIssuer({ clock })
const good = issuer.as()

const no = () => new Response(null, { status: 401 })
const yes = () => new Response(null, { status: 200 })
const tokenIn = (request: Request) => request.headers.get('authorization')?.slice('Bearer '.length)

/** Arms with one table for all routes, so that a service can be made for each token. */
function fixed(): { arms: Arms; table: readonly Defect[]; sendable: readonly Defect[] } {
  const table = issuer.defects()
  const arms = { as: () => good, tableOf: () => table, waysOf: () => [byScheme('Bearer')] }
  return { arms, table, sendable: table.filter((one) => one.class && one.sendable) }
}

describe('a service that lets in one defective token', () => {
  test('is found for each of them, on its own route, and nowhere else', async () => {
    const { arms, table, sendable } = fixed()
    const genuine = table.find((one) => !one.class)?.token
    const bad = sendable.map(({ token }) => token)
    const app = (request: Request) => {
      const token = tokenIn(request)
      return token === genuine || token === bad[Number(request.url.slice('http://localhost/'.length))] ? yes() : no()
    }
    const report = await createAttack(arms)(
      app,
      sendable.map((_, at) => `GET /${at}`),
    )
    expect(report.untested).toEqual([])
    // A few have two names: r = 0 and s = 0 are a signature that is all zero.
    const wanted = sendable.flatMap(({ token }, at) =>
      sendable.filter((one) => one.token === token).map((one) => [`GET /${at}`, one.class, one.name]),
    )
    expect(wanted.length).toBeLessThan(sendable.length * 1.05)
    expect(report.letIn.map(({ route, class: name, name: title }) => [route, name, title])).toEqual(wanted)
    count('services with one defect, found', report.letIn.length)
  })

  test('is asked with each of them: what it saw is what the report says was sent', async () => {
    const { arms, table, sendable } = fixed()
    const genuine = table.find((one) => !one.class)?.token
    const seen: (string | undefined)[] = []
    const report = await createAttack(arms)(
      (request: Request) => {
        const token = tokenIn(request)
        seen.push(token)
        return token === genuine ? yes() : no()
      },
      ['GET /posts'],
    )
    expect(report.ok).toBe(true)
    expect(seen.slice(0, 2)).toEqual([undefined, genuine])
    expect(seen.slice(2, 2 + sendable.length)).toEqual(sendable.map(({ token }) => token))
    expect(seen.at(-1)).toBe(genuine)
    expect(report.sent.length).toBe(seen.length - 3)
    expect(report.sent.slice(0, sendable.length).map(({ name }) => name)).toEqual(sendable.map(({ name }) => name))
  })

  test('is found by cookie, too', async () => {
    const { auth, attack, as } = testAuth({ transports: [oneCookie()] })
    const app = async (request: Request) => {
      const head = { method: request.method, header: (name: string) => request.headers.get(name) ?? undefined }
      const { context, failure } = await auth.authenticate(head)
      return context || failure?.code === 'token_audience' ? yes() : no()
    }
    const report = await attack(app, ['GET /me'])
    expect(new Set(report.letIn.map(({ via, class: name }) => `${name} by ${via}`))).toEqual(
      new Set(['missing-audience by cookie', 'wrong-audience by cookie', 'audience-of-others by cookie']),
    )
    expect((await as()).cookieHeaders).toBeDefined()
    await auth.close()
  })
})

describe('planted', () => {
  for (const [what, { verify, classes }] of Object.entries(planted)) {
    test(`${what} is found and named`, async () => {
      const app = (request: Request) => {
        try {
          return verify(tokenIn(request) ?? '', issuer) ? yes() : no()
        } catch {
          return no()
        }
      }
      // The libraries have the machine's clock, and no other.
      clock.set(Math.floor(Date.now() / 1000))
      const report = await issuer.attack({ fetch: app }, ['GET /mine'])
      expect(report.untested).toEqual([])
      const found = new Set<string>(report.letIn.map(({ class: name }) => name))
      expect(classes.filter((name) => !found.has(name))).toEqual([])
      for (const name of classes) expect(report.text).toContain(name)
      expect(() => report.expectNothingLetIn()).toThrow(classes[0])
    })
  }
})

describe('two credentials in one request', () => {
  const judge = (token: string | undefined) => token === good.token

  test('are found where Node hides the second header', async () => {
    const server = createServer((request, response) => {
      response.writeHead(judge(request.headers.authorization?.slice(7)) ? 200 : 401).end()
    })
    const report = await createAttack(fixedAs())(server, ['GET /posts'])
    expect(report.letIn.map(({ class: name, name: title }) => [name, title])).toEqual([
      ['two-headers', 'the good one first'],
      ['two-headers', 'the good one twice'],
    ])
    expect(server.listening).toBe(false)
  })

  test('are found where the last header or cookie wins', async () => {
    const last = (request: IncomingMessage) =>
      request.rawHeaders.findLast((_, at) => request.rawHeaders[at - 1]?.toLowerCase() === 'authorization')
    const server = createServer((request, response) => {
      response.writeHead(judge(last(request)?.slice(7)) ? 200 : 401).end()
    })
    const report = await createAttack(fixedAs())(server, ['GET /posts'])
    expect(report.letIn.map(({ name }) => name)).toEqual(['the good one last', 'the good one twice'])
  })

  test('are found where a header wins over a cookie', async () => {
    const { auth, attack } = testAuth({ transports: [bearer(), oneCookie()] })
    const app = async (request: Request) => {
      const header = (name: string) =>
        name === 'cookie' && request.headers.has('authorization') ? undefined : (request.headers.get(name) ?? undefined)
      return (await auth.authenticate({ method: 'GET', header })).context ? yes() : no()
    }
    const { letIn } = await attack(app, ['GET /me'])
    expect(letIn.map(({ class: name }) => name)).toEqual(['header-and-cookie'])
    await auth.close()
  })

  /** The genuine token of the table is the caller's own here. */
  function fixedAs(): Arms {
    const { arms, table } = fixed()
    const same = table.map((one) => (one.class ? one : { ...one, token: good.token }))
    return { ...arms, tableOf: () => same }
  }
})

describe('a route of which nothing can be said', () => {
  test('lets in everybody, or nobody, and is not called safe', async () => {
    const app = (request: Request) => (new URL(request.url).pathname === '/open' ? yes() : no())
    const report = await issuer.attack(app, ['GET /open', 'GET /closed'])
    expect(report.untested).toEqual([
      { route: 'GET /open', via: 'header', because: 'it lets in whoever has no token' },
      { route: 'GET /closed', via: 'header', because: 'it does not let in a good token: answered 401' },
    ])
    expect([report.ok, report.sent]).toEqual([false, []])
    expect(() => report.expectNothingLetIn()).toThrow('GET /closed: 0 let in of 0\n  not tested by header')
  })

  test('stops answering half-way', async () => {
    let left = 100
    const app = (request: Request) => {
      left -= 1
      if (left < 0) return new Response(null, { status: 429 })
      return tokenIn(request) && left > 97 ? yes() : no()
    }
    const { untested } = await issuer.attack(app, ['GET /posts'])
    expect(untested).toEqual([
      { route: 'GET /posts', via: 'header', because: 'it stopped letting in a good token: answered 429' },
    ])
  })

  test('is no route at all', async () => {
    await expect(issuer.attack(yes, [])).rejects.toThrow(TypeError)
    await expect(issuer.attack(yes, ['/posts'])).rejects.toThrow('GET /posts/1')
    await expect(issuer.attack(yes, [{ path: 'posts' }])).rejects.toThrow(TypeError)
    await expect(issuer.attack({} as never, ['GET /posts'])).rejects.toThrow('attack() takes')
    await expect(issuer.attack('ftp://localhost', ['GET /posts'])).rejects.toThrow('http or https')
    await expect(issuer.attack(yes, ['GET /'], { as: fakeIssuer().as() })).rejects.toThrow('another issuer')
  })
})

describe('a service that falls over', () => {
  test('takes no test down with it', async () => {
    const thrower = (request: IncomingMessage, response: ServerResponse) => {
      if (request.headers.authorization === `Bearer ${good.token}`) return response.end()
      if (request.headers.authorization?.startsWith('Bearer ey')) throw new Error('thrown')
      return Promise.reject(new Error('rejected'))
    }
    const report = await issuer.attack(thrower, ['GET /posts'], { as: good })
    expect(report.untested[0]?.because).toContain('socket hang up')
  })

  test('let nobody in, and the report says so', async () => {
    const app = (request: Request): Response | Promise<Response> => {
      const token = tokenIn(request) ?? ''
      if (token.split('.').length !== 3) throw new TypeError('no such part')
      if (!token.startsWith('ey')) return new Promise(() => {})
      return good.token.split('.')[0] === token.split('.')[0] ? yes() : new Response(null, { status: 500 })
    }
    const { sent } = await issuer.attack(app, ['GET /posts'], { patience: 30 })
    const of = (name: string) =>
      sent.filter((one) => one.class === name).map(({ status, outcome }) => [status, outcome])
    expect(of('five-parts')).toEqual([[0, 'failed']])
    expect(of('crit')).toEqual([[500, 'failed']])
  })
})

describe('what is asked, and how', () => {
  const isGood = (token: string | undefined) => token !== undefined && token.split('.')[1] === good.token.split('.')[1]

  test('a service behind a URL, below its path, with a body and headers of its own', async () => {
    const seen = new Set<string>()
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      seen.add(
        [request.method, request.url, request.headers['x-tenant'], request.headers['content-type'], body].join(' '),
      )
      response.writeHead(request.headers.authorization ? 200 : 401).end('hello')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
    const routes = [
      {
        path: '/posts',
        body: { a: 1 },
        headers: { 'x-tenant': 'a' },
        letIn: ({ text }: AttackAnswer) => text === 'bye',
      },
      { method: 'PUT', path: '/posts', body: 'a=1', headers: { 'content-type': 'text/plain' } },
    ]
    const report = await issuer.attack(new URL(url), routes)
    await new Promise((done) => server.close(done))
    expect([...seen]).toEqual(['POST /api/posts a application/json {"a":1}', 'PUT /api/posts  text/plain a=1'])
    expect(report.untested).toEqual([
      { route: 'POST /posts', via: 'header', because: 'it does not let in a good token: answered 200' },
    ])
    expect(report.letIn.length).toBe(report.sent.length)
    const gone = await issuer.attack(url, ['GET /posts'])
    expect(gone.untested[0]?.because).toContain('ECONNREFUSED')
  })

  test('a route twice, as two callers, is two routes', async () => {
    const other = issuer.as({ sub: 'other' })
    const app = (request: Request) => (isGood(tokenIn(request)) ? yes() : no())
    const { routes, untested } = await issuer.attack(app, [
      { path: '/a', as: good },
      { path: '/a', as: other },
    ])
    expect(routes).toEqual(['GET /a', 'GET /a (2)'])
    expect(untested.map(({ route }) => route)).toEqual(['GET /a (2)'])
  })

  test('a stream of events is let in by its head', async () => {
    const type = { 'content-type': 'text/event-stream' }
    const stream = () =>
      new Response(new ReadableStream({ start: (to) => to.enqueue(Buffer.from('data: 1\n\n')) }), { headers: type })
    const inProcess = (request: Request) => (tokenIn(request) === undefined ? no() : stream())
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      if (request.headers.authorization === undefined) return void response.writeHead(401).end()
      response.writeHead(200, type).write('data: 1\n\n')
    }
    for (const app of [inProcess, listener]) {
      const { letIn, sent } = await issuer.attack(app, ['GET /events'])
      expect([letIn.length, letIn.length > 200]).toEqual([sent.length, true])
    }
  })

  test('an auth that takes tokens in a way nobody knows is not called safe', async () => {
    const { auth, attack } = testAuth({ transports: [bearer({ header: 'x-token' })] })
    const { ok, untested } = await attack(yes, ['GET /'])
    expect([ok, untested[0]?.because]).toEqual([false, expect.stringContaining('carry')])
    await auth.close()
  })
})

test('what is let in on purpose is sent, listed, and no finding', async () => {
  const app = (request: Request) => {
    try {
      return planted['no audience']?.verify(tokenIn(request) ?? '', issuer) ? yes() : no()
    } catch {
      return no()
    }
  }
  clock.set(Math.floor(Date.now() / 1000))
  const all = await issuer.attack(app, ['GET /posts'])
  const allow = [...new Set(all.letIn.map(({ class: name }) => name))]
  const report = await issuer.attack(app, ['GET /posts'], { allow })
  expect([report.ok, report.letIn]).toEqual([true, []])
  expect(report.text).toContain('allowed: ')
  expect(report.sent.length).toBe(all.sent.length)
  report.expectNothingLetIn()
})

test('what is less dangerous than asked for is allowed, and the worst stands first', async () => {
  const app = (request: Request) => (tokenIn(request) ? yes() : no())
  const all = await issuer.attack(app, ['GET /posts'])
  const order = ['forged: ', 'alg-none (case 1)', 'misused: ', 'missing-audience (case 84)', 'lax: ', 'crit (case 25)']
  const places = order.map((text) => all.text.indexOf(text))
  expect(places).toEqual([...places].sort((one, other) => one - other))
  expect(places[0]).toBeGreaterThan(0)
  // What would turn the line around is spelled out.
  expect(all.text).toMatch(/^[ -~\n…]*$/)
  expect(all.text).toContain('a\\u202eb')
  for (const [level, dangers] of [
    ['forged', ['forged']],
    ['misused', ['forged', 'misused']],
  ] as const) {
    const { letIn, sent } = await issuer.attack(app, ['GET /posts'], { level })
    expect(new Set(letIn.map(({ danger }) => danger))).toEqual(new Set(dangers))
    expect(sent.every(({ outcome }) => outcome === 'let in' || outcome === 'allowed')).toBe(true)
  }
})

test('an operation of GraphQL lets in whoever gets data', async () => {
  const data = (body: object) => Response.json(body)
  const { arms, table } = fixed()
  const genuine = table.find((one) => !one.class)?.token
  const odd = table.find((one) => one.class === 'far-exp')?.token
  const app = async (request: Request) => {
    const { query } = (await request.json()) as { query: string }
    const token = tokenIn(request)
    if (token === genuine || token === odd) return data({ data: { me: { id: query.length } } })
    return token ? data({ data: { me: null }, errors: [{ message: 'no' }] }) : data({ data: { me: null } })
  }
  const report = await createAttack(arms)(app, [{ graphql: '{ me { id } }' }])
  expect(report.routes).toEqual(['POST /graphql { me { id } }'])
  expect(report.letIn.map(({ class: name, status }) => [name, status])).toEqual([['far-exp', 200]])
})

test('every class has a case, a meaning and an advice, and all but those of requests and sessions have a token', () => {
  const made = new Set(issuer.defects().map((one) => one.class))
  for (const algorithm of ['EdDSA', 'HS256'] as const)
    for (const one of fakeIssuer({ algorithm }).defects()) made.add(one.class)
  const without = Object.keys(defectClasses).filter((name) => !made.has(name as never))
  const ofSessions = ['revoked', 'disabled-user', 'old-permissions']
  expect(without).toEqual(['missing-jti', ...ofSessions, 'two-headers', 'two-cookies', 'header-and-cookie'])
  for (const { case: number, meaning, advice } of Object.values(defectClasses)) {
    expect(number).toBeGreaterThan(0)
    expect(meaning).toMatch(/^[A-Z`].*\.$/)
    expect(advice).toMatch(/^[A-Z].*\.$/)
  }
})
