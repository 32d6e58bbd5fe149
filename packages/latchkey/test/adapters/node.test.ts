/** `node:http` keeps the promises of every adapter, and gives a handler its caller. */
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { authenticate, authorize } from '../../src/adapters/node.js'
import { permission } from '../../src/index.js'
import { signedIn } from '../auth-kit.js'
import { conformance } from './conformance.js'
import { make } from './frameworks/node.js'

conformance('node:http', make)

test('a handler of authorize has a caller, and what it asks itself is answered alike', async () => {
  const { auth, tokens } = await signedIn()
  const identify = authenticate(auth)
  const faults: unknown[] = []
  const route = authorize(auth, permission('posts:read'), async (request, response, caller) => {
    if (request.url === '/strict') await permission('hr:read')(caller)
    if (request.url === '/broken') throw new TypeError('no such row')
    response.end(caller.subject)
  })
  const server = createServer(async (request, response) => {
    await identify(request, response)
    await route(request, response).catch((fault) => {
      faults.push(fault)
      response.writeHead(418).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(async () => {
    server.close()
    await auth.close()
  })
  const { port } = server.address() as { port: number }
  const authorization = `Bearer ${tokens.access_token}`
  const status = async (path: string, headers: Record<string, string> = { authorization }) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).status
  expect([await status('/'), await status('/', {}), await status('/strict')]).toEqual([200, 401, 403])
  expect([await status('/broken'), faults]).toMatchObject([418, [{ message: 'no such row' }]])
})
