/** djwto's ways beyond its recordings: settings, hooks, the third mode, and that its faults stay mended. */
import { createHmac } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { ALICE, BASE, claimsOf, client, error } from './djwto-client.js'
import { SIGNING_KEY } from './djwto-kit.js'

describe('the claims', () => {
  test('with the e-mail hook of the seed, an access token has its keys and `sid`', async () => {
    const one = await client({
      process_user: ({ username, email, id }, perms) => ({ username, email, id: Number(id), perms }),
    })
    const { access, refresh } = await one.logIn()
    const claims = claimsOf(access)
    const keys = ['iss', 'sub', 'aud', 'iat', 'exp', 'jti', 'type', 'user', 'refresh_iat']
    expect(Object.keys(claims)).toEqual([...keys, 'sid'])
    expect(claims.user).toEqual({ email: 'alice@djwto.com', id: 1, perms: [], username: 'alice' })
    expect(claims.jti).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(claimsOf(refresh)).toMatchObject({ jti: claims.jti, iat: claims.refresh_iat, type: 'refresh' })
    expect(claimsOf(refresh).exp - claimsOf(refresh).iat).toBe(86_400)
  })

  test('what a hook says changes neither the name nor the id, and none of our own claims', async () => {
    const one = await client({
      process_user: () => ({ id: 2, username: '', nick: 'al' }),
      process_claims: () => ({ tenant: 'blue', exp: 9e9, sub: 'root', type: 'refresh' }),
    })
    const { access, refresh } = await one.logIn()
    expect(claimsOf(access)).toMatchObject({ tenant: 'blue', sub: 'sub', type: 'access', user: { id: 1, nick: 'al' } })
    expect(claimsOf(refresh)).toMatchObject({ tenant: 'blue', sub: 'sub', type: 'refresh' })
    expect(claimsOf(access).exp).toBe(one.clock.now + 300)
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ status: 200 })
  })

  test('settings leave claims out and put others in', async () => {
    const one = await client({
      ...{ DJWTO_ISS_CLAIM: null, DJWTO_SUB_CLAIM: null, DJWTO_AUD_CLAIM: ['a'], DJWTO_IAT_CLAIM: false },
      ...{ DJWTO_JTI_CLAIM: false, DJWTO_NBF_LIFETIME: 10, DJWTO_ACCESS_TOKEN_LIFETIME: null },
    })
    const { access, refresh } = await one.logIn()
    expect(Object.keys(claimsOf(access))).toEqual(['aud', 'exp', 'nbf', 'type', 'user', 'sid'])
    expect(claimsOf(access)).toMatchObject({ aud: ['a'], nbf: one.clock.now + 10, exp: claimsOf(refresh).exp })
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({
      status: 403,
      text: error('The token is not yet valid (nbf)'),
    })
    one.clock.now += 10
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ status: 200, text: 'worked!' })
  })

  test('a token with an audience is refused where there is none', async () => {
    const one = await client({ DJWTO_AUD_CLAIM: null })
    const { access } = await one.logIn()
    one.headers.authorization = `Bearer ${signed({ ...claimsOf(access), aud: 'other', sid: undefined })}`
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ status: 403, text: error('Invalid audience') })
  })

  test('an access token that the original signed is good, and its refresh token begins no session', async () => {
    const one = await client()
    const { access, refresh } = await one.logIn()
    one.headers.authorization = `Bearer ${signed({ ...claimsOf(access), sid: undefined })}`
    expect(await one.ask('GET', '/testapp/protect/')).toMatchObject({ status: 200 })
    one.headers.authorization = `Bearer ${signed({ ...claimsOf(refresh), sid: undefined })}`
    expect(await one.ask('POST', `${BASE}/refresh_access/`)).toMatchObject({ status: 403 })
  })
})

function signed(claims: object): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${parts.join('.')}.${createHmac('sha256', SIGNING_KEY).update(parts.join('.')).digest('base64url')}`
}

describe('the mode JSON', () => {
  test('`update_refresh/` is good until the session is a month old, and one refresh token is good at a time (faults 21, 49)', async () => {
    const one = await client()
    const { refresh } = await one.logIn()
    one.headers.authorization = `Bearer ${refresh}`
    const next = JSON.parse((await one.ask('POST', `${BASE}/update_refresh/`)).text)
    expect(claimsOf(next.refresh).jti).toBe(claimsOf(refresh).jti)
    one.clock.now += 11
    expect(await one.ask('POST', `${BASE}/refresh_access/`)).toMatchObject({
      text: error("Can't update access token."),
    })
    one.headers.authorization = `Bearer ${next.refresh}`
    expect(await one.ask('POST', `${BASE}/refresh_access/`)).toMatchObject({
      text: error("Can't update access token."),
    })

    one.headers.authorization = ''
    one.headers.authorization = `Bearer ${JSON.parse((await one.ask('POST', '/login/', ALICE)).text).refresh}`
    const end = one.clock.now + 30 * 86_400
    for (let day = 0; day < 29; day++) {
      one.clock.now += 86_000
      const renewed = JSON.parse((await one.ask('POST', `${BASE}/update_refresh/`)).text)
      one.headers.authorization = `Bearer ${renewed.refresh}`
    }
    expect(claimsOf(one.headers.authorization).exp).toBeLessThanOrEqual(end)
    one.clock.now = end
    expect((await one.ask('POST', `${BASE}/update_refresh/`)).status).toBe(403)
  })

  test('`refresh_access/` keeps the refresh token, and does not make it live longer', async () => {
    const one = await client()
    const { refresh } = await one.logIn()
    one.headers.authorization = `Bearer ${refresh}`
    for (const wait of [0, 40_000, 46_399]) {
      one.clock.now += wait
      const answer = JSON.parse((await one.ask('POST', `${BASE}/refresh_access/`)).text)
      expect(answer.refresh).toBe(refresh)
      expect(claimsOf(answer.access)).toMatchObject({ iat: one.clock.now, refresh_iat: claimsOf(refresh).iat })
    }
    one.clock.now += 1
    expect(await one.ask('POST', `${BASE}/refresh_access/`)).toMatchObject({ text: error('Signature has expired') })
  })

  test('a refresh token that says itself that it is over buys nothing, also where its session goes on', async () => {
    const one = await client()
    const { refresh } = await one.logIn()
    const session = claimsOf(refresh).sid.split('.')[0]
    one.clock.now += 86_399
    const { tokens } = await one.auth.tokens.reissue(session)
    expect(tokens.refresh).toBe(refresh)
    one.clock.now += 1
    await expect(one.auth.tokens.refresh(refresh)).rejects.toMatchObject({ code: 'refresh_expired' })
    expect((await one.auth.sessions.list('1'))[0]?.lastSeenAt).toBe(one.clock.now - 1)
  })

  test('without updates the address is not there, and the refresh token stays one', async () => {
    const one = await client({ DJWTO_ALLOW_REFRESH_UPDATE: false })
    const { refresh } = await one.logIn()
    one.headers.authorization = `Bearer ${refresh}`
    expect((await one.ask('POST', `${BASE}/update_refresh/`)).status).toBe(404)
    expect(JSON.parse((await one.ask('POST', `${BASE}/refresh_access/`)).text).refresh).toBe(refresh)
  })

  test('permissions are those of the moment, and tokens with others are refused (fault 51)', async () => {
    const one = await client()
    const { refresh } = await one.logIn()
    expect(await one.ask('GET', '/testapp/perms_protect/')).toMatchObject({
      text: error('Invalid permissions for jwt token.'),
    })
    await one.auth.users.grant('1', ['perm1', 'perm2'])
    expect(await one.ask('GET', '/testapp/perms_protect/')).toMatchObject({ text: error('Signature has expired') })
    one.headers.authorization = `Bearer ${refresh}`
    const { access } = JSON.parse((await one.ask('POST', `${BASE}/refresh_access/`)).text)
    expect(claimsOf(access).user.perms).toEqual(['perm1', 'perm2'])
    one.headers.authorization = `Bearer ${access}`
    expect(await one.ask('GET', '/testapp/perms_protect/')).toMatchObject({ status: 200, text: 'perms also worked!' })
  })

  test('what `process_perms` says is what the user may do', async () => {
    const one = await client({ process_perms: () => ['perm1'] })
    await one.logIn()
    expect(await one.ask('GET', '/testapp/perms_protect/')).toMatchObject({ status: 200 })
  })

  test('a trailing slash more or less is the same address', async () => {
    const one = await client()
    await one.logIn()
    expect(await one.ask('POST', '/validate_access')).toMatchObject({ text: '{"msg": "Token is valid"}' })
  })

  test('two logouts at once end in no crash, and nothing is refreshed after either', async () => {
    const one = await client()
    const { refresh } = await one.logIn()
    one.headers.authorization = `Bearer ${refresh}`
    const all = await Promise.all([1, 2, 3].map(() => one.ask('POST', `${BASE}/logout/`)))
    expect(all.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual([])
    expect(all.map(({ status }) => status)).toContain(200)
    expect((await one.ask('POST', `${BASE}/refresh_access/`)).status).toBe(403)
  })

  test('what happens is told as events, in place of the signals', async () => {
    const one = await client()
    const seen: string[] = []
    for (const name of ['login.succeeded', 'login.failed', 'session.refreshed', 'session.revoked'] as const)
      one.auth.events.on(name, () => void seen.push(name))
    one.auth.events.on('token.rejected', () => void seen.push('token.rejected'))
    await one.ask('POST', '/login/', { ...ALICE, password: 'x' })
    const { refresh } = await one.logIn()
    one.headers.authorization = `Bearer ${refresh}`
    for (const path of ['refresh_access/', 'update_refresh/', 'logout/']) await one.ask('POST', `${BASE}/${path}`)
    await vi.waitFor(() => expect(seen).toHaveLength(5))
    expect(seen).toEqual([
      'login.failed',
      'login.succeeded',
      'session.refreshed',
      'session.refreshed',
      'session.revoked',
    ])
  })

  test('a token that was validated is told as an event, in place of jwt_token_validated', async () => {
    const one = await client()
    const seen: unknown[] = []
    one.auth.events.on('token.verified', ({ claims }) => void seen.push(claims?.type))
    const { access } = await one.logIn()
    one.headers.authorization = `Bearer ${access}`
    await one.ask('POST', '/validate_access/')
    one.headers.authorization = 'Bearer junk'
    await one.ask('POST', '/validate_access/')
    await vi.waitFor(() => expect(seen).toEqual(['access']))
  })

  test('a login that the form refuses is told by field', async () => {
    const one = await client()
    const form = async (fields: Record<string, string>) =>
      JSON.parse(JSON.parse((await one.ask('POST', '/login/', fields)).text).error)
    const required = ['This field is required.']
    expect(await form({})).toEqual({ username: required, password: required })
    expect(await form({ username: ' ', password: 'x' })).toEqual({ username: required })
    expect(await form({ username: 'a\0', password: 'x' })).toEqual({ username: ['Null characters are not allowed.'] })
    expect((await one.ask('POST', '/login/', { ...ALICE, username: ' alice ' })).status).toBe(200)
    expect((await one.ask('POST', '/login/', { ...ALICE, password: ' password' })).status).toBe(401)
  })
})
