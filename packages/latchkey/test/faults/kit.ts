/** A server whose PostgreSQL and Redis lie behind proxies that break, with everything that can be asked of it. */
import { Hono } from 'hono'
import { authenticate, authorize, mount } from '../../src/adapters/hono.js'
import { type AuthOptions, checkNow, createAuth, signedIn } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { type FaultProxy, faultProxy } from '../services/proxy.js'
import { postgres } from '../stores/kit.js'

export interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: number
  readonly milliseconds: number
  readonly body: Readonly<Record<string, string>>
}

type Options = Partial<AuthOptions<Account>>

/** A schema of its own in that database behind proxies, and as many servers over it as are asked for. */
export async function place(database: string, redis?: string) {
  const { url, clock, cleanup } = await postgres(database)
  const ends: (() => Promise<unknown>)[] = [cleanup]
  const [toPostgres, postgresUrl] = await behind(url)
  const [toRedis, redisUrl] = redis === undefined ? [] : await behind(redis)
  return { server, clock, toPostgres, toRedis: toRedis as FaultProxy, end }

  async function behind(target: string): Promise<[FaultProxy, string]> {
    const address = new URL(target)
    const proxy = await faultProxy(Number(address.port))
    ends.push(proxy.close)
    address.port = String(proxy.port)
    return [proxy, address.href]
  }

  async function server(options: Options = {}) {
    const to = { database: postgresUrl, ...(redisUrl !== undefined && { redis: redisUrl }) }
    const made = await serverOver({ ...to, clock: () => clock.now, ...options })
    ends.push(made.auth.close)
    return made
  }

  async function end(): Promise<void> {
    for (const stop of ends.reverse()) await stop()
  }
}

export type Server = Awaited<ReturnType<typeof serverOver>>

/** The native endpoints, a guarded route, and one that demands a read now. */
export async function serverOver(options: Pick<AuthOptions<Account>, 'database'> & Options) {
  // The faults last longer than ten seconds of the clock that the tests set.
  const auth = createAuth({ issuer: ISSUER, secret: SECRET, grace: 60, ...options, users: undefined })
  await auth.ready()
  const app = new Hono()
  app.use(mount(auth)).use(authenticate(auth))
  app.get('/app', authorize(signedIn), (c) => c.json({}))
  app.get('/now', authorize(checkNow), (c) => c.json({}))
  return { auth, call: callerOf(app) }
}

export interface Sent {
  readonly token?: string | undefined
  readonly body?: object
}

export type Call = (method: string, path: string, sent?: Sent) => Promise<Answer>

function callerOf(app: Hono): Call {
  return async (method, path, { token, body } = {}) => {
    const headers = new Headers()
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    if (body) headers.set('content-type', 'application/json')
    const began = performance.now()
    const answer = await app.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await answer.text()
    const read = text.startsWith('{') ? JSON.parse(text) : {}
    return {
      status: answer.status,
      code: read.code,
      retryAfter: Number(answer.headers.get('retry-after')),
      milliseconds: performance.now() - began,
      body: read,
    }
  }
}
