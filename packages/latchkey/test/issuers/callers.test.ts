/** Callers with a token of another issuer: what is revoked stays revoked for them as long as any token lives, and what they may ask of the endpoints. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkNow } from '../../src/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import { PASSWORD } from '../auth-kit.js'
import { mint, row, START, trusting } from './kit.js'

const DAY = 86_400
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  vi.restoreAllMocks()
})

function trust(...given: Parameters<typeof trusting>) {
  const kit = trusting(...given)
  closing.push(kit.auth.close)
  return kit
}

describe('what a token says of its beginning', () => {
  test.each([
    ['in fractions of a second', { iat: START - 0.25 }, undefined],
    ['before there were tokens', { iat: 0 }, 'token_invalid'],
    ['before there was time', { iat: -1e308 }, 'token_invalid'],
    ['a little before 1970', { iat: -5, exp: START + 300 }, 'token_invalid'],
    ['as text', { iat: `${START}` }, 'token_invalid'],
    ['beyond all numbers', { iat: 1e308 }, 'token_early'],
    ['nothing', { iat: undefined }, undefined],
    ['nothing, of a token that lives for years', { iat: undefined, exp: START + 3_650 * DAY }, 'token_invalid'],
  ])('%s', async (_, claims, code) => {
    expect((await trust([row()]).whoIs(await mint(claims))).code).toBe(code)
  })

  test.each([undefined, START - 0.25, START])('%s: the token is dead once all of its user’s are', async (iat) => {
    const { whoIs, auth, clock } = trust([row()])
    const token = await mint({ iat })
    const { context } = await whoIs(token)
    clock.now += 1
    await auth.revoke({ user: context?.userId as string })
    expect((await whoIs(token)).code).toBe('token_revoked')
  })
})

test.each(['30d', '90d'])(
  'a revocation outlives the longest token of a row (%s), also for who starts later',
  async (life) => {
    const time = { now: START }
    vi.spyOn(performance, 'now').mockImplementation(() => (time.now - START) * 1000)
    const days = Number.parseInt(life, 10)
    const database = memoryStores({ clock: () => time.now })
    const start = () => trust([row({ maxLifetime: life })], { database, clock: () => time.now })
    const { whoIs, auth } = start()
    const token = await mint({ exp: START + days * DAY })
    const { context } = await whoIs(token)
    time.now += 2
    await auth.revoke({ user: context?.userId as string })
    time.now = START + days * DAY + 29
    await auth.prune()
    expect((await whoIs(token)).code).toBe('token_revoked')
    expect((await start().whoIs(token)).code).toBe('token_revoked')
  },
)

test('`checkNow` asks the store about the user of another issuer too', async () => {
  const database = memoryStores({ clock: () => START })
  const [here, there] = [trust([row()], { database }), trust([row()], { database })]
  const { context } = await here.whoIs(await mint())
  await there.auth.ready()
  await there.auth.users.disable(context?.userId as string)
  await expect(checkNow(context)).rejects.toMatchObject({ code: 'user_inactive' })
})

describe('at the endpoints', () => {
  const mapped = row({ permissions: { claim: 'roles', values: { chief: ['posts:*'] } } })

  async function called() {
    const kit = trust([mapped])
    const alice = await kit.auth.users.create({ username: 'alice', password: PASSWORD, admin: true })
    const { access } = await kit.auth.tokens.issue(alice)
    const [session] = await kit.auth.sessions.list(alice.id)
    const token = await mint({
      preferred_username: 'alice',
      roles: ['chief', 'admin'],
      sid: session?.id,
      sub: alice.id,
    })
    return { ...kit, alice, access, session, token }
  }

  test('somebody else’s session is not there', async () => {
    const { call, session, token, access } = await called()
    expect((await call('GET', '/auth/sessions', { token })).body.sessions).toEqual([])
    expect((await call('DELETE', `/auth/sessions/${session?.id}`, { token })).status).toBe(404)
    await call('POST', '/auth/logout', { token, body: {} })
    await call('POST', '/auth/logout-all', { token }).catch(() => {})
    expect((await call('GET', '/auth/me', { token: access })).status).toBe(200)
  })

  test('a password cannot be changed by who has none, whatever they take it for', async () => {
    const { call, token, auth, alice } = await called()
    for (const current_password of [PASSWORD, '', 'x'.repeat(12)]) {
      const body = { current_password, new_password: 'another good password' }
      expect((await call('POST', '/auth/password', { token, body })).status).toBe(current_password === '' ? 422 : 404)
    }
    expect(await auth.users.byId(alice.id)).toMatchObject({ admin: true })
    expect((await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })).status).toBe(200)
  })

  test('a token of another issuer renews nothing', async () => {
    const { call, token } = await called()
    const { status, body } = await call('POST', '/auth/refresh', { body: { refresh_token: token } })
    expect([status, body.code]).toEqual([401, 'refresh_invalid'])
  })

  test('a permission that its row lists is that permission and no other', async () => {
    const { whoIs, token } = await called()
    const { context } = await whoIs(token)
    expect([await context?.can('posts:write'), await context?.can('sessions:read')]).toEqual([true, false])
  })
})
