/** The claims schema of an auth: a bad one stops the start, a bad token is neither made nor taken, and nobody is answered 500. */
import { describe, expect, test } from 'vitest'
import { type AuthOptions, createAuth } from '../../src/index.js'
import { type Claims, createSigner } from '../../src/jwt/index.js'
import { importKey } from '../../src/jwt/key.js'
import { caller, ISSUER, PASSWORD, SECRET } from '../auth-kit.js'

const KEY = 'a-signing-key-for-tests-only-0123456789-abcdefgh'
const schema = {
  type: 'object',
  required: ['tenant'],
  properties: { tenant: { type: 'string', maxLength: 8 }, since: { type: 'string', format: 'date-time' } },
} as const

interface Given {
  readonly claimsSchema: object
  readonly claims?: () => object
}

/** An auth with alice, who has not signed in, and a signer with its key: for tokens that it would never make. */
async function started({ claimsSchema, claims = () => ({ tenant: 'acme' }) }: Given) {
  const now = 1_700_000_000
  const options: AuthOptions = {
    issuer: ISSUER,
    database: 'memory',
    secret: SECRET,
    algorithm: 'HS256',
    key: KEY,
    clock: () => now,
    claimsSchema,
    claims,
  }
  const auth = createAuth({ ...options, users: undefined })
  const { id } = await auth.users.create({ username: 'alice', password: PASSWORD })
  const sign = createSigner(importKey({ secret: KEY }, 'HS256', { sign: true }), { typ: 'at+jwt' })
  const times = { iat: now, exp: now + 60 }
  const token = (extra: Claims) =>
    sign({ iss: ISSUER, aud: ISSUER, sub: id, jti: 'j', sid: 's'.repeat(22), ...times, ...extra })
  const call = caller(auth)
  const me = (extra: Claims) => call('GET', '/auth/me', { token: token(extra) })
  const login = () => call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })
  return { auth, me, login }
}

describe('the start', () => {
  const make = (claimsSchema: unknown) =>
    createAuth({ issuer: ISSUER, database: 'memory', secret: SECRET, claimsSchema: claimsSchema as object })

  test.each<[string, unknown]>([
    ['a remote reference', { $ref: 'https://evil.example/schema.json' }],
    ['a pattern that could run away', { properties: { a: { pattern: '(a+)+$' } } }],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }],
    ['null instead of a schema', null],
    ['false instead of a schema', false],
  ])('%s: createAuth throws', (_, claimsSchema) => {
    expect(() => make(claimsSchema)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  })

  test.each<[string, unknown]>([
    ['an unknown keyword', { properteis: {} }],
    ['an unknown format', { properties: { a: { format: 'color' } } }],
    ['an asynchronous validator', { '~standard': { version: 1, vendor: 'x', validate: async () => ({ value: 1 }) } }],
  ])('%s: ready() rejects, again and again, and every request with it', async (_, claimsSchema) => {
    const auth = make(claimsSchema)
    await expect(auth.ready()).rejects.toMatchObject({ code: 'options_invalid', reason: 'schema' })
    await expect(auth.ready()).rejects.toMatchObject({ code: 'options_invalid', reason: 'schema' })
    await expect(auth.users.create({ username: 'bob', password: PASSWORD })).rejects.toMatchObject({
      code: 'options_invalid',
    })
    await auth.close()
  })

  test('the schema of that moment counts, whatever becomes of its object', async () => {
    const required = ['tenant']
    const starting = started({ claimsSchema: { required } })
    required.pop()
    const { me } = await starting
    expect((await me({})).body.code).toBe('claims_invalid')
  })
})

describe('on issue', () => {
  test.each<[string, () => object]>([
    ['nothing', () => ({})],
    ['undefined', () => ({ tenant: undefined })],
    ['a Date that is no date', () => ({ tenant: 'acme', since: new Date(Number.NaN) })],
    ['something that writes itself as a number', () => ({ tenant: { toJSON: () => 5 } })],
    ['too long a text', () => ({ tenant: 'acme-and-sons' })],
  ])('a hook that adds %s makes no token', async (_, claims) => {
    const { login } = await started({ claimsSchema: schema, claims })
    const { status, body, text } = await login()
    expect([status, body.code]).toEqual([401, 'claims_invalid'])
    expect(text).not.toContain('acme')
  })

  test('what a Date becomes in the token is what is checked', async () => {
    const { login, auth } = await started({
      claimsSchema: schema,
      claims: () => ({ tenant: 'acme', since: new Date(0) }),
    })
    const { body } = await login()
    expect((await auth.tokens.verify(body.access_token)).claims.since).toBe('1970-01-01T00:00:00.000Z')
  })
})

describe('on verify', () => {
  test('a token signed with our key that is not as the schema demands is refused, with path and rule', async () => {
    const { me } = await started({ claimsSchema: schema })
    expect((await me({ tenant: 'acme' })).status).toBe(200)
    const { status, body, text, headers } = await me({ tenant: 'hunter2-hunter2' })
    expect([status, body.code]).toEqual([401, 'claims_invalid'])
    expect(body.problems).toEqual([{ path: '/tenant', rule: 'long', message: 'must NOT have more than 8 characters' }])
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(text).not.toContain('hunter2')
  })

  test('members of prototypes are no claims (case 90)', async () => {
    const { me } = await started({ claimsSchema: { required: ['toString'] }, claims: () => ({ toString: 1 }) })
    expect((await me({})).body.code).toBe('claims_invalid')
    expect((await me(JSON.parse('{"toString":"x"}'))).status).toBe(200)
  })

  test('"5" is not 5, and a default is not a claim (case 89)', async () => {
    const { me, auth } = await started({
      claimsSchema: { properties: { n: { type: 'integer' }, d: { default: 'x' } } },
      claims: () => ({ n: 5 }),
    })
    expect((await me({ n: '5' })).body.code).toBe('claims_invalid')
    const user = (await auth.users.byUsername('alice')) ?? expect.fail('alice is gone')
    const { claims } = await auth.tokens.verify((await auth.tokens.issue(user)).access)
    expect(claims).toHaveProperty('n', 5)
    expect(claims).not.toHaveProperty('d')
  })

  test('what a validator makes of the claims is not used: they stay what the token says, frozen', async () => {
    const loud = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) => ({ value: { ...(value as object), tenant: 'ACME', admin: true } }),
      },
    }
    const { login, auth } = await started({ claimsSchema: loud })
    const { claims } = await auth.tokens.verify((await login()).body.access_token)
    expect(claims).toHaveProperty('tenant', 'acme')
    expect(claims).not.toHaveProperty('admin')
    expect(Object.isFrozen(claims)).toBe(true)
  })

  test('a validator that throws lets nobody in, and is no 500', async () => {
    const picky = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value: unknown) {
          if ((value as Claims).tenant === 'hunter2') throw new TypeError('cannot read hunter2')
          return { value }
        },
      },
    }
    const { me } = await started({ claimsSchema: picky })
    expect((await me({ tenant: 'acme' })).status).toBe(200)
    const { status, body, text } = await me({ tenant: 'hunter2' })
    expect([status, body.code]).toEqual([401, 'claims_invalid'])
    expect(text).not.toMatch(/hunter2|TypeError|\.ts/)
  })

  test('two at a time, with a validator that remembers: the same for the same token (case 92)', async () => {
    let turn = 0
    const everyOther = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) => (++turn % 2 === 0 ? { value } : { issues: [{ message: 'no' }] }),
      },
    }
    const { me } = await started({ claimsSchema: everyOther })
    const answers = await Promise.all(Array.from({ length: 50 }, () => me({ tenant: 'acme' })))
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(['claims_invalid']))
  })
})
