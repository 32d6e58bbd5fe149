/** axios with axios-auth-refresh, as its README has it with simplejwt's paths, against Django and against the preset: the same client, the same assertions. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios, { type AxiosInstance } from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import { afterAll, expect, test } from 'vitest'
import { authenticate, authorize, mount } from '../../src/adapters/node.js'
import { type Auth, signedIn } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { CREDENTIALS, latchkey, SIGNING_KEY, signed } from './kit.js'
import { djangoServer } from './server.js'

const SETTINGS = { SIGNING_KEY, ROTATE_REFRESH_TOKENS: true }
const closing: (() => unknown)[] = []
afterAll(() => Promise.all(closing.splice(0).map((close) => close())))

/** The preset behind a real socket, with the view that Django has. */
async function latchkeyServer(): Promise<string> {
  const { auth } = await latchkey(SETTINGS)
  const view = serveView(auth)
  const server = createServer((request, response) => void view(request, response)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(
    () => server.close(),
    () => auth.close(),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function serveView(auth: Auth<Account>): Parameters<typeof createServer>[1] & object {
  const [endpoints, identify, admit] = [mount(auth), authenticate(auth), authorize(auth, signedIn)]
  return async (request, response) => {
    if (await endpoints(request, response)) return
    await identify(request, response)
    if (!(await admit(request, response))) return
    const user = await auth.of(request)?.user()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: Number(user?.id), username: user?.username }))
  }
}

const SERVERS = {
  Django: () => djangoServer('axios', { ...SETTINGS, BLACKLIST_AFTER_ROTATION: true }),
  Latchkey: latchkeyServer,
}

/** The page's side: tokens in its storage, and the interceptors of the README. */
function page(baseURL: string) {
  const storage = new Map<string, string>()
  const api: AxiosInstance = axios.create({ baseURL })
  let refreshes = 0
  const refreshAuthLogic = (failedRequest: { response: { config: { headers: Record<string, string> } } }) =>
    api
      .post('/api/token/refresh/', { refresh: storage.get('refresh') }, { skipAuthRefresh: true } as object)
      .then(({ data }) => {
        refreshes++
        storage.set('access', data.access)
        if (data.refresh) storage.set('refresh', data.refresh)
        failedRequest.response.config.headers.Authorization = `Bearer ${data.access}`
        return Promise.resolve()
      })
  // Its types are those of CommonJS. Requests that are under way when the token expires are renewed, too, not only those that follow.
  createAuthRefresh(api as never, refreshAuthLogic, { deduplicateRefresh: false })
  api.interceptors.request.use((request) => {
    const access = storage.get('access')
    if (access && !request.url?.startsWith('/api/token/')) request.headers.Authorization = `Bearer ${access}`
    return request
  })
  return {
    storage,
    refreshes: () => refreshes,
    view: () => api.get('/api/protected/'),
    login: async () => {
      const { data } = await api.post('/api/token/', CREDENTIALS)
      for (const name of ['access', 'refresh']) storage.set(name, data[name])
    },
    /** As after five minutes. */
    expire: () => {
      const iat = Math.floor(Date.now() / 1000) - 301
      const claims = { token_type: 'access', exp: iat + 300, iat, jti: 'e'.repeat(32), user_id: 1 }
      storage.set('access', signed(claims))
    },
  }
}

const code = (error: unknown) => (axios.isAxiosError(error) ? [error.response?.status, error.response?.data] : error)

test.each(Object.entries(SERVERS))('%s: an expired token is renewed behind the page’s back', async (_name, start) => {
  const { storage, view, login, expire, refreshes } = page(await start())
  await login()
  expect((await view()).data).toEqual({ id: 1, username: 'alice' })
  expect(refreshes()).toBe(0)
  const seen = new Set([storage.get('refresh')])
  for (const round of [1, 2]) {
    expire()
    expect((await view()).data.username).toBe('alice')
    expect([refreshes(), seen.size]).toEqual([round, round])
    seen.add(storage.get('refresh'))
  }
  expect(seen.size).toBe(3)
  expire()
  const answers = await Promise.all([view(), view(), view(), view(), view()])
  expect(answers.map(({ data }) => data.username)).toEqual(Array(5).fill('alice'))
})

test.each(Object.entries(SERVERS))(
  '%s: whose refresh token is none is sent to the login, once',
  async (_name, start) => {
    const { storage, view, login, expire, refreshes } = page(await start())
    await login()
    expire()
    storage.set('refresh', `${storage.get('refresh')?.slice(0, -3)}AAA`)
    const failures = await Promise.all([view().catch(code), view().catch(code)])
    for (const failure of failures) {
      expect(failure).toEqual([401, { detail: 'Token is invalid or expired', code: 'token_not_valid' }])
    }
    expect(refreshes()).toBe(0)
  },
)
