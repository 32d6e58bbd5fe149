/** Our own adapters let in nothing, whatever framework they stand in; each attack that the report counts arrived. */
import 'reflect-metadata'
import type { Server } from 'node:http'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { createSchema, createYoga } from 'graphql-yoga'
import { Hono } from 'hono'
import koa from 'koa'
import koa2 from 'koa2'
import { afterAll, describe, expect, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forFastify from '../../src/adapters/fastify.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forKoa from '../../src/adapters/koa.js'
import { LatchkeyModule } from '../../src/adapters/nest.js'
import * as forNext from '../../src/adapters/next.js'
import { directives, yogaPlugin } from '../../src/graphql/index.js'
import { bearer, oneCookie, signedIn, splitCookies } from '../../src/index.js'
import { type AttackTarget, testAuth } from '../../src/testing/index.js'
import type { Area, Make } from '../adapters/conformance/plan.js'
import { makeWith as expressWith } from '../adapters/frameworks/express.js'
import { make as fastifyMake } from '../adapters/frameworks/fastify.js'
import { make as honoMake } from '../adapters/frameworks/hono.js'
import { makeWith as koaWith } from '../adapters/frameworks/koa.js'
import { make as nestMake } from '../adapters/frameworks/nest.js'
import { make as nodeMake } from '../adapters/frameworks/node.js'
import { count } from '../count.js'

const { auth, attack } = testAuth({ transports: [bearer(), oneCookie()], development: false })
afterAll(() => auth.close())

const servers: Readonly<Record<string, Make>> = {
  'Express 5': expressWith(express),
  'Express 4': expressWith(express4),
  'Fastify 5': fastifyMake,
  Hono: honoMake,
  'Koa 3': koaWith(koa),
  'Koa 2': koaWith(koa2),
  NestJS: nestMake,
  'node:http': nodeMake,
}

const area: Area = {
  prefix: '',
  auth,
  mounted: true,
  routes: [{ method: 'POST', path: '/echo', guard: signedIn }],
}

/** A change with a body, which by cookie needs a CSRF token, too. */
const routes = [{ path: '/echo', body: { a: 1 } }]

describe('over sockets', () => {
  for (const [name, make] of Object.entries(servers)) {
    test(`${name} lets in nothing`, async () => {
      const server: Server = await make({ areas: [area], parsesFirst: false })
      let arrived = 0
      server.prependListener('request', () => {
        arrived += 1
      })
      const report = await attack(server, routes)
      if (server.listening) await new Promise((done) => server.close(done))
      report.expectNothingLetIn()
      expect(report.sent.filter(({ outcome }) => outcome === 'failed')).toEqual([])
      // Each way of each route is asked without a token and with a good one before, and with a good one after.
      expect(arrived).toBe(report.sent.length + 3 * 2 * routes.length)
      count(`defective requests to ${name}`, report.sent.length)
    })
  }
})

describe('as users hand them over', () => {
  const answer = (_request: unknown, response: { json(body: object): void }) => response.json({})
  const applications: Readonly<Record<string, () => AttackTarget | Promise<AttackTarget>>> = {
    'an Express application': () =>
      express().use(forExpress.authenticate(auth)).get('/mine', forExpress.authorize(signedIn), answer),
    'a Fastify instance': () => {
      const app = fastify()
      app.addHook('onRequest', forFastify.authenticate(auth))
      app.get('/mine', { onRequest: forFastify.authorize(signedIn) }, async () => ({}))
      return app
    },
    'a Hono application': () =>
      new Hono().use(forHono.authenticate(auth)).get('/mine', forHono.authorize(signedIn), (c) => c.json({})),
    'a Koa application': () =>
      new koa()
        .use(forKoa.authenticate(auth))
        .use(forKoa.authorize(signedIn))
        .use((ctx) => {
          ctx.body = {}
        }),
    'a NestJS application': async () => {
      class Controlled {
        mine() {
          return {}
        }
      }
      const descriptor = Object.getOwnPropertyDescriptor(Controlled.prototype, 'mine') as PropertyDescriptor
      Controller()(Controlled)
      Get('mine')(Controlled.prototype, 'mine', descriptor)
      class Application {}
      Module({ imports: [LatchkeyModule.forRoot(auth)], controllers: [Controlled] })(Application)
      return (await NestFactory.create(Application, { logger: false })).init()
    },
    'a route handler of Next.js': () => {
      const handler = forNext.authorize(auth, signedIn, () => Response.json({}))
      return (request: Request) => handler(request, undefined)
    },
  }

  for (const [name, make] of Object.entries(applications)) {
    test(`${name} is attacked, and lets in nothing`, async () => {
      const report = await attack(await make(), ['GET /mine'])
      report.expectNothingLetIn()
      expect(report.sent.length).toBeGreaterThan(400)
    })
  }

  test('a GraphQL server is attacked by its operations, and lets in nothing', async () => {
    const schema = createSchema<object>({
      typeDefs: `${directives} type Query { me: String @authenticated }`,
      resolvers: {
        Query: { me: (_root, _args, context) => (context as { auth?: { subject: string } }).auth?.subject },
      },
    })
    const yoga = createYoga({ schema, plugins: [yogaPlugin(auth)], logging: false, graphiql: false })
    const report = await attack(yoga, [{ graphql: '{ me }' }])
    report.expectNothingLetIn()
  })
})

test('a token in two cookies is attacked in both', async () => {
  const split = testAuth({ transports: [splitCookies()], silentRefresh: true })
  const app = new Hono()
    .use(forHono.authenticate(split.auth))
    .get('/mine', forHono.authorize(signedIn), (c) => c.json({}))
  const report = await split.attack(app, ['GET /mine'])
  report.expectNothingLetIn()
  expect(new Set(report.sent.map(({ via }) => via))).toEqual(new Set(['cookie']))
  expect(report.sent.map((one) => one.class)).toContain('two-cookies')
  await split.auth.close()
})
