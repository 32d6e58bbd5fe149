/** Logout at the issuer reaches the services that take its tokens: within the bound, over real sockets, with the promises of every feed. */
import { afterEach, describe, expect, test } from 'vitest'
import { checkNow, type RemoteAuth, type RemoteAuthOptions, remoteAuth } from '../../src/index.js'
import { whoIs } from '../issuers/kit.js'
import { API, served } from './kit.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Revocations = NonNullable<RemoteAuthOptions['revocations']>

/** An issuer and a service that hears of its revocations; `service.now` is its clock. */
async function pair(revocations: Partial<Revocations> = {}, more: Partial<RemoteAuthOptions> = {}) {
  const issuer = await served()
  const token = await issuer.reader()
  closing.push(issuer.stop)
  const service = serviceOf(issuer.url, { token, ...revocations }, more)
  return { issuer, token, ...service }
}

function serviceOf(url: string, revocations: Revocations, more: Partial<RemoteAuthOptions> = {}) {
  const clock = { ahead: 0 }
  const auth: RemoteAuth = remoteAuth(url, {
    audience: API,
    development: true,
    revocations,
    clock: () => Math.floor(Date.now() / 1000) + clock.ahead,
    ...more,
  })
  closing.push(() => auth.close())
  const events: string[] = []
  auth.events.on('revocation.stalled', () => void events.push('stalled'))
  auth.events.on('revocation.resumed', () => void events.push('resumed'))
  return { auth, clock, events, who: whoIs(auth as never) }
}

const isRefused = async (who: ReturnType<typeof whoIs>, token: string) => (await who(token)).code ?? 'good'

describe('a logout at the issuer', () => {
  test.each([
    ['with push, at once: nothing is polled', { bound: '300s', poll: '299s' }, false, 2_000],
    ['with polling alone, within the bound', { bound: '5s', poll: '1s' }, true, 5_000],
  ])('is refused at the service %s', async (_name, timing, noStream, bound) => {
    const { issuer, auth, who } = await pair(timing)
    issuer.line.noStream = noStream
    await auth.ready()
    await expect.poll(() => issuer.line.requests.some((one) => one.includes('/stream')), { timeout: 5_000 }).toBe(true)
    const [gone, stays] = [(await issuer.login()).access_token, (await issuer.login()).access_token]
    expect([await isRefused(who, gone), await isRefused(who, stays)]).toEqual(['good', 'good'])
    await issuer.call('POST', '/auth/logout', { token: gone })
    const start = performance.now()
    await expect.poll(() => isRefused(who, gone), { timeout: bound, interval: 5 }).toBe('token_revoked')
    expect(performance.now() - start).toBeLessThan(bound)
    expect(await isRefused(who, stays)).toBe('good')
  })

  test('is not known to a service that does not hear of it: this is what the tests above would see', async () => {
    const { issuer } = await pair()
    const deaf = remoteAuth(issuer.url, { audience: API, development: true })
    closing.push(() => deaf.close())
    const { access_token } = await issuer.login()
    await issuer.call('POST', '/auth/logout', { token: access_token })
    expect(await isRefused(whoIs(deaf as never), access_token)).toBe('good')
    expect(deaf.health()).toEqual({})
  })

  test('that was before the service started is refused by its first request', async () => {
    const { issuer, who } = await pair()
    const { access_token } = await issuer.login()
    await issuer.call('POST', '/auth/logout', { token: access_token })
    expect(await isRefused(who, access_token)).toBe('token_revoked')
  })

  test('is refused at once where a guard asks for it', async () => {
    const { issuer, auth, who } = await pair({ bound: '300s', poll: '299s' })
    issuer.line.noStream = true
    await auth.ready()
    const { access_token } = await issuer.login()
    const { context } = await who(access_token)
    await checkNow(context)
    await issuer.call('POST', '/auth/logout', { token: access_token })
    await expect(checkNow(context)).rejects.toMatchObject({ code: 'token_revoked' })
  })
})

test('whatever ends tokens there ends them here: users, tokens, everybody; and permissions make them stale', async () => {
  const { issuer, who } = await pair({ bound: '2s', poll: '1s' })
  const { auth, user } = issuer
  const ends: [string, () => Promise<unknown>, string][] = [
    ['permissions', () => auth.users.grant(user.id, ['more:read']), 'token_stale'],
    ['a user', () => auth.revoke({ user: user.id }), 'token_revoked'],
    ['everybody', () => auth.revoke({ everyone: true }), 'token_revoked'],
  ]
  for (const [name, end, code] of ends) {
    const { access_token } = await issuer.login()
    expect([name, await isRefused(who, access_token)]).toEqual([name, 'good'])
    await end()
    await expect.poll(() => isRefused(who, access_token), { timeout: 5_000 }).toBe(code)
  }
})

describe('an issuer that cannot be asked', () => {
  test.each([
    ['ask-store', 'store_failed'],
    ['deny', 'store_failed'],
    ['allow', 'good'],
  ] as const)('past the bound means what %s says, and is told', async (whenStale, code) => {
    const { issuer, auth, clock, events, who } = await pair({ whenStale })
    await auth.ready()
    const { access_token } = await issuer.login()
    expect(await isRefused(who, access_token)).toBe('good')
    expect(auth.health().revocation).toMatchObject({ fresh: true })
    issuer.cut()
    // Within the bound what is known counts.
    expect(await isRefused(who, access_token)).toBe('good')
    clock.ahead = 6
    expect(await isRefused(who, access_token)).toBe(code)
    expect(auth.health().revocation).toMatchObject({ fresh: false })
    await expect.poll(() => events).toEqual(['stalled'])
    issuer.mended()
    await expect.poll(() => isRefused(who, access_token), { timeout: 5_000 }).toBe('good')
    await expect.poll(() => events, { timeout: 5_000 }).toEqual(['stalled', 'resumed'])
  })

  test.each([
    ['ask-store', 503],
    ['deny', 503],
    ['allow', undefined],
  ] as const)('at the start lets nobody in unless told to: %s', async (whenStale, status) => {
    const issuer = await served()
    closing.push(issuer.stop)
    const { access_token } = await issuer.login()
    const { keys } = (await issuer.call('GET', '/.well-known/jwks.json')).body
    issuer.cut()
    const token = await issuer.reader()
    const { auth, who } = serviceOf(
      issuer.url,
      { token, whenStale },
      { keys: { jwks: { keys } }, algorithms: ['ES256'] },
    )
    const { failure, context } = await who(access_token)
    expect([failure?.status, context === undefined]).toEqual([status, status !== undefined])
    if (status) expect(auth.reject(failure).headers['retry-after']).toBe('1')
    if (status) await expect(auth.ready()).rejects.toMatchObject({ code: 'store_failed' })
    else await auth.ready()
    await issuer.call('POST', '/auth/logout', { token: access_token })
    issuer.mended()
    // Nobody has to start anything again.
    await expect.poll(() => isRefused(who, access_token), { timeout: 5_000 }).toBe('token_revoked')
  })
})

test('a token that may not read is told to operators, and lets nobody in', async () => {
  const issuer = await served()
  closing.push(issuer.stop)
  const { access_token } = await issuer.login()
  const told: string[] = []
  const logger = { error: ({ err }: { err?: { hint?: string } }) => void told.push(err?.hint ?? ''), warn: () => {} }
  const { who } = serviceOf(issuer.url, { token: access_token }, { logger: logger as never })
  expect(await isRefused(who, access_token)).toBe('store_failed')
  expect(told[0]).toContain('the answer has status 403')
  expect(told.join()).not.toContain(access_token)
})

test('a token that changes is asked for each time', async () => {
  let asked = 0
  const { issuer, token, auth } = await pair()
  await auth.close()
  const fresh = serviceOf(issuer.url, {
    token: async () => {
      asked++
      return token
    },
  })
  await fresh.auth.ready()
  expect(asked).toBeGreaterThan(0)
  expect(await isRefused(fresh.who, (await issuer.login()).access_token)).toBe('good')
})

test('an auth that is closed asks no more, and keeps no connection', async () => {
  const { issuer, auth } = await pair()
  await auth.ready()
  await auth.close()
  // What was sent before the end still arrives.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const before = issuer.line.requests.length
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(issuer.line.requests.length).toBe(before)
})

test.each<[string, object]>([
  ['no token', {}],
  ['a token with a line break', { token: 'lk_\nx' }],
  ['an option that is none', { token: 'lk_x', stream: false }],
  ['no URL', { token: 'lk_x', url: 'revocations' }],
  ['a bound below the least', { token: 'lk_x', bound: '1s' }],
  ['http in production', { token: 'lk_x', url: 'http://login.example.com/auth/revocations' }],
])('revocations with %s do not start', (_name, revocations) => {
  const options = { audience: API, development: false, revocations: revocations as never }
  expect(() => remoteAuth('https://login.example.com', options)).toThrow(
    expect.objectContaining({ code: 'options_invalid', hint: expect.stringMatching(/^revocations/) }),
  )
})
