/** Promises of a process that does not hear of revocations: by when it knows that, and what it answers then. */
import { describe, expect, test } from 'vitest'
import { cluster } from './cut-kit.js'

test('a process that was stopped for a minute refuses at its first request what was revoked meanwhile', async () => {
  const { clock, login, first, process } = await cluster()
  const stopped = process()
  const { access_token, refresh_token } = await login()
  expect(await stopped.verify(access_token)).toBe('good')
  await first.call('POST', '/auth/logout', { body: { refresh_token } })
  // It was told nothing, and its timers stood still.
  expect(await stopped.verify(access_token)).toBe('good')
  clock.now += 60
  expect(await stopped.verify(access_token)).toBe('token_revoked')
  expect(await stopped.verify((await login()).access_token)).toBe('good')
})

describe('cut off from the store, past the bound,', () => {
  test.each([
    ['ask-store', 'store_failed'],
    ['deny', 'store_failed'],
    ['allow', 'good'],
  ] as const)('%s answers a good token %s', async (whenStale, expected) => {
    const { clock, login, process } = await cluster()
    const { auth, line, verify } = process({ revocation: { whenStale } })
    const { access_token } = await login()
    expect(await verify(access_token)).toBe('good')
    line.cut = true
    clock.now += 5
    expect(await verify(access_token)).toBe('good')
    clock.now += 1
    expect(await verify(access_token)).toBe(expected)
    expect(auth.health().revocation).toMatchObject({ fresh: false, lagSeconds: 6 })
    line.cut = false
  })

  test('what is known to be bad is refused for what it is, without asking anybody', async () => {
    const { clock, login, process, first } = await cluster()
    const { auth, line, verify } = process()
    const { access_token, refresh_token } = await login()
    await first.call('POST', '/auth/logout', { body: { refresh_token } })
    await auth.ready()
    line.cut = true
    clock.now += 60
    const { reads } = line
    expect(await verify(access_token)).toBe('token_revoked')
    expect(await verify('x')).toBe('token_invalid')
    expect(line.reads).toBe(reads)
  })

  test('a bound of its own counts, and so does the answer of an endpoint: 503 with Retry-After', async () => {
    const { clock, login, process } = await cluster()
    const { line, call } = process({ revocation: { bound: '30s', poll: '10s', whenStale: 'deny' } })
    const { access_token } = await login()
    expect((await call('GET', '/auth/me', { token: access_token })).status).toBe(200)
    line.cut = true
    clock.now += 30
    expect((await call('GET', '/auth/me', { token: access_token })).status).toBe(200)
    clock.now += 1
    const refused = await call('GET', '/auth/me', { token: access_token })
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'store_failed', '1'])
  })

  test('it is told, and told again when the store is back', async () => {
    const { clock, login, process } = await cluster()
    const { line, verify, events } = process()
    const { access_token } = await login()
    await verify(access_token)
    line.cut = true
    clock.now += 6
    expect(await verify(access_token)).toBe('store_failed')
    line.cut = false
    // Asked in the quarter of a second after a failure, it would not have tried.
    await expect.poll(() => verify(access_token)).toBe('good')
    await expect.poll(() => events).toEqual(['stalled', 'resumed'])
  })
})

test('30,000 requests at the moment when the bound is passed read the log twice', async () => {
  const { clock, login, process } = await cluster()
  const { auth, line } = process()
  const { access_token } = await login()
  const head = {
    method: 'GET',
    header: (name: string) => (name === 'authorization' ? `Bearer ${access_token}` : undefined),
  }
  await auth.ready()
  clock.now += 60
  const before = line.reads
  const answers = await Promise.all(Array.from({ length: 30_000 }, () => auth.authenticate(head)))
  expect(answers.every(({ context }) => context !== undefined)).toBe(true)
  expect(line.reads - before).toBeLessThanOrEqual(2)
})

test('health tells how far behind a process is', async () => {
  const { clock, first } = await cluster()
  expect(first.auth.health()).toEqual({ revocation: { lagSeconds: expect.any(Number), fresh: true, known: 0 } })
  clock.now += 3
  expect(first.auth.health().revocation.lagSeconds).toBe(3)
})
