/** One table of promises for every framework, over real sockets. */
import { createServer, type Server, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as forExpress from '../../src/adapters/express.js'
import * as forHono from '../../src/adapters/hono.js'
import * as forNode from '../../src/adapters/node.js'
import { permission, signedIn } from '../../src/index.js'
import { type Kit, PASSWORD, signedIn as someoneSignedIn } from '../auth-kit.js'

type Auth = Kit['auth']
// biome-ignore lint/suspicious/noExplicitAny: answers are read member by member, and every member is asserted.
type Json = any

const frameworks: Record<string, (auth: Auth) => Server> = {
  node(auth) {
    const identify = forNode.authenticate(auth)
    const endpoints = forNode.mount(auth)
    const guarded = {
      '/mine': forNode.authorize(auth, signedIn),
      '/secret': forNode.authorize(auth, permission('secret:read')),
    }
    return createServer(async (request, response) => {
      if (await endpoints(request, response)) return
      await identify(request)
      const guard = guarded[request.url as keyof typeof guarded]
      if (guard && !(await guard(request, response))) return
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ subject: auth.of(request)?.subject ?? null }))
    })
  },
  'express with a body parser before': (auth) => createServer(expressApp(auth, true)),
  express: (auth) => createServer(expressApp(auth, false)),
  hono(auth) {
    const app = new Hono()
    app.use(forHono.mount(auth))
    app.use(forHono.authenticate(auth))
    app.get('/mine', forHono.authorize(signedIn), (c) => c.json({ subject: auth.of(c)?.subject ?? null }))
    app.get('/secret', forHono.authorize(permission('secret:read')), (c) =>
      c.json({ subject: auth.of(c)?.subject ?? null }),
    )
    app.get('/open', (c) => c.json({ subject: auth.of(c)?.subject ?? null }))
    return createAdaptorServer({ fetch: app.fetch }) as Server
  },
}

function expressApp(auth: Auth, parsed: boolean): express.Express {
  const app = express()
  if (parsed) app.use(express.json({ type: 'application/json' }))
  app.use(forExpress.mount(auth))
  app.use(forExpress.authenticate(auth))
  const answer: express.RequestHandler = (request, response) =>
    void response.json({ subject: auth.of(request)?.subject ?? null })
  app.get('/mine', forExpress.authorize(signedIn), answer)
  app.get('/secret', forExpress.authorize(permission('secret:read')), answer)
  app.get('/open', answer)
  return app
}

describe.each(Object.entries(frameworks))('%s', (_name, make) => {
  let kit: Kit
  let server: Server
  let port: number

  beforeAll(async () => {
    kit = await someoneSignedIn()
    server = make(kit.auth)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(async () => {
    server.close()
    await kit.auth.close()
  })

  const get = (path: string, authorization: string | string[] = []) => call('GET', path, authorization)

  function call(
    method: string,
    path: string,
    authorization: string | string[] = [],
    body?: string,
    type = 'application/json',
  ) {
    const raw = ['Host', 'localhost', ...[authorization].flat().flatMap((value) => ['Authorization', value])]
    if (body !== undefined) raw.push('Content-Type', type, 'Content-Length', String(Buffer.byteLength(body)))
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string; body: Json }>(
      (resolve, reject) => {
        const outgoing = send({ port, host: '127.0.0.1', method, path, headers: raw as never }, async (incoming) => {
          let text = ''
          for await (const chunk of incoming) text += chunk
          const isJson = String(incoming.headers['content-type']).includes('json')
          resolve({
            status: incoming.statusCode as number,
            headers: incoming.headers,
            text,
            body: isJson && text !== '' ? JSON.parse(text) : undefined,
          })
        })
        outgoing.on('error', reject)
        outgoing.end(body)
      },
    )
  }

  test('an open route sees who calls, and anonymous callers too', async () => {
    expect((await get('/open', `Bearer ${kit.tokens.access_token}`)).body).toEqual({ subject: kit.user.id })
    expect((await get('/open')).body).toEqual({ subject: null })
    expect((await get('/open', 'Bearer nonsense')).body).toEqual({ subject: null })
  })

  test('a guarded route challenges anonymous callers and tells them nothing more', async () => {
    const answer = await get('/mine')
    expect([answer.status, answer.body.code]).toEqual([401, 'credential_missing'])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"')
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  test('a guarded route answers a bad token with its code', async () => {
    const answer = await get('/mine', 'Bearer nonsense')
    expect([answer.status, answer.body.code]).toEqual([401, 'token_invalid'])
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  test('a caller without the permission is told which one is missing', async () => {
    const answer = await get('/secret', `Bearer ${kit.tokens.access_token}`)
    expect([answer.status, answer.body.code, answer.body.missing]).toEqual([403, 'permission_denied', ['secret:read']])
  })

  test('two Authorization headers are one too many, though Node hides the second (case 182)', async () => {
    const both = [`Bearer ${kit.tokens.access_token}`, `Bearer ${kit.tokens.access_token}`]
    const answer = await get('/mine', both)
    expect([answer.status, answer.body.code]).toEqual([400, 'credential_ambiguous'])
  })

  test('the endpoints answer beside the routes of the application', async () => {
    const login = await call('POST', '/auth/login', [], JSON.stringify({ username: 'alice', password: PASSWORD }))
    expect(login.status).toBe(200)
    expect((await get('/auth/me', `Bearer ${login.body.access_token}`)).body.username).toBe('alice')
    expect((await get('/auth/me/', `Bearer ${login.body.access_token}`)).status).toBe(200)
    expect((await call('POST', '/auth/logout', `Bearer ${login.body.access_token}`)).status).toBe(204)
    expect((await get('/mine', `Bearer ${login.body.access_token}`)).body.code).toBe('token_revoked')
    expect((await get('/.well-known/jwks.json')).body.keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig' })
  })

  test('a body of another type, an empty one and a wrong method are refused with their codes', async () => {
    expect((await call('POST', '/auth/login', [], 'username=alice', 'text/plain')).status).toBe(415)
    expect((await call('POST', '/auth/login', [], '{}')).status).toBe(422)
    const method = await call('DELETE', '/auth/login')
    expect([method.status, method.headers.allow]).toEqual([405, 'POST, OPTIONS'])
  })

  test('an answer tells its size, and to HEAD it is the same without a body', async () => {
    const answer = await get('/.well-known/jwks.json')
    expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.text))
    const head = await call('HEAD', '/.well-known/jwks.json')
    expect([head.status, head.text, head.headers['content-type']]).toEqual([200, '', answer.headers['content-type']])
  })
})

describe.each(['node', 'express'] as const)('%s', (name) => {
  test('a body that never says how large it is, and is too large, is answered while it still comes', async () => {
    const { port, end } = await listening(name)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = send(
        { port, host: '127.0.0.1', method: 'POST', path: '/auth/login', headers: JSON_TYPE },
        (answer) => resolve(answer.statusCode),
      )
      outgoing.on('error', reject)
      for (let n = 0; n < 32; n++) outgoing.write(Buffer.alloc(4_096, ' '))
    })
    expect(status).toBe(413)
    await end()
  })

  test('a caller who hangs up in the middle of a body is refused, and no fault of ours', async () => {
    const { port, end, settled } = await listening(name)
    const outgoing = send({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/auth/login',
      headers: { ...JSON_TYPE, 'content-length': '100' },
    })
    outgoing.on('error', () => {})
    outgoing.write('{')
    await expect.poll(() => settled.begun).toBe(1)
    outgoing.destroy()
    await expect.poll(() => settled.statuses).toEqual([422])
    await end()
  })
})

const JSON_TYPE = { 'content-type': 'application/json' }

/** A server of its own, and what becomes of the answers of its endpoints. */
async function listening(name: 'node' | 'express') {
  const kit = await someoneSignedIn()
  const settled = { begun: 0, statuses: [] as (number | undefined)[] }
  const answer: Auth['answer'] = async (asked, peer) => {
    settled.begun++
    const answered = await kit.auth.answer(asked, peer)
    settled.statuses.push(answered?.status)
    return answered
  }
  const server = (frameworks[name] as (auth: Auth) => Server)({ ...kit.auth, answer })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const end = async () => {
    server.closeAllConnections()
    server.close()
    await kit.auth.close()
  }
  return { settled, end, port: (server.address() as AddressInfo).port }
}
