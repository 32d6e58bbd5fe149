/** The guard that takes nobody's word for it: a read of the store for each request that asks. */
import { describe, expect, test } from 'vitest'
import { contextOfUser } from '../../src/guard/context.js'
import { allOf, anyOf, checkNow, type Guard, permission, signedIn } from '../../src/index.js'
import { cluster } from '../revocation/cut-kit.js'

const outcome = async (guard: Guard, auth: Parameters<Guard>[0]): Promise<string> => {
  try {
    await guard(auth)
    return 'passes'
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** Another process than the one that revokes, and alice's context there. */
async function elsewhere(options = {}) {
  const kit = await cluster(options)
  const other = kit.process()
  const tokens = await kit.login()
  const header = (name: string) => (name === 'authorization' ? `Bearer ${tokens.access_token}` : undefined)
  const context = async () => (await other.auth.authenticate({ method: 'GET', header })).context
  return { ...kit, other, tokens, context }
}

describe('checkNow', () => {
  test('refuses what another process revoked a moment ago, where the others still pass', async () => {
    const { first, user, context } = await elsewhere()
    const auth = await context()
    expect(await outcome(checkNow, auth)).toBe('passes')
    await first.auth.revoke({ user: user.id })
    expect(await outcome(signedIn, await context())).toBe('passes')
    expect(await outcome(allOf(signedIn, checkNow), auth)).toBe('token_revoked')
    expect(await context()).toBeUndefined()
  })

  test('tells of permissions that were taken a moment ago', async () => {
    const { first, user, context } = await elsewhere()
    const auth = await context()
    await first.auth.users.take(user.id, ['posts:read'])
    expect(await outcome(allOf(checkNow, permission('posts:read')), auth)).toBe('token_stale')
  })

  test('answers 503 without the store, whatever the policy, and anyOf does not get round that', async () => {
    const { other, context } = await elsewhere({ revocation: { whenStale: 'allow' } })
    const auth = await context()
    other.line.cut = true
    expect(await outcome(checkNow, auth)).toBe('store_failed')
    expect(await outcome(anyOf(checkNow, signedIn), auth)).toBe('store_failed')
    expect(await outcome(signedIn, auth)).toBe('passes')
  })

  test('is one read for all who ask at the same moment', async () => {
    const { other, context } = await elsewhere()
    const auth = await context()
    const { reads } = other.line
    await Promise.all(Array.from({ length: 1_000 }, () => checkNow(auth)))
    expect(other.line.reads - reads).toBeLessThanOrEqual(2)
  })

  test('refuses anonymous callers, and passes for those who gave a password with this request', async () => {
    expect(await outcome(checkNow, undefined)).toBe('credential_missing')
    expect(await outcome(checkNow, contextOfUser({ id: '1' }, 'basic'))).toBe('passes')
  })
})
