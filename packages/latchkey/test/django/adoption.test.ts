/** Refresh tokens that Django issued: each becomes one session here, whatever happens at its first use, and nothing that was ended comes back. */
import { describe, expect, test } from 'vitest'
import { type Auth, createAuth } from '../../src/index.js'
import { type SimpleJwtSettings, simplejwt } from '../../src/presets/index.js'
import type { Account, Stores } from '../../src/stores/port.js'
import { caller, SECRET } from '../auth-kit.js'
import { intercepted, makers } from '../races/kit.js'
import { memory } from '../stores/kit.js'
import { claimsOf, SIGNING_KEY, signed } from './kit.js'

const DAY = 86_400
const ROTATING = { ROTATE_REFRESH_TOKENS: true }
type Settings = Partial<SimpleJwtSettings>
type Make = () => ReturnType<typeof memory>

/** The preset over a store, and Django's tokens for alice, who is user 1 at both. */
async function world(make: Make = memory, settings: Settings = {}, before?: (name: string) => unknown) {
  const { stores, clock, cleanup } = await make()
  const one = (database: Stores = stores) => {
    const preset = simplejwt({ SIGNING_KEY, REFRESH_TOKEN_LIFETIME: '7d', ...settings })
    return createAuth({ database, secret: SECRET, clock: () => clock.now, preset })
  }
  const auth = one(before && intercepted(stores, before))
  for (const [id, username] of ['alice', 'bob'].entries()) await auth.users.create({ id: String(id + 1), username })
  let made = 0
  const issued = (more: object = {}) => {
    const jti = (++made).toString(16).padStart(32, '0')
    return { token_type: 'refresh', exp: clock.now + 7 * DAY, iat: clock.now, jti, user_id: 1, ...more }
  }
  const others: Auth[] = []
  return {
    ...{ auth, clock, stores, issued },
    django: (more: object = {}) => signed(issued(more)),
    sessions: (user = '1') => stores.sessions.list(user),
    /** Another process over the same store. */
    replica: () => {
      const other = one()
      others.push(other)
      return other
    },
    end: async () => {
      for (const each of [auth, ...others]) await each.close()
      await cleanup()
    },
  }
}

/** What a refresh token buys, or the code of its refusal. */
const said = (auth: Auth<Account>, token: string): Promise<string> =>
  auth.tokens.refresh(token).then(
    () => 'good',
    (error) => error.code ?? String(error),
  )

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test('one that does not rotate goes on until it expires, as one session, and is dead once that is ended', async () => {
    const { auth, clock, django, sessions, end } = await world(make)
    const [token, other] = [django(), django()]
    const { tokens } = await auth.tokens.refresh(token)
    expect(claimsOf(tokens.access).sid).toContain(tokens.sessionId)
    for (let days = 0; days < 6; days++) {
      clock.now += DAY
      expect((await auth.tokens.refresh(token)).tokens.sessionId).toBe(tokens.sessionId)
    }
    expect(await sessions()).toMatchObject([{ id: tokens.sessionId, expiresAt: clock.now + DAY }])
    expect(await said(auth, other)).toBe('good')
    await auth.revoke({ session: tokens.sessionId })
    expect(await said(auth, token)).toBe('session_revoked')
    expect(await sessions()).toHaveLength(1)
    clock.now += DAY
    expect([await said(auth, token), await said(auth, other)]).toEqual(['refresh_expired', 'refresh_expired'])
    await end()
  })

  test('one that rotates has one successor; used again within the grace it gets the same, later it is reuse', async () => {
    const { auth, clock, django, end } = await world(make, ROTATING)
    const token = django()
    clock.now += DAY
    const first = (await auth.tokens.refresh(token)).tokens
    clock.now += 9
    expect((await auth.tokens.refresh(token)).tokens.refresh).toBe(first.refresh)
    const second = (await auth.tokens.refresh(first.refresh as string)).tokens
    expect(second.sessionId).toBe(first.sessionId)
    clock.now += 20
    expect(await said(auth, token)).toBe('refresh_reused')
    expect(await said(auth, second.refresh as string)).toBe('session_revoked')
    expect(await said(auth, token)).toBe('session_revoked')
    await end()
  })

  test.each([
    ['fixed', {}],
    ['rotating', ROTATING],
  ])('%s: fifty at once, in two processes, are one session', async (_mode, settings) => {
    const { auth, replica, django, sessions, end } = await world(make, settings)
    const doors = [auth, replica()]
    for (let round = 0; round < 3; round++) {
      const token = django()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (doors[at % 2] as typeof auth).tokens.refresh(token)),
      )
      expect(new Set(answers.map(({ tokens }) => tokens.refresh)).size).toBe(1)
      expect(await sessions()).toHaveLength(round + 1)
    }
    await end()
  })

  test('what was ended stays so when its row is gone: by logout, by reuse, by the end of its user’s sessions', async () => {
    const { auth, clock, django, replica, stores, end } = await world(make, ROTATING)
    const [out, reused, ended] = [django(), django(), django({ user_id: 2 })]
    const call = caller(auth)
    for (const token of [reused, ended]) await auth.tokens.refresh(token)
    const session = await auth.tokens.sessionOf(out)
    await auth.revoke({ session: session?.id ?? '' })
    clock.now += 60
    expect(await said(auth, reused)).toBe('refresh_reused')
    await auth.revoke({ user: '2' })
    clock.now += 2 * DAY
    expect((await auth.prune()).sessions).toBe(3)
    for (const door of [auth, replica()])
      for (const token of [out, reused, ended]) expect(await said(door, token)).toBe('session_revoked')
    const { status, body } = await call('POST', '/api/token/refresh/', { body: { refresh: out } })
    expect([status, body]).toEqual([401, { detail: 'Token is blacklisted', code: 'token_not_valid' }])
    expect(await stores.sessions.list('1')).toEqual([])
    await end()
  })
})

test('a first use that was cut off in the middle is taken up by the next', async () => {
  let broken = true
  const { auth, clock, django, sessions, end } = await world(memory, ROTATING, (name) => {
    if (broken && name === 'sessions.rotate') throw new Error('the connection was reset')
  })
  const token = django()
  expect(await said(auth, token)).not.toBe('good')
  expect(await sessions()).toHaveLength(1)
  broken = false
  clock.now += DAY
  expect(await said(auth, token)).toBe('good')
  expect(await sessions()).toMatchObject([{ generation: 1 }])
  await end()
})

/** What is refused, with which code, and never leaves a session. */
const HOSTILE: readonly (readonly [what: string, code: string, claims: object, settings?: Settings])[] = [
  ['expired', 'refresh_expired', { exp: 1 }],
  ['of a user who is not here', 'user_inactive', { user_id: 99 }],
  ['of a user who was disabled', 'user_inactive', { user_id: 3 }],
  ['of a user who was deleted', 'user_inactive', { user_id: 4 }],
  ['of several users', 'refresh_invalid', { user_id: [1] }],
  ['of a user in a thousand letters', 'refresh_invalid', { user_id: '1'.repeat(1_000) }],
  ['of nobody', 'refresh_invalid', { user_id: undefined }],
  ['an access token', 'refresh_invalid', { token_type: 'access' }],
  ['of no kind', 'refresh_invalid', { token_type: undefined }],
  ['without an id', 'refresh_invalid', { jti: undefined }],
  ['with a list as its id', 'refresh_invalid', { jti: ['a'] }],
  ['with an id of a thousand letters', 'refresh_invalid', { jti: 'a'.repeat(1_000) }],
  ['without an end', 'refresh_invalid', { exp: undefined }],
  ['without a date', 'refresh_invalid', { iat: undefined }],
  ['with a date that is text', 'refresh_invalid', { iat: '1' }],
  ['that lives longer than ours', 'refresh_invalid', { exp: 10 ** 12 }],
  ['whose end is no number', 'refresh_invalid', { exp: 'never' }],
  ['of the future', 'refresh_invalid', { iat: 10 ** 11, exp: 10 ** 11 + 60 }],
  ['that names a session', 'refresh_invalid', { sid: 'a'.repeat(22) }],
  ['that names a generation', 'refresh_invalid', { sid: `${'a'.repeat(22)}.0` }],
  ['where none is taken', 'refresh_invalid', {}, { originalRefreshTokens: false }],
  ['after the switch', 'refresh_invalid', {}, { originalRefreshTokens: { issuedBefore: '2001-01-01T00:00:00Z' } }],
  ['of another audience', 'refresh_invalid', { aud: 'somebody else' }, { AUDIENCE: 'us' }],
  ['of another issuer', 'refresh_invalid', { iss: 'somebody else' }, { ISSUER: 'us' }],
]

for (const [what, code, claims, settings = {}] of HOSTILE) {
  test(`a refresh token ${what} is refused and makes no session`, async () => {
    const { auth, django, sessions, stores, end } = await world(memory, settings)
    for (const [id, username] of ['disabled', 'deleted'].entries())
      await auth.users.create({ id: String(id + 3), username })
    await auth.users.disable('3')
    await auth.users.remove('4')
    let rows = 0
    const { create } = stores.sessions
    Object.assign(stores.sessions, { create: (...given: Parameters<typeof create>) => ++rows && create(...given) })
    expect(await said(auth, django(claims))).toBe(code)
    expect([rows, await sessions()]).toEqual([0, []])
    await end()
  })
}

test('another key, a cut signature and a huge token are refused unread', async () => {
  const { auth, issued, sessions, end } = await world()
  const call = caller(auth)
  for (const token of [signed(issued(), 'the key of another application altogether'), `${signed(issued())}A`]) {
    expect(await said(auth, token)).toBe('refresh_invalid')
  }
  const huge = signed(issued({ note: 'a'.repeat(1_000_000) }))
  expect(await said(auth, huge)).toBe('refresh_invalid')
  expect((await call('POST', '/api/token/refresh/', { body: { refresh: huge } })).status).toBeGreaterThanOrEqual(400)
  expect((await call('POST', '/api/token/refresh/', { body: { refresh: huge } })).status).toBeLessThan(500)
  expect(await sessions()).toEqual([])
  await end()
})

test('a token that was blacklisted by its id is refused, before its first use and after', async () => {
  const { auth, issued, end } = await world()
  const [before, after] = [issued(), issued()]
  await auth.revoke({ jti: before.jti })
  expect(await said(auth, signed(before))).toBe('session_revoked')
  expect(await said(auth, signed(after))).toBe('good')
  await auth.revoke({ jti: after.jti })
  expect(await said(auth, signed(after))).toBe('session_revoked')
  await end()
})

test('two users never share a session, whatever their tokens are called', async () => {
  const { auth, django, sessions, end } = await world()
  const jti = 'c'.repeat(32)
  expect(await said(auth, django({ jti }))).toBe('good')
  expect(await said(auth, django({ jti, user_id: 2 }))).toBe('refresh_invalid')
  expect([await sessions('1'), await sessions('2')].map(({ length }) => length)).toEqual([1, 0])
  await end()
})

test('what ends here ends tokens of before, also those that a clock ahead of ours dated later', async () => {
  const { auth, clock, django, end } = await world()
  const [used, unused] = [django({ iat: clock.now + 4 }), django()]
  expect(await said(auth, used)).toBe('good')
  clock.now += 1
  await auth.revoke({ user: '1' })
  for (const token of [used, unused]) expect(await said(auth, token)).toBe('session_revoked')
  clock.now += 10
  expect(await said(auth, django())).toBe('good')
  await end()
})

test('a session that begins while those of its user are ended is dead on arrival, whatever its token is dated', async () => {
  let ending = async () => {}
  const { auth, clock, django, replica, end } = await world(
    memory,
    {},
    (name) => name === 'sessions.create' && ending(),
  )
  const other = replica()
  ending = async () => void (await other.revoke({ user: '1' }))
  expect(await said(auth, django({ iat: clock.now + 4 }))).toBe('session_revoked')
  await end()
})

test('a logout by the token ends it, before its first use too, and is told to nobody who asks with nonsense', async () => {
  const { auth, clock, django, sessions, end } = await world()
  const token = django()
  const adopted: unknown[] = []
  auth.events.on('session.adopted', ({ userId, sessionId }) => void adopted.push([userId, sessionId]))
  const session = await auth.tokens.sessionOf(token)
  expect(session).toMatchObject({ userId: '1', createdAt: clock.now, generation: 0 })
  expect(await auth.tokens.sessionOf(`${token}A`)).toBeUndefined()
  expect(await sessions()).toHaveLength(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(adopted).toEqual([['1', session?.id]])
  await end()
})

test('a moment of the switch that is none does not start', () => {
  const settings = [
    { issuedBefore: 'tomorrow' },
    { issuedBefore: '2027-01-31' },
    { issuedBefore: '2027-01-31T12:00:00' },
    { issuedBefore: Number.NaN },
    { issuedBefore: 1, issuedAfter: 2 },
    { before: 1 },
    null,
    'yes',
  ]
  for (const given of settings) {
    const start = () => simplejwt({ SIGNING_KEY, originalRefreshTokens: given as unknown as boolean })
    expect(start, JSON.stringify(given)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  }
})

test('of Django’s tokens those from before the switch go on, by the second', async () => {
  const { auth, clock, django, end } = await world(memory, { originalRefreshTokens: { issuedBefore: 1_700_000_100 } })
  clock.now = 1_700_000_099
  const before = django()
  clock.now++
  const after = django()
  expect([await said(auth, before), await said(auth, after)]).toEqual(['good', 'refresh_invalid'])
  await end()
})
