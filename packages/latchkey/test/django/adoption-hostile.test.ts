/** Tokens of Django that are not to be let in, what ends those that are, and the moment of the switch. */
import { describe, expect, test } from 'vitest'
import { simplejwt } from '../../src/presets/index.js'
import { caller } from '../auth-kit.js'
import { memory } from '../stores/kit.js'
import { DAY, type Settings, said, world } from './adoption-kit.js'
import { claimsOf, SIGNING_KEY, signed } from './kit.js'

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

test.each([['sub'], ['uid']])('a user’s id is a number in the claim %s too, as Django wrote it', async (claim) => {
  const { auth, clock, django, issued, end } = await world(memory, { USER_ID_CLAIM: claim })
  const named = { user_id: undefined, [claim]: 1 }
  expect((await auth.tokens.refresh(django(named))).user.id).toBe('1')
  const access = signed({ ...issued({ ...named, token_type: 'access' }), exp: clock.now + 300 })
  expect((await auth.tokens.verify(access)).subject).toBe('1')
  for (const odd of [1.5, 2 ** 53, -0.5, [1], { id: 1 }, true, null])
    expect(await said(auth, django({ ...named, [claim]: odd })), JSON.stringify(odd)).toBe('refresh_invalid')
  await end()
})

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

describe('sliding tokens', () => {
  const SLIDING = { AUTH_TOKEN_CLASSES: ['AccessToken', 'SlidingToken'], SLIDING_TOKEN_REFRESH_LIFETIME: '1d' }
  /** As Django makes them: they open views for minutes, and renew themselves for a day. */
  const slidingWorld = async (settings: Settings = {}) => {
    const made = await world(memory, { ...SLIDING, ...settings })
    const { clock, django } = made
    const sliding = (more: object = {}) =>
      django({ token_type: 'sliding', exp: clock.now + 300, refresh_exp: clock.now + DAY, ...more })
    const call = caller(made.auth)
    const renew = async (token: string) => {
      const { status, body } = await call('POST', '/api/sliding/refresh/', { body: { token } })
      return status === 200 ? (body.token as string) : (body.detail as string)
    }
    return { ...made, sliding, renew }
  }

  test('one of Django renews itself as one session, no longer than it said, and not once that has ended', async () => {
    const { auth, clock, sliding, renew, sessions, end } = await slidingWorld()
    const [token, other] = [sliding(), sliding()]
    const answers = await Promise.all(Array.from({ length: 20 }, () => renew(token)))
    const [next] = answers as [string]
    expect(claimsOf(next)).toMatchObject({ token_type: 'sliding', refresh_exp: clock.now + DAY, user_id: 1 })
    const [session, ...more] = await sessions()
    expect([session?.expiresAt, more]).toEqual([clock.now + DAY, []])
    expect(claimsOf(await renew(next)).refresh_exp).toBe(clock.now + DAY)
    await auth.revoke({ session: session?.id ?? '' })
    for (const dead of [token, next]) expect(await renew(dead)).toBe('Token is blacklisted')
    expect(claimsOf(await renew(other)).refresh_exp).toBe(clock.now + DAY)
    await end()
  })

  test('one that is over, was ended, says too much or is of somebody who may not come in renews nothing', async () => {
    const { auth, clock, sliding, renew, issued, sessions, end } = await slidingWorld()
    const { jti } = issued()
    await auth.revoke({ jti })
    const ended = 'Token is blacklisted'
    const none = 'Token is invalid or expired'
    for (const [more, detail] of [
      [{ jti }, ended],
      [{ exp: clock.now }, none],
      [{ refresh_exp: clock.now }, "Token 'refresh_exp' claim has expired"],
      [{ refresh_exp: clock.now + DAY + 1 }, none],
      [{ refresh_exp: undefined }, "Token has no 'refresh_exp' claim"],
      [{ iat: undefined }, none],
      [{ user_id: 99 }, 'No active account found for the given token.'],
      [{ token_type: 'access' }, 'Token has wrong type'],
    ] as const) {
      expect(await renew(sliding(more)), JSON.stringify(more)).toBe(detail)
    }
    expect(await sessions()).toEqual([])
    await auth.revoke({ user: '1' })
    expect(await renew(sliding({ iat: clock.now - 1 }))).toBe(ended)
    await end()
  })

  test('where none of Django’s tokens go on, they renew nothing', async () => {
    const { sliding, renew, end } = await slidingWorld({ originalRefreshTokens: false })
    expect(await renew(sliding())).toBe('Token is invalid or expired')
    await end()
  })
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
