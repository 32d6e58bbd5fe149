/** What the compiler knows of a caller: user and claims from `createAuth` to the handler, nobody without a guard, somebody behind one. */
import express, { type Response as Answer, type Request } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forKoa from '../../src/adapters/koa.js'
import { CurrentUser } from '../../src/adapters/nest.js'
import * as forNext from '../../src/adapters/next.js'
import * as forNode from '../../src/adapters/node.js'
import { contextOf } from '../../src/graphql/index.js'
import {
  type Account,
  apiToken,
  authenticator,
  type CallerOf,
  createAuth,
  type Guard,
  permission,
  remoteAuth,
  signedIn,
  type UserOf,
  where,
} from '../../src/index.js'
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

  test('is somebody behind a guard, on node:http', () => {
    const guarded = forNode.authorize(ours, signedIn, (_request, response, caller) => {
      expectTypeOf(caller.claims.plan).toEqualTypeOf<'pro' | 'free'>()
      response.end()
    })
    expectTypeOf(guarded).returns.resolves.toBeVoid()
    expectTypeOf(forNode.authorize(ours, signedIn)).returns.toEqualTypeOf<boolean | Promise<boolean>>()
  })

  test('has the types of their auth in NestJS and GraphQL', async () => {
    class Posts {
      mine(_user: UserOf<typeof theirs>, _caller: CallerOf<typeof theirs>): void {}
    }
    CurrentUser()(Posts.prototype, 'mine', 0)
    expectTypeOf<UserOf<typeof theirs>>().toEqualTypeOf<{ id: string; nick: string }>()
    expectTypeOf<UserOf<typeof ours>>().toEqualTypeOf<Account>()
    const whoCalls = contextOf(ours)
    type Context = Awaited<ReturnType<typeof whoCalls>>
    expectTypeOf<NonNullable<Context['auth']>['claims']['plan']>().toEqualTypeOf<'pro' | 'free'>()
    expectTypeOf<undefined>().toMatchTypeOf<Context['auth']>()
  })

  test('has the claims that a schema demands', () => {
    const properties = { team: { type: 'string' }, level: { type: 'integer' } } as const
    const strict = createAuth({
      ...shared,
      claimsSchema: { type: 'object', properties, required: ['team'] } as const,
      claims: () => ({ team: 'blue', level: 3 }),
    })
    forExpress.authorize(strict, signedIn, (_request, _response, caller) => {
      expectTypeOf(caller.claims.team).toBeString()
      // @ts-expect-error: the schema knows no such claim of this type.
      caller.claims.level satisfies string
    })
  })
})

describe('the chain of a route', () => {
  const machines = ours.chain(apiToken())

  test('finds the callers of its auth', () => {
    expectTypeOf<CallerOf<typeof machines>>().toEqualTypeOf<CallerOf<typeof ours>>()
    forExpress.authorize(machines, signedIn, (_request, _response, caller) => {
      expectTypeOf(caller.user).returns.resolves.toEqualTypeOf<Account>()
    })
    expectTypeOf(machines.of({})).extract<undefined>().toEqualTypeOf<undefined>()
  })

  test('takes links that answer its users, and no others', () => {
    theirs.chain(authenticator(() => member))
    // @ts-expect-error: this user has no nick.
    theirs.chain(authenticator(() => ({ id: '1' })))
    // @ts-expect-error: a chain without links finds nobody.
    expect(() => ours.chain()).toThrow()
    // @ts-expect-error: a link is made by a call.
    expect(() => ours.chain(apiToken)).toThrow()
  })
})

describe('a guard', () => {
  test('passes or throws, and says nothing else', () => {
    // @ts-expect-error: `false` is no refusal.
    const wrong: Guard = () => false
    // @ts-expect-error: what makes guards is none.
    const uncalled: Guard = permission
    // @ts-expect-error: it wants a permission.
    expect(() => permission()).toThrow()
    return [wrong, uncalled]
  })

  test('of a rule knows the caller, where it is told whose', () => {
    where<Request, CallerOf<typeof ours>>((caller, request) => {
      expectTypeOf(caller.claims.plan).toEqualTypeOf<'pro' | 'free'>()
      return request.params.id === caller.userId
    })
    where((caller) => {
      // @ts-expect-error: not every auth has that claim as a text.
      caller.claims.plan satisfies string
      return caller.userId !== undefined
    })
  })
})

test('two auths in one application stay two', () => {
  const app = express()
  app.use(forExpress.authenticate(ours), forExpress.authenticate(theirs))
  app.get(
    '/ours',
    forExpress.authorize(ours, signedIn, async (request, _response, caller) => {
      expectTypeOf((await caller.user()).username).toBeString()
      // Behind a guard of the one nobody knows whether the other found somebody.
      expectTypeOf(theirs.of(request)).extract<undefined>().toEqualTypeOf<undefined>()
      // @ts-expect-error: nobody is no subject.
      theirs.of(request).subject
    }),
  )
  app.get(
    '/theirs',
    // @ts-expect-error: a handler for callers of the one does not take those of the other.
    forExpress.authorize(theirs, signedIn, (_request, _response, _caller: CallerOf<typeof ours>) => {}),
  )
})
