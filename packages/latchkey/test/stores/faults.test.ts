/** A network that breaks between a server and its PostgreSQL: every route answers in time, nobody is let in, and it comes back by itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Auth, createAuth } from '../../src/auth.js'
import type { Account } from '../../src/stores/port.js'
import type { Accounts } from '../../src/users/accounts.js'
import { caller, ISSUER, PASSWORD, SECRET } from '../auth-kit.js'
import { postgresDatabase } from '../services/postgres.js'
import { type Fault, type FaultProxy, faultProxy } from '../services/proxy.js'

const SOON_MILLISECONDS = 3_000
const BACK_MILLISECONDS = 5_000

let proxy: FaultProxy
let auth: Auth<Account, object, Accounts>
let call: ReturnType<typeof caller>
let tokens: { access_token: string; refresh_token: string }
const credentials = { username: 'alice', password: PASSWORD }

beforeAll(async () => {
  const url = new URL(await postgresDatabase('faults'))
  proxy = await faultProxy(Number(url.port))
  url.port = String(proxy.port)
  auth = createAuth({ issuer: ISSUER, secret: SECRET, database: url.href, development: true })
  call = caller(auth)
  await auth.users.create(credentials)
  tokens = (await call('POST', '/auth/login', { body: credentials })).body
})
afterAll(async () => {
  await proxy.set('pass')
  await auth.close()
  await proxy.close()
})

/** Each route with a credential that is good, and one with none. */
const routes = (): Readonly<Record<string, () => ReturnType<typeof call>>> => ({
  login: () => call('POST', '/auth/login', { body: credentials }),
  'wrong login': () => call('POST', '/auth/login', { body: { ...credentials, password: 'wrong' } }),
  refresh: () => call('POST', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } }),
  me: () => call('GET', '/auth/me', { token: tokens.access_token }),
  'me without a token': () => call('GET', '/auth/me'),
  'me with a forged token': () => call('GET', '/auth/me', { token: `${tokens.access_token.slice(0, -6)}AAAAAA` }),
  sessions: () => call('GET', '/auth/sessions', { token: tokens.access_token }),
})
const strangers = ['wrong login', 'me without a token', 'me with a forged token']

describe.each(['refuse', 'reset', 'delay', 'silent'] as const satisfies readonly Fault[])('%s', (fault) => {
  test('every route answers 200, 401 or 503 in time, and proves nobody who has not proved it', async () => {
    await proxy.set(fault)
    for (const [name, ask] of Object.entries(routes())) {
      const began = performance.now()
      const { status } = await ask()
      expect([200, 401, 503], name).toContain(status)
      expect(performance.now() - began, name).toBeLessThan(SOON_MILLISECONDS)
      if (strangers.includes(name)) expect(status, name).not.toBe(200)
    }
  })

  test('it comes back without a restart', async () => {
    await proxy.set('pass')
    const login = async () => {
      const { status, body } = await call('POST', '/auth/login', { body: credentials })
      if (status === 200) tokens = body
      return status
    }
    await expect.poll(login, { timeout: BACK_MILLISECONDS, interval: 100 }).toBe(200)
  })
})
