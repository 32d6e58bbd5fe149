/** CHECK_REVOKE_TOKEN: what the simplejwt preset promises of passwords that change. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import { simplejwt } from '../../src/presets/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import { headOf } from '../../src/transport/head.js'
import { caller, SECRET } from '../auth-kit.js'
import { ALONE, CREDENTIALS, claimsOf, conversation, foreign, RECORDED_AT, SIGNING_KEY } from './simplejwt-kit.js'

test('with CHECK_REVOKE_TOKEN a password that changed is the reason, at views and at a refresh', async () => {
  const { auth, obtain, view, refresh } = await conversation({ CHECK_REVOKE_TOKEN: true, version: '5.5' })
  const { access, refresh: old } = await obtain()
  for (const token of [access, old]) expect(claimsOf(token).hash_password).toMatch(/^[0-9A-F]{32}$/)
  expect((await view(access)).status).toBe(200)
  await auth.users.setPassword('1', 'another good password')
  const detail = "The user's password has been changed."
  expect(await view(access)).toMatchObject({ status: 401, body: { detail, code: 'password_changed' } })
  expect(await refresh(old)).toEqual(expect.objectContaining({ status: 401, body: { detail } }))
})

test('with CHECK_REVOKE_TOKEN a sliding token tells it, too, and a hash of another form is no other password', async () => {
  const { auth, slide, slideOn } = await conversation({ ...ALONE, CHECK_REVOKE_TOKEN: true })
  const token = await slide()
  expect((await slideOn(token)).status).toBe(200)
  await auth.users.setPassword('1', 'another good password')
  expect((await slideOn(token)).body).toEqual({ detail: "The user's password has been changed." })
  const stores = memoryStores({ clock: () => RECORDED_AT })
  const preset = simplejwt({ SIGNING_KEY, CHECK_REVOKE_TOKEN: true })
  const again = createAuth({ database: stores, secret: SECRET, clock: () => RECORDED_AT, preset })
  const user = await again.users.create({ id: '1', ...CREDENTIALS })
  const pair = await again.tokens.issue(user)
  const found = await stores.users.findByLogin('alice')
  await stores.users.setPasswordHash('1', `${found?.passwordHash}x`, found?.passwordHash ?? null)
  const headers = { authorization: `Bearer ${pair.access}` }
  expect((await again.authenticate(headOf(new Request('http://localhost/', { headers })))).context).toBeDefined()
  expect((await caller(again)('POST', '/api/token/refresh/', { body: { refresh: pair.refresh } })).status).toBe(200)
})

test('the fingerprint in a token is no digest that strangers can compute; that of Django is understood', async () => {
  const stores = memoryStores({ clock: () => RECORDED_AT })
  const preset = simplejwt({ SIGNING_KEY, CHECK_REVOKE_TOKEN: true })
  const auth = createAuth({ database: stores, secret: SECRET, clock: () => RECORDED_AT, preset })
  await auth.users.create({ id: '1', ...CREDENTIALS })
  const hash = (await stores.users.findByLogin('alice'))?.passwordHash ?? ''
  const hash_password = createHash('md5').update(hash).digest('hex').toUpperCase()
  const user = await auth.users.byId('1')
  const { access } = await auth.tokens.issue(user as NonNullable<typeof user>)
  expect(claimsOf(access).hash_password).not.toBe(hash_password)
  const failure = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    const found = await auth.authenticate(headOf(new Request('http://localhost/', { headers })))
    return found.failure?.code
  }
  expect(await failure(foreign({ token_type: 'access', hash_password }))).toBeUndefined()
  expect(await failure(foreign({ token_type: 'access', hash_password: '0'.repeat(32) }))).toBe('token_revoked')
  expect(await failure(foreign({ token_type: 'access' }))).toBe('token_revoked')
})

test('a new signing key is no other password', async () => {
  const database = memoryStores({ clock: () => RECORDED_AT })
  const started = (key: readonly string[]) =>
    createAuth({
      database,
      secret: SECRET,
      clock: () => RECORDED_AT,
      preset: simplejwt({ SIGNING_KEY: key, CHECK_REVOKE_TOKEN: true, USER_AUTHENTICATION_RULE: () => true }),
    })
  const before = started([SIGNING_KEY])
  const { access } = await before.tokens.issue(await before.users.create({ id: '1', ...CREDENTIALS }))
  const { sid: _, ...claims } = claimsOf(access)
  const after = started(['the-next-key-of-an-application-from-django', SIGNING_KEY])
  const failure = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    return (await after.authenticate(headOf(new Request('http://localhost/', { headers })))).failure?.code
  }
  expect(await failure(foreign(claims))).toBeUndefined()
  expect(await failure(foreign({ ...claims, hash_password: undefined }))).toBe('token_revoked')
})
