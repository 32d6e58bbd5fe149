/** Tokens of other issuers: taken for what their row says they are, and for nothing else (security.md 2.7). */
import { describe, expect, test } from 'vitest'
import { permission } from '../../src/index.js'
import { ISSUER, signedIn } from '../auth-kit.js'
import { COMPANY, company, mint, partner, pemOf, row, START, trusting } from './kit.js'

const PARTNER = 'https://partner.example'
const both = [row(), row({ id: 'partner', issuer: PARTNER, keys: { pem: pemOf(partner.publicKey) } })]

describe('a token of another issuer', () => {
  test('is good for its subject, whose user here has an id of our own', async () => {
    const { whoIs } = trusting([row()])
    const { context } = await whoIs(await mint())
    expect(context).toMatchObject({ subject: 'u-1', issuer: COMPANY, sessionId: undefined, via: 'bearer' })
    expect(context?.userId).not.toBe('u-1')
    expect((await context?.user())?.id).toBe(context?.userId)
  })

  test('leaves our own tokens as they are', async () => {
    const kit = await signedIn({ issuers: [row()] })
    expect((await kit.call('GET', '/auth/me', { token: kit.tokens.access_token })).body.username).toBe('alice')
  })

  test.each([
    ['signed by A, naming B (case 109)', { iss: PARTNER }, 'token_invalid', 'signature'],
    ['for another audience (case 110)', { aud: 'https://other.example' }, 'token_audience', 'aud'],
    ['for nobody', { aud: undefined }, 'token_audience', 'aud'],
    ['of an issuer that nobody configured (case 111)', { iss: 'https://evil.example' }, 'token_invalid', 'iss'],
    ['with an issuer that is a list', { iss: [COMPANY] }, 'token_invalid', 'iss'],
    ['with an issuer that is null', { iss: null }, 'token_invalid', 'iss'],
    ['without an issuer', { iss: undefined }, 'token_invalid', 'iss'],
    ['with our issuer', { iss: ISSUER }, 'token_invalid', 'key_unknown'],
    ['past its end by more than the leeway', { exp: START - 30 }, 'token_expired', 'exp'],
    ['from too far ahead', { iat: START + 31 }, 'token_early', 'iat'],
    ['not yet good', { nbf: START + 31 }, 'token_early', 'nbf'],
    ['without an end', { exp: undefined }, 'token_invalid', 'exp'],
    ['with a life beyond 30 days', { exp: START + 31 * 86_400 }, 'token_invalid', 'lifetime'],
    ['without a subject', { sub: undefined }, 'token_invalid', 'sub'],
    ['with an empty subject', { sub: '' }, 'token_invalid', 'sub'],
    ['with NUL in its subject', { sub: 'a\0b' }, 'token_invalid', 'sub'],
    ['with a subject of 300 characters', { sub: 'x'.repeat(300) }, 'token_invalid', 'sub'],
    ['bound to the key of its sender', { cnf: { jkt: 'x' } }, 'token_invalid', 'typ'],
  ])('%s is refused', async (_name, claims, code, reason) => {
    const { whoIs } = trusting(both)
    expect(await whoIs(await mint(claims))).toMatchObject({ context: undefined, code, reason })
  })

  test.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'rt+jwt'])(
    'of the type %s is refused (case 95)',
    async (typ) => {
      const { whoIs } = trusting([row()])
      expect(await whoIs(await mint({}, { header: { typ } }))).toMatchObject({ code: 'token_invalid', reason: 'typ' })
    },
  )

  test.each([undefined, 'JWT', 'at+jwt', 'application/at+jwt'])('may have the type %s', async (typ) => {
    const { whoIs } = trusting([row()])
    expect((await whoIs(await mint({}, { header: { typ } }))).code).toBeUndefined()
  })

  test('is taken within the leeway of its row, to the second', async () => {
    const { whoIs, clock } = trusting([row({ leeway: '10s' })])
    const token = await mint()
    clock.now = START + 309
    expect((await whoIs(token)).code).toBeUndefined()
    clock.now = START + 310
    expect((await whoIs(token)).code).toBe('token_expired')
  })

  test('with another algorithm than its row pins is refused, though the key would do (case 16)', async () => {
    const { whoIs } = trusting([row()])
    const token = await mint({}, { alg: 'PS256' })
    expect(await whoIs(token)).toMatchObject({ code: 'token_invalid' })
  })

  test('that calls a session its own never names one of ours', async () => {
    const kit = await signedIn({ issuers: [row()] })
    const sid = kit.tokens.session_id ?? 'x'
    const token = await mint({ sid, sub: kit.user.id })
    const me = await kit.call('GET', '/auth/me', { token })
    expect(me.body.id).not.toBe(kit.user.id)
    expect((await kit.call('DELETE', '/auth/sessions', { token })).status).toBe(204)
    expect((await kit.call('POST', '/auth/logout', { token })).status).toBeLessThan(500)
    expect((await kit.call('GET', '/auth/me', { token: kit.tokens.access_token })).status).toBe(200)
  })

  test('counts again after its cache entry, and stops with its end', async () => {
    const { whoIs, clock } = trusting([row()])
    const token = await mint()
    const first = await whoIs(token)
    expect((await whoIs(token)).context?.claims).toBe(first.context?.claims)
    clock.now = START + 400
    expect((await whoIs(token)).code).toBe('token_expired')
  })

  test('forged with our names writes nothing (case 112)', async () => {
    const { whoIs, auth } = trusting([row()])
    const forged = await mint({}, { key: partner.privateKey })
    expect((await whoIs(forged)).code).toBe('token_invalid')
    expect(await auth.users.list()).toEqual([])
  })
})

describe('permissions of a token of another issuer', () => {
  const mapped = row({
    permissions: { claim: ['realm_access', 'roles'], values: { editor: ['posts:write'], reader: 'posts:read' } },
  })
  const can = async (claims: Record<string, unknown>, wanted: string, rows = [mapped]) => {
    const { context } = await trusting(rows).whoIs(await mint(claims))
    try {
      await permission(wanted)(context)
      return true
    } catch {
      return false
    }
  }

  test('are those that the row lists for what it says', async () => {
    expect(await can({ realm_access: { roles: ['editor', 'admin'] } }, 'posts:write')).toBe(true)
    expect(await can({ realm_access: { roles: 'reader' } }, 'posts:read')).toBe(true)
  })

  test.each([
    { realm_access: { roles: ['admin'] } },
    { realm_access: { roles: ['constructor', '__proto__', 'editors', 'Editor'] } },
    { realm_access: ['editor'] },
    { 'realm_access.roles': ['editor'] },
    { permissions: ['posts:write', '*'] },
    { is_admin: true, roles: ['admin'], groups: ['editor'] },
  ])('are never what it claims by itself: %j (case 208)', async (claims) => {
    expect(await can(claims, 'posts:write')).toBe(false)
    const { context } = await trusting([mapped]).whoIs(await mint(claims))
    expect(await context?.user()).toMatchObject({ admin: false, permissions: [] })
  })

  test('need no user where the row has none', async () => {
    const { whoIs, auth } = trusting([{ ...mapped, users: 'none' }])
    const { context } = await whoIs(await mint({ realm_access: { roles: ['editor'] } }))
    expect(context?.userId).toBeUndefined()
    expect(await context?.can('posts:write')).toBe(true)
    expect(await context?.can('posts:delete')).toBe(false)
    await expect(context?.user()).rejects.toMatchObject({ code: 'user_inactive' })
    expect(await auth.users.list()).toEqual([])
  })
})

describe('scopes', () => {
  test.each([
    [{ scope: 'read write' }, {}, ['read', 'write']],
    [{ scp: ['read', 'write'] }, { scope: 'scp' }, ['read', 'write']],
    [{ scope: ['read', 5] }, {}, []],
    [{ scope: 'read "x\\' }, {}, ['read']],
  ])('of %j', async (claims, options, scopes) => {
    const { context } = await trusting([row(options)]).whoIs(await mint(claims))
    expect([...(context?.scopes ?? [])]).toEqual(scopes)
  })
})

test('`admit` has the last word', async () => {
  const { whoIs, auth } = trusting([row({ admit: (claims) => claims.department === 'sales' })])
  expect((await whoIs(await mint())).code).toBe('permission_denied')
  expect(await auth.users.list()).toEqual([])
  expect((await whoIs(await mint({ department: 'sales' }))).code).toBeUndefined()
  const broken = trusting([
    row({
      admit: () => {
        throw new Error('secret text')
      },
    }),
  ])
  expect((await broken.whoIs(await mint())).code).toBe('store_failed')
})

test('a token without an issuer belongs to the one row that has none', async () => {
  const { whoIs } = trusting([{ ...row({ id: 'nameless' }), issuer: undefined } as never, both[1] as never])
  expect((await whoIs(await mint({ iss: undefined }))).context?.issuer).toBeUndefined()
  expect((await whoIs(await mint())).code).toBe('token_invalid')
  expect(company.publicKey.type).toBe('public')
})
