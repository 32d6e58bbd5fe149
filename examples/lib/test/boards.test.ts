/** The board of notes in every framework: what its README says is what happens, and it is the same everywhere. */
import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { afterEach, describe, expect, test } from 'vitest'
import { createBoard as express } from '../../express/src/app.js'
import { createBoard as fastify } from '../../fastify/src/app.js'
import { createBoard as hono } from '../../hono/src/app.js'
import { createBoard as koa } from '../../koa/src/app.js'
import { createBoard as nest } from '../../nest/src/app.js'
import { seed } from '../example.mjs'
import { followReadme } from '../readme.js'

type Seeded = Parameters<typeof seed>[0] & { close(): Promise<void> }

const given = { database: 'memory', secret: 'a-secret-of-the-board-for-its-tests-only-0' }
const anywhere = { port: 0, host: '127.0.0.1' }
const listening = async (server: Server): Promise<Server> => {
  if (!server.listening) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

/** How each of them begins to listen. */
const boards: Readonly<Record<string, () => Promise<{ auth: Seeded; server: Server }>>> = {
  express: async () => {
    const { app, auth } = express(given)
    return { auth, server: app.listen(anywhere.port, anywhere.host) }
  },
  fastify: async () => {
    const { app, auth } = fastify(given)
    await app.listen(anywhere)
    return { auth, server: app.server }
  },
  hono: async () => {
    const { app, auth } = hono(given)
    return { auth, server: createAdaptorServer({ fetch: app.fetch }) as Server }
  },
  koa: async () => {
    const { app, auth } = koa(given)
    return { auth, server: app.listen(anywhere.port, anywhere.host) }
  },
  nest: async () => {
    const { app, auth } = await nest(given)
    await app.listen(anywhere.port, anywhere.host)
    return { auth, server: app.getHttpServer() }
  },
}

const readmeOf = (name: string): URL => new URL(`../../${name}/README.md`, import.meta.url)
const blocksOf = (name: string): readonly string[] =>
  readFileSync(readmeOf(name), 'utf8').match(/^```(?:sh|text)\n[\s\S]*?^```$/gm) ?? []

let closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.reverse()) await close()
  closing = []
})

describe.each(Object.keys(boards))('%s', (name) => {
  test('what the README says is what happens', async () => {
    const { auth, server } = await (boards[name] as (typeof boards)[string])()
    await seed(auth)
    await listening(server)
    closing = [() => auth.close(), () => server.close(), () => server.closeAllConnections()]
    const base = `http://localhost:${(server.address() as AddressInfo).port}`
    expect(await followReadme(readmeOf(name), base)).toBe(5)
  })

  test('is asked the same as every other', () => {
    expect(blocksOf(name)).toEqual(blocksOf('express'))
  })
})
