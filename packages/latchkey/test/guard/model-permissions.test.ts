/** The guard that takes the permission from the method, alone and over real sockets in every framework. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forNode from '../../src/adapters/node.js'
import type { AuthError } from '../../src/errors.js'
import { contextOfUser } from '../../src/guard/context.js'
import { allOf, anyOf, apiToken, type Guard, jwt, modelPermissions, permission, signedIn } from '../../src/index.js'
import { type Kit, signedIn as someoneSignedIn } from '../auth-kit.js'

const guard = modelPermissions('users.user')
const caller = (...permissions: string[]) => contextOfUser({ id: '1', permissions }, 'bearer')

async function verdict(guard: Guard, auth: Parameters<Guard>[0], method?: string): Promise<string> {
  try {
    await guard(auth, method === undefined ? undefined : { method })
    return 'passes'
  } catch (error) {
    const { code, missing = [] } = error as AuthError
    return [code, ...missing].join(' ')
  }
}

const METHODS = {
  GET: 'view',
  HEAD: 'view',
  OPTIONS: 'view',
  POST: 'add',
  PUT: 'change',
  PATCH: 'change',
  DELETE: 'delete',
}

describe('modelPermissions', () => {
  test.each(Object.entries(METHODS))('%s takes users.user:%s, and none of the others', async (method, action) => {
    const wanted = `users.user:${action}`
    expect(await verdict(guard, caller(wanted), method)).toBe('passes')
    for (const held of ['users.user:*', '*']) expect(await verdict(guard, caller(held), method)).toBe('passes')
    const others = ['view', 'add', 'change', 'delete'].filter((one) => one !== action).map((one) => `users.user:${one}`)
    for (const held of [others, [], ['users.user'], [`users.username:${action}`], ['users.*']])
      expect(await verdict(guard, caller(...held), method)).toBe(`permission_denied ${wanted}`)
    expect(await verdict(guard, undefined, method)).toBe('credential_missing')
  })

  test.each(['TRACE', 'CONNECT', 'PROPFIND', 'QUERY', 'get', '', 'constructor', '__proto__'])(
    'no other method passes, whatever the caller may: %j',
    async (method) => {
      expect(await verdict(guard, caller('*'), method)).toBe('method_not_allowed')
      expect(await verdict(guard, undefined, method)).toBe('credential_missing')
    },
  )

  test('it is told the method inside anyOf and allOf, and says so where nobody tells it', async () => {
    const either = anyOf(permission('root'), guard)
    expect(await verdict(either, caller('users.user:add'), 'POST')).toBe('passes')
    expect(await verdict(either, caller('users.user:add'), 'PUT')).toBe('permission_denied root')
    expect(await verdict(allOf(signedIn, guard), caller('users.user:add'), 'DELETE')).toContain('permission_denied')
    expect(await verdict(guard, caller('*'))).toBe('options_invalid')
  })

  test.each(['', 'users user', 'users:user', 'users.*'])('%j is the name of no model', (name) => {
    expect(() => modelPermissions(name)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  })
})

const frameworks: Record<string, (auth: Kit['auth']) => Server> = {
  node(auth) {
    const [identify, admit] = [forNode.authenticate(auth), forNode.authorize(auth, guard)]
    return createServer(async (request, response) => {
      await identify(request)
      if (await admit(request, response)) response.end()
    })
  },
  express(auth) {
    const app = express()
    app.use(forExpress.authenticate(auth))
    app.use('/users', forExpress.authorize(guard), (_request, response) => void response.end())
    return createServer(app)
  },
  hono(auth) {
    const app = new Hono()
    app.use(forHono.authenticate(auth))
    app.all('/users', forHono.authorize(guard), (c) => c.body(null, 200))
    return createAdaptorServer({ fetch: app.fetch }) as Server
  },
}

test.each(Object.entries(frameworks))('%s tells guards the method of the request', async (_name, make) => {
  const { auth, user } = await someoneSignedIn({ authenticators: [jwt(), apiToken()] })
  await auth.users.grant(user.id, ['users.user:*'])
  const limited = await auth.apiTokens.create(user.id, {
    name: 'x',
    permissions: ['users.user:view', 'users.user:add'],
  })
  const server = make(auth).listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.close()
    await auth.close()
  })
  await expect.poll(() => server.listening).toBe(true)
  const { port } = server.address() as AddressInfo
  const statuses: Record<string, number> = {}
  for (const method of [...Object.keys(METHODS), 'PROPFIND']) {
    const headers = { authorization: `Bearer ${limited.token}` }
    statuses[method] = (await fetch(`http://127.0.0.1:${port}/users`, { method, headers })).status
  }
  const [may, mayNot] = [200, 403]
  const refused = { PUT: mayNot, PATCH: mayNot, DELETE: mayNot, PROPFIND: 405 }
  expect(statuses).toEqual({ GET: may, HEAD: may, OPTIONS: may, POST: may, ...refused })
})
