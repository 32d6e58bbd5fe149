/** An auth that listens on a port of its own, and services that know nothing of it but its URL. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mount } from '../../src/adapters/node.js'
import { type AuthOptions, createAuth } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { caller, PASSWORD, SECRET } from '../auth-kit.js'

export const API = 'https://reports.example.com'

/** Listens first: the issuer is the URL, and that has the port in it. */
export async function served(options: Partial<AuthOptions<Account>> = {}) {
  const server: Server = createServer(async (request, response) => {
    if (!(await endpoints(request, response))) response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const auth = createAuth({
    issuer: url,
    database: 'memory',
    secret: SECRET,
    audience: [url, API],
    claims: (user) => ({ permissions: user.permissions }),
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
  return { auth, url, user, call, login, stop }
}
