/** A store that fails: the answer is 503, nothing counts as used, and nothing is acknowledged that is not written (cases 145, 148, 149). */
import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import type { Stores } from '../../src/stores/port.js'
import { memory } from '../stores/kit.js'
import { replica, rotated, said, world } from './kit.js'

const UNAVAILABLE = [503, 'store_failed']

/** Alice over a store whose named method fails as often as `times` says. */
async function faulty() {
  const fault = { method: '', times: 0, error: new AuthError('store_failed') as Error }
  const alice = await world(await memory(), {}, (name) => {
    if (name !== fault.method || fault.times <= 0) return
    fault.times--
    throw fault.error
  })
  const fail = (method: string, times = 1, error: Error = new AuthError('store_failed')) =>
    void Object.assign(fault, { method, times, error })
  return { ...alice, fail, used: () => alice.refresh(alice.tokens.refresh_token) }
}

test.each(['sessions.find', 'users.findById', 'sessions.rotate'])(
  'a refresh during which %s fails is answered 503 and was no use: the retry works (case 148)',
  async (method) => {
    for (const error of [new AuthError('store_failed'), new Error('deadlock detected')]) {
      const alice = await faulty()
      alice.fail(method, 1, error)
      const failed = await alice.used()
      expect(said(failed)).toEqual(UNAVAILABLE)
      expect(failed.text).not.toContain('deadlock')
      // Long after the grace period: had it counted, this would be reuse.
      alice.clock.now += 3_600
      expect((await alice.used()).status).toBe(200)
      await alice.end()
    }
  },
)

test('a rotation whose commit was done and whose answer got lost gives the retry the same successor (case 145)', async () => {
  const store = await memory()
  const alice = await world(store)
  const rotate: Stores['sessions']['rotate'] = async (...given) => {
    await store.stores.sessions.rotate(...given)
    throw new AuthError('store_failed')
  }
  const broken = replica({ ...store.stores, sessions: { ...store.stores.sessions, rotate } }, store.clock)
  expect(said(await broken.refresh(alice.tokens.refresh_token))).toEqual(UNAVAILABLE)
  const next = await rotated(alice, alice.tokens.refresh_token)
  expect(await rotated(alice, alice.tokens.refresh_token)).toBe(next)
  expect(await rotated(alice, next)).not.toBe(next)
  await broken.auth.close()
  await alice.end()
})

test('a rotation that is lost again and again is answered 503, and is no reuse', async () => {
  const store = await memory()
  const alice = await world(store)
  const never = { ...store.stores, sessions: { ...store.stores.sessions, rotate: async () => false } }
  const unlucky = replica(never, store.clock)
  const answer = await unlucky.refresh(alice.tokens.refresh_token)
  expect([...said(answer), answer.headers.get('retry-after')]).toEqual([...UNAVAILABLE, '1'])
  expect((await alice.refresh(alice.tokens.refresh_token)).status).toBe(200)
  await unlucky.auth.close()
  await alice.end()
})

test('reuse that cannot be written is answered 503, and found by the next who presents it (case 149)', async () => {
  const alice = await faulty()
  const leaf = await rotated(alice, await rotated(alice, alice.tokens.refresh_token))
  alice.fail('revocations.append')
  expect(said(await alice.used())).toEqual(UNAVAILABLE)
  expect(said(await alice.used())).toEqual([401, 'refresh_reused'])
  expect(said(await alice.refresh(leaf))).toEqual([401, 'session_revoked'])
  await alice.end()
})

const acknowledgements = {
  logout: ['POST', '/auth/logout', 204],
  'logout everywhere': ['POST', '/auth/logout/everywhere', 204],
} as const

test.each(Object.entries(acknowledgements))(
  '%s that cannot be written is not acknowledged (case 149)',
  async (_name, [method, path, done]) => {
    for (const broken of ['revocations.append', ...(path === '/auth/logout' ? ['sessions.find'] : [])]) {
      const alice = await faulty()
      const { access_token, refresh_token } = alice.tokens
      alice.fail(broken)
      expect(said(await alice.call(method, path, { token: access_token }))).toEqual(UNAVAILABLE)
      expect((await alice.me(access_token)).status).toBe(200)
      expect((await alice.call(method, path, { token: access_token })).status).toBe(done)
      expect(said(await alice.me(access_token))).toEqual([401, 'token_revoked'])
      expect(said(await alice.refresh(refresh_token))).toEqual([401, 'session_revoked'])
      await alice.end()
    }
  },
)

test('a revocation by the application that cannot be written is thrown, not swallowed (case 149)', async () => {
  const alice = await faulty()
  const [session] = alice.tokens.refresh_token.split('.')
  for (const what of [{ session }, { user: alice.user.id }]) {
    alice.fail('revocations.append')
    await expect(alice.auth.revoke(what)).rejects.toMatchObject({ code: 'store_failed' })
  }
  alice.fail('revocations.append')
  await expect(alice.auth.users.disable(alice.user.id)).rejects.toMatchObject({ code: 'store_failed' })
  // It may be repeated, and then it holds.
  await alice.auth.users.disable(alice.user.id)
  expect(said(await alice.me(alice.tokens.access_token))).toEqual([401, 'token_revoked'])
  await alice.end()
})

test('a login whose session cannot be written is answered 503', async () => {
  for (const method of ['revocations.stamp', 'users.findByLogin', 'sessions.create']) {
    const alice = await faulty()
    alice.fail(method)
    const body = { username: 'alice', password: 'correct horse battery' }
    expect(said(await alice.call('POST', '/auth/login', { body }))).toEqual(UNAVAILABLE)
    expect((await alice.call('POST', '/auth/login', { body })).status).toBe(200)
    await alice.end()
  }
})
