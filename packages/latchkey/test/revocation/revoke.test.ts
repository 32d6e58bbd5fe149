/** Promises of `auth.revoke`: whom it hits, whom it does not, and by when. */
import { describe, expect, test } from 'vitest'
import { signJws } from '../../src/jwt/jws.js'
import { cluster } from './cut-kit.js'

/** One process and alice, who is signed in. */
async function one(options = {}) {
  const { first, clock, user, login } = await cluster(options)
  return { ...first, clock, user, tokens: await login() }
}

const partOf = (token: string, at: number) =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString())
const claimsOf = (token: string) => partOf(token, 1)

describe('what is revoked is refused here at once, and nothing else is', () => {
  /** Alice twice and Bob once. */
  async function three() {
    const { first, user, login } = await cluster()
    const bob = await first.auth.users.create({ username: 'bob' })
    const one = await login()
    const two = await login()
    const other = await login(bob)
    const state = async (tokens: { access_token: string; refresh_token: string }) => {
      const me = await first.call('GET', '/auth/me', { token: tokens.access_token })
      const next = await first.call('POST', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } })
      return `${me.body.code ?? 'good'} ${next.body.code ?? 'good'}`
    }
    const states = async () => [await state(one), await state(two), await state(other)]
    return { ...first, user, login, one, state, states }
  }
  const out = 'token_revoked session_revoked'
  const fine = 'good good'

  test('a session', async () => {
    const { auth, one, states } = await three()
    await auth.revoke({ session: claimsOf(one.access_token).sid })
    expect(await states()).toEqual([out, fine, fine])
  })

  test('a user, who can log in again in the same second', async () => {
    const { auth, user, login, state, states } = await three()
    await auth.revoke({ user: user.id })
    expect(await states()).toEqual([out, out, fine])
    expect(await state(await login())).toBe(fine)
  })

  test('one access token, whose session goes on', async () => {
    const { auth, one, states } = await three()
    await auth.revoke({ jti: claimsOf(one.access_token).jti })
    expect(await states()).toEqual(['token_revoked good', fine, fine])
  })

  test('everyone, who can log in again in the same second', async () => {
    const { auth, login, state, states } = await three()
    await auth.revoke({ everyone: true })
    expect(await states()).toEqual([out, out, out])
    expect(await state(await login())).toBe(fine)
  })

  test('the permissions that tokens speak of: they are outdated, and nobody is logged out', async () => {
    const { auth, user, states } = await three()
    await auth.revoke({ permissions: user.id })
    expect(await states()).toEqual(['token_stale good', 'token_stale good', fine])
  })

  test('the key that signs: what it signed is dead, and every session goes on with the next key (case 236)', async () => {
    const { auth, one, call, states } = await three()
    const { kid } = partOf(one.access_token, 0)
    await auth.revoke({ key: kid })
    expect(await states()).toEqual(['token_invalid good', 'token_invalid good', 'token_invalid good'])
    const { keys } = (await call('GET', '/.well-known/jwks.json')).body
    expect(keys.map((key: { kid: string }) => key.kid)).not.toContain(kid)
    await expect(auth.revoke({ key: kid })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a key that does not sign: the others stay as they are', async () => {
    const { auth, states } = await three()
    const standby = (await auth.keys.list()).find(({ state }) => state === 'standby')
    const active = (await auth.keys.list()).find(({ state }) => state === 'active')
    await auth.revoke({ key: standby?.kid as string })
    expect(await states()).toEqual([fine, fine, fine])
    const after = await auth.keys.list()
    expect(after.find(({ state }) => state === 'active')?.kid).toBe(active?.kid)
    expect(after.map(({ kid }) => kid)).not.toContain(standby?.kid)
    expect(after.some(({ state }) => state === 'standby')).toBe(true)
  })

  test('the strictest wins, in whatever order', async () => {
    const { auth, user, one, states } = await three()
    await auth.revoke({ permissions: user.id })
    await auth.revoke({ session: claimsOf(one.access_token).sid })
    await auth.revoke({ permissions: user.id })
    expect(await states()).toEqual([out, 'token_stale good', fine])
  })
})

test('a key revoked elsewhere is dead here too, whatever stamp the thief signs, even if the ring cannot be read again', async () => {
  const { clock, first, process, login } = await cluster()
  const { line, verify } = process()
  const { access_token } = await login()
  expect(await verify(access_token)).toBe('good')
  const stolen = await first.auth.keys.signer()
  const forged = signJws({ typ: 'at+jwt' }, { ...claimsOf(access_token), rev: Number.MAX_SAFE_INTEGER }, stolen)
  expect(await verify(forged)).toBe('good')
  line.ringCut = true
  await first.auth.revoke({ key: stolen.kid as string })
  clock.now += 6
  expect(await verify(forged)).toBe('token_revoked')
  expect(await verify(access_token)).toBe('token_revoked')
  line.ringCut = false
  expect(await first.verify(forged)).toBe('token_invalid')
  expect(await verify((await login()).access_token)).toBe('good')
})

describe('effectiveBy is the second after the commit and the bound', () => {
  test.each([
    ['by default', {}, { everyone: true }, 6],
    ['with a bound of its own', { bound: '20s' }, { everyone: true }, 21],
    ['with deny', { whenStale: 'deny' }, { everyone: true }, 6],
    ['with allow, and the longest life of a token', { whenStale: 'allow' }, { everyone: true }, 306],
    ['with allow, for a key', { whenStale: 'allow' }, 'active', Number.POSITIVE_INFINITY],
  ] as const)('%s', async (_name, revocation, what, after) => {
    const { auth, clock } = await one({ revocation })
    const target = what === 'active' ? { key: (await auth.keys.signer()).kid as string } : what
    expect(await auth.revoke(target)).toEqual({ effectiveBy: clock.now + after })
  })

  test('also for a session that was over before', async () => {
    const { auth, clock, tokens } = await one()
    const session = claimsOf(tokens.access_token).sid
    await auth.revoke({ session })
    clock.now += 1
    expect(await auth.revoke({ session })).toEqual({ effectiveBy: clock.now + 6 })
  })
})

describe('a mistake ends nobody', () => {
  test.each([
    ['nothing', {}],
    ['no object', undefined],
    ['two at once', { user: 'u', session: 's' }],
    ['not quite everyone', { everyone: false }],
    ['everyone as text', { everyone: 'true' }],
    ['a user without an id', { user: undefined }],
    ['a user with an empty id', { user: '' }],
    ['a user who is a number', { user: 5 }],
    ['an unknown member', { users: 'u' }],
    ['a member of every object', { constructor: 'u' }],
  ])('%s', async (_name, what) => {
    const { auth, call, tokens } = await one()
    await expect(auth.revoke(what as never)).rejects.toMatchObject({ code: 'request_invalid' })
    expect((await call('GET', '/auth/me', { token: tokens.access_token })).status).toBe(200)
    expect(auth.health().revocation.known).toBe(0)
  })

  test('a session or a key that there is not', async () => {
    const { auth } = await one()
    for (const what of [{ session: 'x' }, { key: 'x' }]) {
      await expect(auth.revoke(what as never)).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  test('a key that is configured: it is replaced where it stands', async () => {
    const { auth } = await one({ algorithm: 'HS256', key: 'a-key-for-tests-only-0123456789-abcdefghijklmno' })
    await expect(auth.revoke({ key: 'k' })).rejects.toMatchObject({ code: 'options_invalid' })
  })
})

test('case 149: a revocation that the store did not take is an error', async () => {
  const { stores, process, user } = await cluster()
  const { auth } = process()
  await auth.ready()
  const append = stores.revocations.append
  Object.assign(stores.revocations, { append: () => Promise.reject(new Error('disk full')) })
  const failing = process()
  await expect(failing.auth.revoke({ user: user.id })).rejects.toThrow('disk full')
  Object.assign(stores.revocations, { append })
})

test('each of them is told as an event, without any token', async () => {
  const { auth, user, tokens } = await one()
  const told: object[] = []
  for (const name of ['session.revoked', 'token.revoked', 'key.revoked'] as const) {
    auth.events.on(name, (event) => void told.push({ name, ...event }))
  }
  const { sid, jti } = claimsOf(tokens.access_token)
  const { kid } = await auth.keys.signer()
  await auth.revoke({ jti })
  await auth.revoke({ session: sid })
  await auth.revoke({ user: user.id })
  await auth.revoke({ everyone: true })
  await auth.revoke({ key: kid as string })
  await expect
    .poll(() => told)
    .toEqual([
      { name: 'token.revoked', jti },
      { name: 'session.revoked', userId: user.id, sessionId: sid, because: 'revoked' },
      { name: 'session.revoked', userId: user.id, because: 'revoked' },
      { name: 'session.revoked', because: 'revoked', everyone: true },
      { name: 'key.revoked', kid },
    ])
})

test('a process that is asked to end what another has just ended knows it before it answers', async () => {
  const { first, process, login } = await cluster()
  const second = process()
  for (const again of ['logout', 'revoke'] as const) {
    const { access_token, refresh_token } = await login()
    expect(await second.verify(access_token)).toBe('good')
    await first.call('POST', '/auth/logout', { body: { refresh_token } })
    if (again === 'logout') await second.call('POST', '/auth/logout', { body: { refresh_token } })
    else await second.auth.revoke({ session: claimsOf(access_token).sid })
    expect(await second.verify(access_token)).toBe('token_revoked')
  }
})
