/** The chain of authenticators: its order, links of one's own, other chains for other routes, and two auths in one application. */
import { createServer, type Server } from 'node:http'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import {
  AuthError,
  apiToken,
  authenticator,
  basic,
  checkNow,
  createAuth,
  fresh,
  type Guard,
  jwt,
  type Link,
  permission,
  type RequestHead,
  signedIn,
  type User,
} from '../../src/index.js'
import { ISSUER, PASSWORD, SECRET, signedIn as someoneSignedIn } from '../auth-kit.js'

const headWith = (headers: Record<string, string>): RequestHead => ({
  method: 'GET',
  header: (name) => headers[name],
})

const till: User = { id: 'till', permissions: ['sales:add'] }
const users = { findById: async () => undefined, findByLogin: async () => undefined }

function authOver(...authenticators: readonly unknown[]) {
  const auth = createAuth<User>({
    ...{ issuer: ISSUER, secret: SECRET, database: 'memory', users },
    authenticators: authenticators as never,
  })
  return (headers: Record<string, string> = {}) => auth.authenticate(headWith(headers))
}

/** A link that answers for requests with its header, and notes that it was asked. */
function named(name: string, asked: string[], answer: () => User | undefined = () => ({ id: name })): Link<User> {
  return authenticator((head) => {
    asked.push(name)
    return head.header(`x-${name}` as 'x-name') === undefined ? undefined : answer()
  })
}

async function verdict(guard: Guard, found: Awaited<ReturnType<ReturnType<typeof authOver>>>) {
  try {
    if (found.failure) throw found.failure
    await guard(found.context)
    return 'passes'
  } catch (error) {
    return (error as AuthError).code
  }
}

describe('the order of the chain', () => {
  test('is as it is written: who claims a request answers for it, and nobody after is asked', async () => {
    const asked: string[] = []
    const find = authOver(named('a', asked), named('b', asked), named('c', asked))
    expect((await find({ 'x-b': '1', 'x-c': '1' })).context?.subject).toBe('b')
    expect(asked.splice(0)).toEqual(['a', 'b'])
    expect((await find({ 'x-a': '1', 'x-b': '1' })).context?.subject).toBe('a')
    expect(asked.splice(0)).toEqual(['a'])
    expect(await find()).toEqual({})
    expect(asked).toEqual(['a', 'b', 'c'])
  })

  test('ends where a link finds its own credential wrong, however good the next one would be', async () => {
    const asked: string[] = []
    const wrong = () => {
      throw new AuthError('token_invalid')
    }
    const find = authOver(named('a', asked, wrong), named('b', asked))
    const { context, failure } = await find({ 'x-a': '1', 'x-b': '1' })
    expect([context, failure?.code, asked]).toEqual([undefined, 'token_invalid', ['a']])
  })

  test('puts links first that know their credentials by sight', async () => {
    const asked: string[] = []
    const greedy = authenticator(async (head) => {
      asked.push('greedy')
      return head.header('authorization') === undefined ? undefined : { id: 'greedy' }
    })
    const find = authOver(greedy, basic())
    expect((await find({ authorization: 'Basic bm9ib2R5OndvcmQgd29yZA==' })).failure?.code).toBe('login_failed')
    expect(asked).toEqual([])
    expect((await find({ authorization: 'Bearer x' })).context?.subject).toBe('greedy')
  })
})

describe('a link of one’s own', () => {
  const byKey = authenticator<User>((head) => (head.header('x-api-key') === 'k' ? till : undefined))

  test('is one function from a request to a user', async () => {
    const found = await authOver(jwt(), byKey)({ 'x-api-key': 'k' })
    expect(found.context).toMatchObject({ subject: 'till', userId: 'till', via: 'own', sessionId: undefined })
    expect(await found.context?.user()).toBe(till)
    expect(await verdict(permission('sales:add'), found)).toBe('passes')
    expect(await verdict(permission('sales:void'), found)).toBe('permission_denied')
    expect(await verdict(fresh('1d'), found), 'when they logged in nobody knows').toBe('login_stale')
    expect(await verdict(signedIn, await authOver(jwt(), byKey)())).toBe('credential_missing')
  })

  test('is asked again by the guard that wants to know now', async () => {
    let now: User | undefined = till
    const found = await authOver(authenticator(() => now))()
    expect(await verdict(checkNow, found)).toBe('passes')
    for (const [next, code] of [
      [undefined, 'token_revoked'],
      [{ id: 'other' }, 'token_revoked'],
      [{ id: 'till', active: false }, 'user_inactive'],
    ] as const) {
      now = next
      expect(await verdict(checkNow, found)).toBe(code)
    }
  })

  test('sees no cookies: other sites can make a browser send those', async () => {
    const byCookie = authenticator<User>((head) => (head.header('cookie') === undefined ? undefined : till))
    expect(await authOver(byCookie)({ cookie: 'legacy=1' })).toEqual({})
  })

  test.each<[string, unknown, string]>([
    ['an inactive user', { id: 'till', active: false }, 'user_inactive'],
    ['a user without an id', { name: 'till' }, 'store_failed'],
    ['an id that is a number', { id: 7 }, 'store_failed'],
    ['permissions as text', { id: 'till', permissions: '*' }, 'store_failed'],
    ['an active that is no truth', { id: 'till', active: 0 }, 'store_failed'],
    ['true', true, 'store_failed'],
  ])('that answers %s lets nobody in', async (_, answer, code) => {
    expect(await verdict(signedIn, await authOver(authenticator(() => answer as never))())).toBe(code)
    expect(await verdict(signedIn, await authOver(authenticator(async () => answer as never))())).toBe(code)
  })

  test('that fails is a store that fails, and null is not mine', async () => {
    const broken = authenticator(() => Promise.reject(new TypeError('no connection')))
    expect((await authOver(broken)()).failure).toMatchObject({
      code: 'store_failed',
      cause: { message: 'no connection' },
    })
    expect(await authOver(authenticator(() => null))()).toEqual({})
  })

  test('may be an object with one method, and what that answers has to be a context', async () => {
    const context = (await authOver(byKey)({ 'x-api-key': 'k' })).context
    // biome-ignore lint/suspicious/noThenProperty: a promise of another make.
    const soon = { then: (tell: (one: unknown) => void) => tell(context) }
    for (const answer of [context, Promise.resolve(context), soon])
      expect((await authOver(() => ({ authenticate: () => answer }))()).context).toBe(context)
    for (const answer of [undefined, null, Promise.resolve(null)])
      expect(await authOver(() => ({ authenticate: () => answer }))()).toEqual({})
    for (const answer of [
      true,
      false,
      'till',
      {},
      till,
      { subject: 'till' },
      Promise.resolve({ subject: 7, can() {} }),
    ])
      expect((await authOver(() => ({ authenticate: () => answer }))()).failure?.code).toBe('options_invalid')
  })

  test.each<[string, unknown]>([
    ['a link that was not called', jwt],
    ['nothing', undefined],
    ['a function that answers nothing', () => undefined],
  ])('%s does not start', (_, link) => {
    expect(() => authOver(link)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
    expect(() => authenticator(link === jwt ? (undefined as never) : (7 as never))).toThrow(/options/)
  })
})

async function served(server: Server): Promise<(path: string, authorization?: string) => Promise<string>> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  return async (path, authorization) => {
    const headers = authorization === undefined ? {} : { authorization }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    const body = (await answer.json()) as { code?: string; by?: string }
    return body.code ?? `${body.by}`
  }
}

/** Routes for people and for machines: another chain each, over one auth. */
const applications: Record<string, (kit: Awaited<ReturnType<typeof someoneSignedIn>>) => Promise<Server>> = {
  async Express({ auth }) {
    const [machines, either] = [auth.chain(apiToken()), auth.chain(basic(), jwt())]
    const app = express()
    app.use(forExpress.authenticate(auth))
    app.get('/people', forExpress.authorize(signedIn), (request, response) => {
      response.json({ by: auth.of(request)?.via })
    })
    app.get('/machines', forExpress.authenticate(machines), forExpress.authorize(signedIn), (request, response) => {
      response.json({ by: [machines.of(request)?.via, auth.of(request)?.via ?? 'nobody'].join(' ') })
    })
    app.get(
      '/either',
      forExpress.authenticate(either),
      forExpress.authorize(either, signedIn, (_request, response, caller) => response.json({ by: caller.via })),
    )
    return createServer(app)
  },
  async Fastify({ auth }) {
    const [machines, either] = [auth.chain(apiToken()), auth.chain(basic(), jwt())]
    const app = fastify()
    app.addHook('onRequest', forFastify.authenticate(auth))
    app.get('/people', { onRequest: forFastify.authorize(signedIn) }, async (request) => ({
      by: auth.of(request)?.via,
    }))
    const onRequest = [forFastify.authenticate(machines), forFastify.authorize(signedIn)]
    app.get('/machines', { onRequest }, async (request) => ({
      by: [machines.of(request)?.via, auth.of(request)?.via ?? 'nobody'].join(' '),
    }))
    app.get(
      '/either',
      { onRequest: forFastify.authenticate(either) },
      forFastify.authorize(either, signedIn, async (_request, _reply, caller) => ({ by: caller.via })),
    )
    await app.ready()
    return app.server
  },
}

test.each(Object.entries(applications))('routes have chains of their own, in %s', async (_, make) => {
  const kit = await someoneSignedIn()
  onTestFinished(() => kit.auth.close())
  const ask = await served(await make(kit))
  const bearer = `Bearer ${kit.tokens.access_token}`
  const machine = `Bearer ${(await kit.auth.apiTokens.create(kit.user.id, { name: 'till' })).token}`
  const password = `Basic ${Buffer.from(`alice:${PASSWORD}`).toString('base64')}`
  const answers = async (path: string) =>
    Promise.all([bearer, machine, password, undefined].map((authorization) => ask(path, authorization)))
  expect(await answers('/people')).toEqual(['bearer', 'token_invalid', 'credential_missing', 'credential_missing'])
  const nobody = 'credential_missing'
  expect(await answers('/machines')).toEqual([nobody, 'api-token nobody', nobody, nobody])
  expect(await answers('/either')).toEqual(['bearer', 'token_invalid', 'basic', nobody])
})

test('the chain of a route wants a link', async () => {
  const { auth } = await someoneSignedIn()
  onTestFinished(() => auth.close())
  expect(() => auth.chain(jwt as never)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  expect(() => (auth.chain as () => unknown)()).toThrow(expect.objectContaining({ code: 'options_invalid' }))
})
