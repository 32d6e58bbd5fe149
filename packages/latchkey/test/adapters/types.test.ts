/** What the compiler knows of a caller: user and claims from `createAuth` to the handler, nobody without a guard, somebody behind one. */
import express, { type Response as Answer, type Request } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expectTypeOf, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forKoa from '../../src/adapters/koa.js'
import * as forNext from '../../src/adapters/next.js'
import { type Account, createAuth, remoteAuth, signedIn } from '../../src/index.js'
import { SECRET } from '../auth-kit.js'

const shared = { issuer: 'https://api.example.com', database: 'memory', secret: SECRET } as const

/** Our users and a claim of the hook; and an auth over a table of one's own. */
const ours = createAuth({ ...shared, claims: () => ({ plan: 'pro' as 'pro' | 'free' }) })
const member = { id: '1', nick: 'alice' }
const theirs = createAuth({
  ...shared,
  users: { findById: async () => member, findByLogin: async () => ({ user: member, passwordHash: null }) },
})

describe('a caller', () => {
  test('may be nobody where no guard stands before the handler', () => {
    const found = ours.of({})
    expectTypeOf(found).extract<undefined>().toEqualTypeOf<undefined>()
    expectTypeOf(found?.claims.plan).toEqualTypeOf<'pro' | 'free' | undefined>()
  })

  test('is somebody behind a guard, in Express', () => {
    const app = express()
    const guarded = forExpress.authorize(ours, signedIn, (request, response, caller) => {
      expectTypeOf(caller.claims.plan).toEqualTypeOf<'pro' | 'free'>()
      expectTypeOf(caller.user).returns.resolves.toEqualTypeOf<Account>()
      response.status(200).json(request.params)
    })
    app.get('/plan', guarded)
    app.get(
      '/own/:id',
      forExpress.authorize(ours, signedIn, (request: Request<{ id: string }>, response: Answer, caller) => {
        expectTypeOf(request.params.id).toBeString()
        response.json(caller.subject)
      }),
    )
  })

  test('is somebody behind a guard, in Fastify', () => {
    const app = fastify()
    app.get<{ Params: { id: string } }>(
      '/:id',
      forFastify.authorize(theirs, signedIn, async (request, _reply, caller) => {
        expectTypeOf(request.params.id).toBeString()
        expectTypeOf(caller.user).returns.resolves.toEqualTypeOf<{ id: string; nick: string }>()
      }),
    )
  })

  test('is somebody behind a guard, in Hono, Koa and Next', () => {
    new Hono().get(
      '/',
      forHono.authorize(ours, signedIn, (c, caller) => c.json(caller.claims.plan)),
    )
    new Koa().use(
      forKoa.authorize(theirs, signedIn, async (_ctx, caller) => {
        expectTypeOf((await caller.user()).nick).toBeString()
      }),
    )
    forNext.authorize(ours, signedIn, (_request, caller, context: { params: Promise<{ id: string }> }) => {
      expectTypeOf(caller.claims.plan).toEqualTypeOf<'pro' | 'free'>()
      expectTypeOf(context.params).resolves.toEqualTypeOf<{ id: string }>()
      return Response.json({})
    })
  })

  test('of one auth is no caller of another', () => {
    expectTypeOf(ours.of({})).not.toEqualTypeOf(theirs.of({}))
    type Theirs = NonNullable<ReturnType<typeof theirs.of>>
    expectTypeOf<Awaited<ReturnType<Theirs['user']>>>().not.toHaveProperty('username')
  })

  test('of a service that takes the tokens of another is typed, too', () => {
    const remote = remoteAuth<{ plan: string }>('https://login.example.com', { audience: 'https://x.example' })
    forExpress.authorize(remote, signedIn, (_request, _response, caller) => {
      expectTypeOf(caller.claims.plan).toBeString()
    })
  })
})
