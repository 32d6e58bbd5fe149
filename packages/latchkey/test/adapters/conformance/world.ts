/** What every framework is tried with: three auths, and a token for every way in which tokens are refused. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import {
  type Account,
  type Accounts,
  type Auth,
  AuthError,
  bearer,
  createAuth,
  type LoginMethod,
  oneCookie,
  passwords,
} from '../../../src/index.js'
import { ISSUER, SECRET } from '../../auth-kit.js'

const NOW = 1_700_000_000
export const PASSWORD = 'correct horse battery'
const STAFF = 'https://staff.example.com'

const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' })
// Read back first: Node 20 may stop for ever where it writes down a key that it just made.
const read = createPublicKey(foreign.publicKey.export({ type: 'spki', format: 'pem' }))
const jwk = { ...read.export({ format: 'jwk' }), alg: 'ES256' }
const row = (id: string, more: object = {}) => ({
  id,
  issuer: `https://${id}.example`,
  keys: { jwk: { ...jwk, kid: id } },
  audience: ISSUER,
  users: 'none' as const,
  ...more,
})

/** A token of another issuer, whose key the test holds. */
function mint(id: string, claims: Record<string, unknown> = {}): Promise<string> {
  const good = { iss: `https://${id}.example`, aud: ISSUER, sub: 'u-1', iat: NOW, exp: NOW + 300 }
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'ES256', kid: id }).sign(foreign.privateKey)
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** One auth with everything, a second one beside it, and one whose database cannot be opened. */
export async function createWorld() {
  const clock = { now: NOW }
  const transports = [bearer(), oneCookie()]
  const shared = { secret: SECRET, clock: () => clock.now, development: false } as const
  const auth = createAuth({
    ...shared,
    issuer: ISSUER,
    database: 'memory',
    register: true,
    transports,
    login: [busy, passwords()],
    throttle: { account: { points: 3, seconds: 900 }, address: { points: 500, seconds: 900 } },
    issuers: [
      row('partner'),
      row('barred', { admit: () => false }),
      row('strict', { schema: { type: 'object', required: ['team'] } }),
      row('silent', { keys: { jwksUrl: 'https://127.0.0.1:9/jwks', allowPrivate: true } }),
    ],
  })
  const staff = createAuth({ ...shared, issuer: STAFF, database: 'memory', basePath: '/staff/auth' })
  const closed = createAuth({
    ...shared,
    issuer: ISSUER,
    database: 'sqlite:/nowhere/at/all/auth.db',
    register: true,
    transports,
  })
  const people = await createPeople(auth)
  await auth.users.disable(people.gone.id)
  const { alice } = people
  const good = await auth.tokens.issue(alice, { scope: 'reports' })
  const clerk = await staff.users.create({ username: 'clerk', password: PASSWORD, permissions: ['*'] })
  const tokens = {
    good: good.access,
    session: good.sessionId,
    staff: (await staff.tokens.issue(clerk)).access,
    expired: await at(clock, NOW - 3_600, async () => (await auth.tokens.issue(alice)).access),
    old: await at(clock, NOW - 601, oldLogin),
    early: await mint('partner', { nbf: NOW + 600 }),
    audience: await mint('partner', { aud: 'https://elsewhere.example' }),
    claims: await mint('strict'),
    unreachable: await mint('silent'),
    barred: await mint('barred'),
    boss: (await auth.tokens.issue(people.boss)).access,
    foreign: await mint('partner'),
    revoked: await endedToken(),
    stale: await staleToken(),
  }
  const close = async () => {
    for (const one of [auth, staff, closed]) await one.close()
  }
  return { auth, staff, closed, clock, ...people, tokens, close }

  /** A fresh token of a login that was long ago. */
  async function oldLogin(): Promise<string> {
    const { refresh = '' } = await auth.tokens.issue(alice)
    return at(clock, NOW, async () => (await auth.tokens.refresh(refresh)).tokens.access)
  }

  async function endedToken(): Promise<string> {
    const { access, sessionId } = await auth.tokens.issue(alice)
    await auth.revoke({ session: sessionId })
    return access
  }

  async function staleToken(): Promise<string> {
    const { access } = await auth.tokens.issue(people.moved)
    clock.now += 1
    await auth.users.take(people.moved.id, ['posts:read'])
    return access
  }
}

/** A door that is too full for one login, as the queue of the passwords is for many. */
const busy: LoginMethod<Account> = {
  name: 'busy',
  login: async ({ login }) => {
    if (login === 'busy') throw new AuthError('overloaded', { retryAfter: 3 })
    return undefined
  },
}

async function createPeople(auth: Auth<Account, object, Accounts>) {
  const create = (username: string, permissions: string[]) =>
    auth.users.create({ username, password: PASSWORD, permissions })
  return {
    alice: await create('alice', ['posts:*']),
    boss: await create('boss', ['*']),
    moved: await create('moved', ['posts:read']),
    gone: await create('gone', []),
    guessed: await create('guessed', []),
  }
}

/** Does something at another time. */
export async function at<T>(clock: { now: number }, time: number, work: () => Promise<T>): Promise<T> {
  const before = clock.now
  clock.now = time
  try {
    return await work()
  } finally {
    clock.now = before
  }
}
