/** A whole server in this process: real sockets, an ephemeral port, a memory store, and a log that tests read. */
import { type AuthOptions, createAuth } from 'latchkey'
import { onTestFinished } from 'vitest'
import { createGraphql } from '../src/graphql/handler.js'
import { createApp } from '../src/http/app.js'
import { commonHeaders } from '../src/http/headers.js'
import { type Answered, listen } from '../src/http/listen.js'
import { createLog } from '../src/http/log.js'

export const PASSWORD = 'correct horse battery'
const SECRET = 'a-secret-for-tests-only-0123456789-abcdefghijkl'

export interface KitOptions {
  readonly development?: boolean
  readonly issuer?: string
  readonly requireAuthentication?: { readonly rest: boolean; readonly graphql: boolean }
  readonly auth?: Partial<AuthOptions>
  readonly limits?: Parameters<typeof listen>[0]['limits']
  /** Takes what closes the server, where one is shared by several tests. */
  readonly finished?: (close: () => Promise<void>) => void
}

export async function startServer(options: KitOptions = {}) {
  const { development = false, issuer = 'https://auth.example.com', requireAuthentication } = options
  const clock = { now: Math.floor(Date.now() / 1000) }
  const lines: string[] = []
  const log = createLog({ level: 'debug', development: false, write: (line) => lines.push(line) })
  const auth = createAuth({
    issuer,
    development,
    database: 'memory',
    secret: SECRET,
    clock: () => clock.now,
    logger: log,
    ...options.auth,
    users: undefined,
  })
  const failed = (error: unknown) => log.error({ err: error }, 'a request failed')
  const required = requireAuthentication ?? { rest: false, graphql: false }
  const handler = createGraphql({ auth, isRequired: required.graphql, development, failed })
  const assets = new URL('../dist/', import.meta.url)
  const app = createApp({ auth, requireAuthentication: required, graphql: async () => handler, assets, failed })
  const server = await listen({
    port: 0,
    host: '127.0.0.1',
    headers: commonHeaders(issuer),
    fetch: app.fetch,
    answered: (facts: Answered) => log.info(facts, 'request'),
    failed,
    ...(options.limits && { limits: options.limits }),
  })
  const finished = options.finished ?? onTestFinished
  finished(async () => {
    await server.stop()
    await auth.close()
  })
  const url = `http://127.0.0.1:${server.port}`
  return { auth, clock, lines, server, url, call, graphql, addAlice }

  /** One request; the body is read as JSON where it is. */
  async function call(method: string, path: string, { body, token, headers = {} }: CallOptions = {}) {
    const all = new Headers(headers)
    if (token !== undefined) all.set('authorization', `Bearer ${token}`)
    if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json')
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${url}${path}`, { method, headers: all, body: sent ?? null, redirect: 'manual' })
    const text = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined }
  }

  function graphql(query: string, { token, variables }: { token?: string; variables?: object } = {}) {
    return call('POST', '/graphql', { body: { query, variables }, ...(token !== undefined && { token }) })
  }

  async function addAlice() {
    const user = await auth.users.create({
      username: 'alice',
      password: PASSWORD,
      email: 'alice@example.com',
      permissions: ['posts:*'],
    })
    const { body } = await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })
    return { user, tokens: body as Record<'access_token' | 'refresh_token', string> }
  }
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
}
