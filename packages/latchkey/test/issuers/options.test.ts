/** The table of issuers: what would weaken a check does not start, and tenants are looked up without becoming each other. */
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/index.js'
import type { IssuerOptions } from '../../src/issuer-options.js'
import { ISSUER, SECRET } from '../auth-kit.js'
import { COMPANY, company, mint, partner, pemOf, row, START, trusting } from './kit.js'

const start = (issuers: unknown, options: object = {}) =>
  createAuth({
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    issuers: issuers as IssuerOptions[],
    development: false,
    ...options,
  })

describe('an auth does not start with', () => {
  const pem = pemOf(company.publicKey)
  test.each<[string, unknown, string]>([
    ['no list', 5, 'issuers'],
    ['an unknown member', [{ ...row(), aud: 'x' }], 'issuers[0].aud'],
    ['neither a name nor an issuer', [{ keys: { pem } }], 'issuers[0].id'],
    ['our own issuer', [row({ issuer: ISSUER })], 'issuers[0].issuer'],
    ['the name of our own row', [row({ id: 'self' })], 'issuers[0].id'],
    [
      'one name twice',
      [row(), row({ issuer: 'https://b.example', keys: { pem: pemOf(partner.publicKey) } })],
      'issuers[1].id',
    ],
    ['one issuer twice', [row(), row({ id: 'b' })], 'issuers[1].issuer'],
    ['no algorithm', [row({ algorithms: [] })], 'issuers[0].algorithms'],
    ['the algorithm none', [row({ algorithms: ['none' as 'RS256'] })], 'issuers[0].algorithms'],
    ['a secret beside public keys', [row({ algorithms: ['HS256', 'RS256'] })], 'issuers[0].algorithms'],
    ['a public key as a secret (case 6)', [row({ algorithms: ['HS256'] })], 'issuers[0].keys'],
    ['two ways to the keys', [row({ keys: { pem, jwksUrl: 'https://a.example' } as never })], 'issuers[0].keys'],
    ['no way to the keys', [row({ keys: {} as never })], 'issuers[0].keys'],
    ['an empty audience (case 83)', [row({ audience: [] })], 'issuers[0]'],
    [
      'any audience',
      [row({ audience: 'any' as never, issuer: undefined as never, id: 'x', leeway: 121 })],
      'issuers[0]',
    ],
    ['a leeway beyond two minutes', [row({ leeway: 121 })], 'issuers[0]'],
    ['a leeway that is no time', [row({ leeway: 'soon' })], ''],
    [
      'an http key set in production (case 120)',
      [row({ keys: { jwksUrl: 'http://a.example/jwks' } })],
      'issuers[0].keys.jwksUrl',
    ],
    [
      'an http issuer to discover in production (case 120)',
      [row({ issuer: 'http://a.example', keys: { discovery: true } })],
      'issuers[0].keys.discovery',
    ],
    ['discovery without an issuer', [{ id: 'a', keys: { discovery: true } }], 'issuers[0].keys.discovery'],
    ['users that nobody knows', [row({ users: 'all' as never })], 'issuers[0].users'],
    [
      'permissions that are none',
      [row({ permissions: { claim: 'r', values: { a: 'not ok' } } })],
      'issuers[0].permissions',
    ],
    ['a claim by no name', [row({ username: [] })], 'issuers[0].username'],
    [
      'a private key (case 128)',
      [row({ keys: { pem: company.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string } })],
      '',
    ],
    ['a resolver that is none', { resolve: 5 }, 'issuers.resolve'],
  ])('%s', (_name, issuers, path) => {
    expect(() => start(issuers)).toThrow(
      expect.objectContaining({ code: 'options_invalid', hint: expect.stringContaining(path) }),
    )
  })

  test('one key in two rows, one of which has no issuer', () => {
    const nameless = { id: 'n', keys: { pem }, audience: ISSUER }
    expect(() => start([row(), nameless])).toThrow(expect.objectContaining({ code: 'options_invalid' }))
    expect(() => start([row(), row({ id: 'b', issuer: 'https://b.example' })])).not.toThrow()
  })

  test('two rows without an issuer', () => {
    const nameless = (id: string, key: string) => ({ id, keys: { pem: key } })
    const both = [nameless('a', pem), nameless('b', pemOf(partner.publicKey))]
    expect(() => start(both)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  })

  test('users to be made where the users table of the application cannot', () => {
    const users = { findById: async () => undefined, findByLogin: async () => undefined }
    expect(() => start([row({ users: 'create' })], { users })).toThrow(
      expect.objectContaining({ code: 'options_invalid' }),
    )
    expect(() => start([row({ users: 'none' })], { users })).not.toThrow()
  })
})

test('what the application changes later has no effect (case 21)', async () => {
  const given = { ...row(), algorithms: ['RS256' as const] }
  const { whoIs } = trusting([given])
  given.issuer = 'https://evil.example'
  given.algorithms.length = 0
  expect((await whoIs(await mint())).code).toBeUndefined()
})

describe('tenants', () => {
  const asked: string[] = []
  const tenants = (resolve: (iss: string) => unknown) => {
    asked.splice(0)
    return trusting({
      rows: [row()],
      resolve: async (iss: string) => {
        asked.push(iss)
        return resolve(iss) as IssuerOptions | undefined
      },
    })
  }
  const tenant = (iss: string): IssuerOptions => ({
    issuer: iss,
    keys: { pem: pemOf(partner.publicKey) },
    audience: ISSUER,
  })
  const by = (iss: string) => mint({ iss }, { key: partner.privateKey })

  test('are looked up once for many at a time, and remembered', async () => {
    const { whoIs, clock } = tenants(tenant)
    const token = await by('https://t1.example')
    const found = await Promise.all(Array.from({ length: 50 }, () => whoIs(token)))
    expect(found.every(({ code }) => code === undefined)).toBe(true)
    expect(asked).toEqual(['https://t1.example'])
    clock.now += 299
    expect((await whoIs(token)).code).toBeUndefined()
    expect(asked.length).toBe(1)
  })

  test('that are gone are gone within the time they are remembered, for tokens that were seen too', async () => {
    let there = true
    const { whoIs, clock } = tenants((iss) => (there ? tenant(iss) : undefined))
    const token = await mint({ iss: 'https://t2.example', exp: START + 3_600 }, { key: partner.privateKey })
    expect((await whoIs(token)).code).toBeUndefined()
    there = false
    clock.now += 600
    expect((await whoIs(token)).code).toBe('token_invalid')
  })

  test('that do not exist are not asked for again and again', async () => {
    const { whoIs } = tenants(() => undefined)
    for (let i = 0; i < 20; i++) expect((await whoIs(await by('https://none.example'))).code).toBe('token_invalid')
    expect(asked.length).toBe(1)
  })

  test.each<[string, (iss: string) => unknown]>([
    ['another issuer', () => tenant('https://other.example')],
    ['the name of a configured row', (iss) => ({ ...tenant(iss), id: 'company' })],
    ['nonsense', () => ({ issuer: 5 })],
  ])('are refused when they are answered with %s', async (_name, resolve) => {
    const { whoIs, auth } = tenants(resolve)
    expect((await whoIs(await by('https://t3.example'))).code).toBe('issuer_unreachable')
    expect(await auth.users.list()).toEqual([])
  })

  test('whose look-up fails are no reason to say that a token is bad', async () => {
    const { whoIs } = tenants(() => {
      throw new Error('database gone')
    })
    expect(await whoIs(await by('https://t4.example'))).toMatchObject({
      code: 'issuer_unreachable',
      failure: { status: 503 },
    })
  })

  test('that are made up by the thousand cost a few questions at a time, and keep nobody out for long', async () => {
    let most = 0
    let open = 0
    const { whoIs } = tenants(async (iss) => {
      most = Math.max(most, ++open)
      await new Promise((done) => setTimeout(done, 1))
      open--
      return iss.includes('good') ? tenant(iss) : undefined
    })
    const flood = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => whoIs(await by(`https://x${i}.example`))),
    )
    expect(most).toBeLessThanOrEqual(16)
    expect(new Set(flood.map(({ code }) => code))).toEqual(new Set(['token_invalid', 'overloaded']))
    expect((await whoIs(await by('https://good.example'))).code).toBeUndefined()
  })

  test('have users of their own: one subject of two tenants is two people', async () => {
    const { whoIs } = tenants(tenant)
    const one = await whoIs(await by('https://a.example'))
    const other = await whoIs(await by('https://b.example'))
    const third = await whoIs(await mint({ iss: COMPANY }))
    expect(new Set([one, other, third].map(({ context }) => context?.userId)).size).toBe(3)
  })
})
