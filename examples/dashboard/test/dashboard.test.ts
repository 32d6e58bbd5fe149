/** The dashboard does what the first seed's does, but for a closed list; its README is run as it stands. */
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createReplay, type Recording, recordings, type Shown } from '../../../packages/latchkey/test/presets/replay.js'
import { listen, seed } from '../../lib/example.mjs'
import { followReadme } from '../../lib/readme.js'
import { dashboard } from '../src/app.js'

const KEY = 'the-secret-key-of-the-dashboard-in-its-tests'
const { app, auth } = dashboard({ database: 'memory', secret: `${KEY}-for-sessions`, signingKey: KEY })
let base: string
let stop: () => void

beforeAll(async () => {
  await seed(auth)
  const server = await listen(app, { port: 0, host: '127.0.0.1' })
  base = `http://localhost:${(server.address() as AddressInfo).port}`
  stop = () => void server.close()
})
afterAll(() => stop())

const invalid = {
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: 'AccessToken', token_type: 'access', message: 'Token is invalid or expired' }],
}
const missing = { detail: 'Authentication credentials were not provided.' }
const wrongPassword = { detail: 'No active account found with the given credentials' }
const engine = (message: string, where?: object) => ({
  why: 'the text and the extensions are those of the GraphQL engine',
  status: 400,
  body: { errors: [{ message, ...where, extensions: expect.any(Object) }] },
})

/** Ours, where it is not the original's. */
const DIFFERENCES: Readonly<Record<string, { why: string; status: number; body: unknown }>> = {
  'REST user none': { why: '401 with a challenge, not 403', status: 401, body: missing },
  'REST user invalid': { why: 'fault 3 is mended', status: 401, body: invalid },
  'REST user expired (error detail swallowed)': { why: 'fault 3 is mended', status: 401, body: invalid },
  'GraphQL none': { why: '401 with a challenge, not 403 and HTML', status: 401, body: missing },
  'GraphQL expired': { why: 'fault 3 is mended', status: 401, body: invalid },
  'GraphQL open expired -> silently anonymous': {
    why: 'a view of the recording, which the dashboard does not have',
    status: 404,
    body: expect.stringContaining('Cannot POST'),
  },
  'GraphQL syntax error': engine('Syntax Error: Expected Name, found <EOF>.', { locations: [{ line: 1, column: 8 }] }),
  'GraphQL unknown field': engine('Cannot query field "nope" on type "Query".', {
    locations: [{ line: 1, column: 3 }],
  }),
  'GraphQL empty': engine('Must provide query string.'),
  'GraphQL bad json': engine('POST body sent invalid JSON.'),
  'GraphQL PUT': { ...engine('GraphQL only supports GET and POST requests.'), status: 405 },
  'GraphQL batch (not enabled)': engine('Batching is not supported.'),
  'ESCALATION: access token + WRONG PASSWORD at /login/ -> new refresh token': {
    why: 'fault 1 is mended',
    status: 401,
    body: wrongPassword,
  },
  "ESCALATION: alice access token + bob's username + wrong password": {
    why: 'fault 1 is mended',
    status: 401,
    body: wrongPassword,
  },
  'LOCKOUT: right password + stale Authorization header': {
    why: 'fault 2 is mended',
    status: 200,
    body: { refresh: expect.any(String), access: expect.any(String) },
  },
}

const send = async (request: Request): Promise<Response> => {
  const { pathname, search } = new URL(request.url)
  const body = request.body === null ? null : await request.text()
  return fetch(`${base}${pathname}${search}`, { method: request.method, headers: request.headers, body })
}

test('every recording is answered as by the original, but for the list', async () => {
  const replay = createReplay(KEY, send)
  const all = recordings('seed000-home-dashboard')
  expect(Object.keys(DIFFERENCES).filter((label) => !all.some((one) => one.label === label))).toEqual([])
  for (const recording of all) {
    const { ours, original } = await replay(recording)
    judge(recording, ours, original)
  }
})

function judge({ label }: Recording, ours: Shown, original: Shown): void {
  const difference = DIFFERENCES[label]
  if (!difference) {
    expect(ours, label).toEqual(original)
    return
  }
  expect(ours, `${label} is in the list and is no difference`).not.toEqual(original)
  expect({ status: ours.status, body: ours.body }, label).toEqual({ status: difference.status, body: difference.body })
  expect(ours.challenge, label).toBe(ours.status === 401 ? 'Bearer realm="api"' : null)
}

test('the addresses are the same with and without the slash at the end', async () => {
  const headers = { 'content-type': 'application/json' }
  const credentials = JSON.stringify({ username: 'test_user', password: 'awesomepwd' })
  const login = await fetch(`${base}/login`, { method: 'POST', headers, body: credentials })
  const { access, refresh } = (await login.json()) as { access: string; refresh: string }
  const body = {
    '/token-refresh': { refresh },
    '/token-verify': { token: access },
    '/graphql': { query: '{ me { id } }' },
  }
  for (const [path, members] of Object.entries(body)) {
    const all = { ...headers, ...(path === '/graphql' && { authorization: `Bearer ${access}` }) }
    expect((await fetch(base + path, { method: 'POST', headers: all, body: JSON.stringify(members) })).status).toBe(200)
  }
  expect((await fetch(`${base}/user`, { headers: { authorization: `Bearer ${access}` } })).status).toBe(200)
})

test('who may not log in, does not', async () => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'inactive', password: 'password' })
  expect((await fetch(`${base}/login/`, { method: 'POST', headers, body })).status).toBe(401)
})

test('what the README says is what happens', async () => {
  expect(await followReadme(new URL('../README.md', import.meta.url), base)).toBe(6)
})
