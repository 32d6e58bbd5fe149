/** An auth that listens on a port of its own, and services that know nothing of it but its URL. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mount } from '../../src/adapters/node.js'
import { type AuthOptions, apiToken, createAuth, jwt } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { caller, PASSWORD, SECRET } from '../auth-kit.js'

export const API = 'https://reports.example.com'

/** Listens first: the issuer is the URL, and that has the port in it. */
export async function served({ path = '', ...options }: Partial<AuthOptions<Account>> & { path?: string } = {}) {
  /** What a test does to the line: `cut`: nobody is answered · `noStream`: there is no news · `requests`: what was asked. */
  const line = { cut: false, noStream: false, requests: [] as string[] }
  const server: Server = createServer(async (request, response) => {
    line.requests.push(`${request.method} ${request.url}`)
    if (line.cut) return void request.socket.destroy()
    if (line.noStream && request.url?.includes('/stream')) return void response.writeHead(404).end()
    if (!(await endpoints(request, response))) response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}${path}`
  const auth = createAuth({
    issuer: url,
    database: 'memory',
    secret: SECRET,
    audience: [url, API],
    claims: (user) => ({ permissions: user.permissions, groups: user.groups }),
    authenticators: [jwt(), apiToken()],
    development: true,
    ...options,
    users: undefined,
  })
  const endpoints = mount(auth)
  const user = await auth.users.create({ username: 'alice', password: PASSWORD, permissions: ['reports:read'] })
  const call = caller(auth)
  const login = async () =>
    (await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })).body
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await auth.close()
  }
  return { auth, url, user, call, login, stop, line, cut, mended, reader }

  /** As if the cable were drawn: what is open breaks too. */
  function cut(): void {
    line.cut = true
    server.closeAllConnections()
  }

  function mended(): void {
    line.cut = false
  }

  /** The API token of a service that may read what was revoked. */
  async function reader(): Promise<string> {
    const { id } = await auth.users.create({ username: 'service', permissions: ['revocations:read'] })
    return (await auth.apiTokens.create(id, { name: 'reports', permissions: ['revocations:read'] })).token
  }
}
