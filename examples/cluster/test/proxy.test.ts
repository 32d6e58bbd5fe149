/** The proxy asks again only what may be asked twice, believes no client about its address, and hides nobody who is dead. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { freePort } from '../../lib/services.mjs'
import { createProxy } from '../src/proxy.js'

let servers: Server[] = []
afterEach(() => {
  for (const server of servers) server.close()
  servers = []
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A proxy before a server that dies of every question and one that lives; tells what each of them heard. */
async function halfDead() {
  const heard: string[] = []
  const dying = await serve((request) => {
    heard.push(`dying ${request.url}`)
    request.socket.destroy()
  })
  const living = await serve((request, response) => {
    heard.push(`living ${request.url}`)
    response.end(String(request.headers['x-forwarded-for']))
  })
  const upstreams = [dying, living].map((port) => ({ port, isUp: true }))
  const base = `http://127.0.0.1:${await serve(createProxy(upstreams))}`
  return { heard, ask: (method: string, path: string) => fetch(base + path, { method }) }
}

test.each([
  ['GET', '/hello'],
  ['POST', '/auth/refresh'],
])('%s %s is asked again where nobody answered', async (method, path) => {
  const { heard, ask } = await halfDead()
  expect((await ask(method, path)).status).toBe(200)
  expect(heard).toEqual([`dying ${path}`, `living ${path}`])
})

test.each(['/auth/login', '/auth/logout', '/anything'])('POST %s is not: it may have been done', async (path) => {
  const { heard, ask } = await halfDead()
  expect((await ask('POST', path)).status).toBe(502)
  expect(heard).toEqual([`dying ${path}`])
})

test('where nobody was there to hear it, anything goes to the next', async () => {
  const living = await serve((_request, response) => response.end())
  const upstreams = [await freePort(), living].map((port) => ({ port, isUp: true }))
  const base = `http://127.0.0.1:${await serve(createProxy(upstreams))}`
  for (let turn = 0; turn < 4; turn++) expect((await fetch(base, { method: 'POST' })).status).toBe(200)
})

test('who is known to be down is not asked, and with nobody left it is 503', async () => {
  const upstreams = [{ port: await freePort(), isUp: false }]
  const answer = await fetch(`http://127.0.0.1:${await serve(createProxy(upstreams))}`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
})

test('a client that says who it is, is not believed', async () => {
  const { ask } = await halfDead()
  expect(await (await ask('GET', '/')).text()).toBe('127.0.0.1')
  const living = await serve((request, response) => response.end(request.headers['x-forwarded-for']))
  const base = `http://127.0.0.1:${await serve(createProxy([{ port: living, isUp: true }]))}`
  expect(await (await fetch(base, { headers: { 'x-forwarded-for': '192.0.2.7' } })).text()).toBe('127.0.0.1')
})

test('what is larger than it can hold is refused', async () => {
  const living = await serve((_request, response) => response.end())
  const base = `http://127.0.0.1:${await serve(createProxy([{ port: living, isUp: true }]))}`
  expect((await fetch(base, { method: 'POST', body: 'x'.repeat(65_537) })).status).toBe(413)
})
