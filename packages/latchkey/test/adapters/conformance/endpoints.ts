/** Every endpoint, and every code of the error table that it can give, with a request that makes it do so. */
import type { ErrorCode } from '../../../src/index.js'
import type { Ask } from './wire.js'
import { at, PASSWORD, type World } from './world.js'

export interface Case {
  readonly endpoint: string
  readonly code: ErrorCode
  /** Prepares what has to be, and says what to send. */
  ask(world: World): Ask | Promise<Ask>
}

interface Endpoint {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** A body that would do, for those that read one. */
  readonly body?: object
  readonly isForCallers?: true
  /** Whether it is about users of ours: a stranger from another issuer is none. */
  readonly isForUsers?: true
  /** Whether it takes a permission that alice has not. */
  readonly isForFew?: true
}

const password = { current_password: PASSWORD, new_password: 'another good password' }
const caller = { isForCallers: true } as const
const user = { ...caller, isForUsers: true } as const
const few = { ...caller, isForFew: true } as const

export const endpoints: readonly Endpoint[] = [
  { name: 'login', method: 'POST', path: '/auth/login', body: { username: 'alice', password: PASSWORD } },
  { name: 'register', method: 'POST', path: '/auth/register', body: { username: 'newcomer', password: PASSWORD } },
  { name: 'refresh', method: 'POST', path: '/auth/refresh', body: { refresh_token: 'nonsense' } },
  { name: 'logout', method: 'POST', path: '/auth/logout', body: {}, ...caller },
  { name: 'logout everywhere', method: 'POST', path: '/auth/logout/everywhere', body: {}, ...user },
  { name: 'verify', method: 'POST', path: '/auth/verify', body: { token: 'nonsense' } },
  { name: 'me', method: 'GET', path: '/auth/me', ...user },
  { name: 'password', method: 'POST', path: '/auth/password', body: password, ...caller },
  { name: 'sessions', method: 'GET', path: '/auth/sessions', ...user },
  { name: 'end sessions', method: 'DELETE', path: '/auth/sessions', ...user },
  { name: 'end session', method: 'DELETE', path: '/auth/sessions/s-1', ...user },
  { name: 'sessions of', method: 'GET', path: '/auth/users/u-1/sessions', ...few },
  { name: 'end sessions of', method: 'DELETE', path: '/auth/users/u-1/sessions', ...few },
  { name: 'end session of', method: 'DELETE', path: '/auth/users/u-1/sessions/s-1', ...few },
  { name: 'revocations', method: 'GET', path: '/auth/revocations', ...few },
  { name: 'revocation news', method: 'GET', path: '/auth/revocations/stream', ...few },
  { name: 'csrf', method: 'GET', path: '/auth/csrf' },
  { name: 'openapi', method: 'GET', path: '/auth/openapi.json' },
  { name: 'jwks', method: 'GET', path: '/.well-known/jwks.json' },
  { name: 'metadata', method: 'GET', path: '/.well-known/oauth-authorization-server' },
]

/** What can be wrong with the credential of any caller. */
export const credentials: Readonly<Partial<Record<ErrorCode, (world: World) => string | readonly string[]>>> = {
  credential_missing: () => [],
  credential_malformed: () => 'Bearer one two',
  credential_ambiguous: ({ tokens }) => [`Bearer ${tokens.good}`, `Bearer ${tokens.good}`],
  token_invalid: () => 'Bearer nonsense',
  token_expired: ({ tokens }) => `Bearer ${tokens.expired}`,
  token_early: ({ tokens }) => `Bearer ${tokens.early}`,
  token_audience: ({ tokens }) => `Bearer ${tokens.audience}`,
  token_revoked: ({ tokens }) => `Bearer ${tokens.revoked}`,
  token_stale: ({ tokens }) => `Bearer ${tokens.stale}`,
  claims_invalid: ({ tokens }) => `Bearer ${tokens.claims}`,
  issuer_unreachable: ({ tokens }) => `Bearer ${tokens.unreachable}`,
  permission_denied: ({ tokens }) => `Bearer ${tokens.barred}`,
}

/** The good access token, as a browser carries it. */
export const cookieOf = ({ tokens }: World) => ({ cookie: `__Host-access_token=${tokens.good}` })

const codes = Object.keys(credentials) as ErrorCode[]
/** What a token in the body of the verify endpoint can be. */
const verified = codes.filter((code) => /^(token|claims|issuer|permission)/.test(code))

/** The cases that follow from what kind of endpoint it is. */
function* regular({ name: endpoint, method, path, body, ...kind }: Endpoint): Generator<Case> {
  const good = (world: World) => ({ method, path, body, authorization: `Bearer ${world.tokens.good}` })
  yield { endpoint, code: 'method_not_allowed', ask: () => ({ method: 'PATCH', path }) }
  if (method === 'POST') {
    const large = { ...body, more: 'x'.repeat(70_000) }
    yield { endpoint, code: 'request_invalid', ask: (world) => ({ ...good(world), body: { ...body, more: 1 } }) }
    yield { endpoint, code: 'media_type_unsupported', ask: (world) => ({ ...good(world), type: 'text/plain' }) }
    yield { endpoint, code: 'request_too_large', ask: (world) => ({ ...good(world), body: large }) }
  }
  for (const code of kind.isForCallers ? codes : []) {
    yield { endpoint, code, ask: (world) => ({ method, path, body, authorization: credentials[code]?.(world) ?? [] }) }
  }
  if (kind.isForCallers && method !== 'GET') {
    // The cookie alone, as a browser sends it whoever asks it to.
    yield { endpoint, code: 'csrf_failed', ask: (world) => ({ method, path, body, headers: cookieOf(world) }) }
  }
  if (kind.isForUsers) {
    yield {
      endpoint,
      code: 'user_inactive',
      ask: ({ tokens }) => ({ method, path, body, authorization: `Bearer ${tokens.foreign}` }),
    }
  }
  if (kind.isForFew) yield { endpoint, code: 'permission_denied', ask: good }
}

const post = (endpoint: string, path: string, code: ErrorCode, body: (world: World) => unknown): Case => ({
  endpoint,
  code,
  ask: async (world) => ({ method: 'POST', path, body: await body(world) }),
})

const refresh = (code: ErrorCode, token: (world: World) => Promise<string | undefined>): Case =>
  post('refresh', '/auth/refresh', code, async (world) => ({ refresh_token: await token(world) }))

const login = (code: ErrorCode, username: string, given: string): Case =>
  post('login', '/auth/login', code, () => ({ username, password: given }))

const throttled = async ({ auth }: World, username: string): Promise<void> => {
  const call = { head: { method: 'POST', header: () => undefined }, peer: { address: undefined } }
  const asked = { ...call, authentication: async () => ({}) }
  for (let n = 0; n < 3; n++) await auth.operations.login({ username, password: 'wrong' }, asked).catch(() => {})
}

/** The cases that are an endpoint's own. */
const special: readonly Case[] = [
  login('login_failed', 'alice', 'a wrong password'),
  login('login_failed', 'nobody-at-all', PASSWORD),
  login('overloaded', 'busy', PASSWORD),
  ...['login', 'register'].map(
    (endpoint): Case => ({
      endpoint,
      code: 'login_throttled',
      ask: async (world) => {
        await throttled(world, 'guessed')
        return { method: 'POST', path: `/auth/${endpoint}`, body: { username: 'guessed', password: PASSWORD } }
      },
    }),
  ),
  // Whether an account is disabled is nobody's business who is not signed in.
  login('login_failed', 'gone', PASSWORD),
  ...['login', 'register'].map(
    (endpoint): Case => ({
      endpoint,
      code: 'csrf_failed',
      ask: () => ({
        method: 'POST',
        path: `/auth/${endpoint}`,
        body: { username: 'alice', password: PASSWORD, transport: 'cookie' },
        headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      }),
    }),
  ),
  {
    endpoint: 'password',
    code: 'login_throttled',
    ask: async (world) => {
      await throttled(world, 'guessed')
      const { access } = await world.auth.tokens.issue(world.guessed)
      return { method: 'POST', path: '/auth/password', body: password, authorization: `Bearer ${access}` }
    },
  },
  post('refresh', '/auth/refresh', 'credential_missing', () => ({})),
  {
    ...refresh('credential_ambiguous', async () => undefined),
    ask: () => ({
      method: 'POST',
      path: '/auth/refresh',
      headers: { cookie: '__Secure-refresh_token=one; __Secure-refresh_token=two' },
    }),
  },
  {
    ...refresh('csrf_failed', async () => undefined),
    ask: async ({ auth, alice }) => {
      const { refresh: token } = await auth.tokens.issue(alice)
      return { method: 'POST', path: '/auth/refresh', headers: { cookie: `__Secure-refresh_token=${token}` } }
    },
  },
  post('register', '/auth/register', 'conflict', () => ({ username: 'alice', password: PASSWORD })),
  refresh('refresh_invalid', async () => 'nonsense'),
  refresh('refresh_expired', async ({ auth, alice, clock }) => {
    const month = 31 * 86_400
    return (await at(clock, clock.now - month, () => auth.tokens.issue(alice))).refresh
  }),
  refresh('refresh_reused', async ({ auth, alice, clock }) => {
    const { refresh: first = '' } = await at(clock, clock.now - 600, () => auth.tokens.issue(alice))
    await at(clock, clock.now - 500, () => auth.tokens.refresh(first))
    return first
  }),
  refresh('session_revoked', async ({ auth, alice }) => {
    const { refresh: token, sessionId } = await auth.tokens.issue(alice)
    await auth.revoke({ session: sessionId })
    return token
  }),
  ...verified.map((code) =>
    post('verify', '/auth/verify', code, (world) => ({ token: String(credentials[code]?.(world)).slice(7) })),
  ),
  {
    endpoint: 'end session',
    code: 'not_found',
    ask: ({ tokens }) => ({ method: 'DELETE', path: '/auth/sessions/s-1', authorization: `Bearer ${tokens.good}` }),
  },
  {
    endpoint: 'end session of',
    code: 'not_found',
    ask: ({ tokens, alice }) => ({
      method: 'DELETE',
      path: `/auth/users/${alice.id}/sessions/s-1`,
      authorization: `Bearer ${tokens.boss}`,
    }),
  },
  {
    endpoint: 'password',
    code: 'not_found',
    ask: ({ tokens }) => ({
      method: 'POST',
      path: '/auth/password',
      body: password,
      authorization: `Bearer ${tokens.foreign}`,
    }),
  },
  {
    endpoint: 'password',
    code: 'login_failed',
    ask: ({ tokens }) => ({
      method: 'POST',
      path: '/auth/password',
      body: { ...password, current_password: 'a wrong password' },
      authorization: `Bearer ${tokens.boss}`,
    }),
  },
  ...['', '/stream'].map(
    (end): Case => ({
      endpoint: end === '' ? 'revocations' : 'revocation news',
      code: 'request_invalid',
      ask: ({ tokens }) => ({ path: `/auth/revocations${end}?after=-1`, authorization: `Bearer ${tokens.boss}` }),
    }),
  ),
]

/** Every endpoint times every code that it can give. */
export const cases: readonly Case[] = [...endpoints.flatMap((one) => [...regular(one)]), ...special]
