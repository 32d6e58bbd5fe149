/** The preset of django_pyjwt_example beyond its recordings: its words, its doors, and what it lets nobody do. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAuth, signedIn } from '../../src/index.js'
import { compileClaims } from '../../src/jwt/index.js'
import { asDetail, repr } from '../../src/presets/external-pyjwt/python.js'
import { firstFault } from '../../src/presets/external-pyjwt/wording.js'
import { type ExternalPyjwtSettings, externalPyjwt } from '../../src/presets/index.js'
import { memoryStores } from '../../src/stores/memory.js'
import { SECRET } from '../auth-kit.js'
import { company, mint, partner, pemOf, row, START } from '../issuers/kit.js'

type More = Partial<Parameters<typeof createAuth>[0]>

function kit(settings: Partial<ExternalPyjwtSettings> = {}, more: More = {}) {
  const auth = createAuth({
    database: 'memory',
    secret: SECRET,
    clock: () => START,
    preset: externalPyjwt({ JWT_PUBLIC_KEY: pemOf(company.publicKey), ...settings }),
    ...more,
    users: undefined,
  } as never)
  const ask = async (authorization: string | undefined) => {
    const header = (name: string) => (name === 'authorization' ? authorization : undefined)
    const { context, failure } = await auth.authenticate({ method: 'GET', header })
    try {
      if (failure) throw failure
      await signedIn(context, { method: 'GET' })
      return { status: 200, user: (await context?.user()) as { id: string; username: string } }
    } catch (error) {
      const { status, headers, body } = auth.reject(error)
      return { status, headers, detail: JSON.parse(body).detail as string }
    }
  }
  return { auth, ask, bearer: async (token: string | Promise<string>) => ask(`Bearer ${await token}`) }
}

const NOTHING = { iss: undefined, aud: undefined, sub: undefined }
const pyjwt = (claims: object = {}, minting: Parameters<typeof mint>[1] = {}) =>
  mint({ ...NOTHING, username: 'hello', ...claims }, { alg: 'RS512', ...minting })
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('words', () => {
  test.each<[unknown, object, string]>([
    [5, { type: 'string' }, "5 is not of type 'string'"],
    [null, { type: ['string', 'integer'] }, "None is not of type 'string', 'integer'"],
    ['a', { enum: ['b', 1, true] }, "'a' is not one of ['b', 1, True]"],
    [false, { const: 'x' }, "'x' was expected"],
    ['', { minLength: 1 }, "'' is too short"],
    ['😀😀', { maxLength: 1 }, "'😀😀' is too long"],
    ['ab', { pattern: '^x' }, "'ab' does not match '^x'"],
    [[], { minItems: 1 }, '[] is too short'],
    [{ a: 1 }, { minProperties: 2 }, "{'a': 1} does not have enough properties"],
    [1, { minimum: 2 }, '1 is less than the minimum of 2'],
    [3, { maximum: 2.5 }, '3 is greater than the maximum of 2.5'],
    [2, { exclusiveMinimum: 2 }, '2 is less than or equal to the minimum of 2'],
    [2, { exclusiveMaximum: 2 }, '2 is greater than or equal to the maximum of 2'],
    [{ a: 1 }, { additionalProperties: false }, "Additional properties are not allowed ('a' was unexpected)"],
    [
      { a: 1, b: 2, c: 3 },
      { properties: { c: {} }, additionalProperties: false },
      "Additional properties are not allowed ('a', 'b' were unexpected)",
    ],
    [{}, { required: ["it's"] }, '"it\'s" is a required property'],
  ])('of Python’s jsonschema for %j by %j', (value, schema, message) => {
    expect(firstFault(value, schema)).toEqual({ message, schema })
  })

  test('tell the fault nearest to the root, and of those the first', () => {
    const part = { type: 'array', items: { type: 'string' } }
    const schema = { properties: { a: part, b: { type: 'string' } }, required: ['b', 'c'] }
    expect(firstFault({ a: [1], b: 2 }, schema)).toEqual({ message: "'c' is a required property", schema })
    expect(firstFault({ a: [1], b: 2, c: 3 }, schema)?.message).toBe("2 is not of type 'string'")
    expect(firstFault({ a: ['x', 1], b: '', c: 3 }, schema)).toEqual({
      message: "1 is not of type 'string'",
      schema: { type: 'string' },
    })
  })

  test('quote as Python does', () => {
    expect(repr("a\0b'\n\x7f\xad\u2028é")).toBe('"a\\x00b\'\\n\\x7f\\xad\\u2028é"')
    expect(repr('it\'s "x"')).toBe("'it\\'s \"x\"'")
    expect(repr({ a: [true, null, 0.1] })).toBe("{'a': [True, None, 0.1]}")
    expect(asDetail({ a: 1, b: [true, null], c: 'x' })).toEqual({ a: '1', b: ['True', 'None'], c: 'x' })
  })

  test('are found exactly where the validator refuses, for the rules that have words', async () => {
    const claim = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer({ min: -3, max: 3 }),
      fc.string({ maxLength: 3 }),
    )
    const type = fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'object', 'array')
    const rule = fc.oneof(
      fc.record({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })) }),
      fc.record({
        enum: fc.uniqueArray(claim, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) }),
      }),
      fc.record({ const: claim }),
      fc.record({ type: fc.constant('string'), minLength: fc.nat(3), maxLength: fc.nat(3) }),
      fc.record({ type: fc.constant('number'), minimum: fc.integer({ min: -3, max: 3 }) }),
      fc.record({ type: fc.constant('integer'), exclusiveMaximum: fc.integer({ min: -3, max: 3 }) }),
    )
    const name = fc.constantFrom('a', 'b', 'c')
    const schemas = fc.record(
      {
        properties: fc.dictionary(name, rule, { maxKeys: 3 }),
        required: fc.uniqueArray(name, { maxLength: 2 }),
        additionalProperties: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    const property = fc.asyncProperty(schemas, fc.dictionary(name, claim), async (schema, claims) => {
      const check = await compileClaims(schema)
      const refused = await Promise.resolve(claims)
        .then(check)
        .then(
          () => false,
          () => true,
        )
      expect(firstFault(claims, schema) !== undefined).toBe(refused)
    })
    await fc.assert(property, { numRuns: 30 })
  })
})

describe('a bearer', () => {
  test('whose token is genuine reads what is wrong with it, and one whose token is not reads the constant answer', async () => {
    const { bearer } = kit()
    const rows: [Promise<string>, string][] = [
      [pyjwt({ exp: START - 1 }), 'Signature has expired'],
      [pyjwt({ nbf: START + 9 }), 'The token is not yet valid'],
      [pyjwt({ iat: START + 9 }), 'The token is not yet valid'],
      [pyjwt({ aud: 'x' }), 'Invalid audience'],
      [pyjwt({ exp: START + 31 * 86_400 }), 'The token lives too long'],
      [pyjwt({ username: undefined }), "Invalid JWT schema: 'username' is a required property"],
      [pyjwt({ exp: 'soon' }), "Invalid JWT schema: 'soon' is not of type 'integer'"],
      [pyjwt({ username: '' }), 'Malformed token'],
      [pyjwt({ username: undefined }, { key: partner.privateKey }), 'Malformed token'],
      [pyjwt({}, { alg: 'RS256' }), 'Malformed token'],
      [pyjwt({}, { alg: 'PS512' }), 'Malformed token'],
      [pyjwt({ iss: 'https://nobody.example' }), 'Malformed token'],
    ]
    for (const [token, detail] of rows) expect(await bearer(token)).toMatchObject({ status: 403, detail })
  })

  test('is what has the scheme to the letter and one word behind it; anything else has no credential', async () => {
    const { ask } = kit()
    const token = await pyjwt()
    for (const good of [`Bearer ${token}`, ` Bearer \t ${token} `])
      expect(await ask(good)).toMatchObject({ status: 200, user: { username: 'hello' } })
    for (const none of [
      undefined,
      '',
      'Bearer',
      `bearer ${token}`,
      `Bearer ${token} x`,
      `Bearer ${token}, Bearer ${token}`,
      '\xff\xfe x',
    ])
      expect(await ask(none)).toMatchObject({ status: 403, detail: 'Authentication credentials were not provided.' })
  })

  test('is never asked for a challenge, whatever goes wrong', async () => {
    const { ask, auth } = kit()
    const stranger = await ask('Bearer x')
    expect(Object.keys(stranger.headers ?? {})).not.toContain('www-authenticate')
    expect(auth.serves('/auth/login')).toBe(false)
  })

  test('who was disabled or deleted here stays out, and who has the name of a local user is somebody else (fault 35)', async () => {
    const { bearer, auth } = kit()
    const root = await auth.users.create({ username: 'root', password: 'password', admin: true })
    const { user } = await bearer(pyjwt({ username: 'root' }))
    expect(user?.id).not.toBe(root.id)
    expect(user?.username).toMatch(/^root-/)
    await auth.users.disable(user?.id as string)
    const out = { status: 403, detail: 'User inactive or deleted.' }
    expect(await bearer(pyjwt({ username: 'root' }))).toMatchObject(out)
    await auth.users.remove(user?.id as string)
    expect(await bearer(pyjwt({ username: 'root' }))).toMatchObject(out)
  })

  test('is made once by 50 requests at the same moment, and logged in once', async () => {
    const { bearer, auth } = kit()
    const logins: unknown[] = []
    auth.events.on('login.succeeded', ({ userId }) => void logins.push(userId))
    const token = await pyjwt()
    const all = await Promise.all(Array.from({ length: 50 }, () => bearer(token)))
    expect(new Set(all.map(({ user }) => user?.id)).size).toBe(1)
    expect(await auth.users.list()).toMatchObject([{ username: 'hello', lastLoginAt: START }])
    await expect.poll(() => logins.length).toBe(1)
  })

  test('waits, where the store cannot tell', async () => {
    const stores = memoryStores({ clock: () => START })
    const identities = { ...stores.identities, find: () => Promise.reject(new Error('gone')) }
    const { bearer } = kit({}, { database: { ...stores, identities } })
    expect(await bearer(pyjwt())).toMatchObject({ status: 503 })
  })
})

test('a local user enters by Basic, first', async () => {
  const { ask, auth } = kit()
  await auth.users.create({ username: 'alice', password: 'password' })
  expect(await ask(basic('alice:password'))).toMatchObject({ status: 200, user: { username: 'alice' } })
  expect(await ask(basic('alice:wrong'))).toMatchObject({ status: 403, detail: 'Invalid username/password.' })
  expect(await ask('Basic %')).toMatchObject({ status: 403, detail: expect.stringMatching(/^Invalid basic header/) })
})

test('a schema of your own is told in its own words, and in others where the original has none here', async () => {
  const token_schema = {
    type: 'object',
    properties: { exp: { type: 'integer' }, username: { type: 'string' }, mail: { type: 'string', format: 'email' } },
    required: ['username', 'exp'],
  }
  const { bearer } = kit({ token_schema })
  expect(await bearer(pyjwt({ mail: 5 }))).toMatchObject({ detail: "Invalid JWT schema: 5 is not of type 'string'" })
  const refused = await bearer(pyjwt({ mail: 'x' }))
  expect(refused.detail).toBe('Invalid JWT schema: /mail must match format "email"')
})

test('issuers of the application are taken beside its own', async () => {
  const both = kit({}, { issuers: [row({ keys: { pem: pemOf(partner.publicKey) }, audience: 'me' })] })
  expect(await both.bearer(pyjwt())).toMatchObject({ status: 200 })
  expect(await both.bearer(mint({ aud: 'me' }, { key: partner.privateKey }))).toMatchObject({ status: 200 })
  const resolve = () => row({ keys: { pem: pemOf(partner.publicKey) }, audience: 'me' })
  const table = kit({}, { issuers: { resolve } })
  expect(await table.bearer(pyjwt())).toMatchObject({ status: 200 })
  expect(await table.bearer(mint({ aud: 'me' }, { key: partner.privateKey }))).toMatchObject({ status: 200 })
})

test('settings that mean nothing, or no safe start, are refused', () => {
  const refused = (settings: object) => () => kit(settings as ExternalPyjwtSettings)
  expect(refused({ JWT_SECRET: 'x' })).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  expect(refused({ JWT_PUBLIC_KEY: undefined })).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  expect(refused({ JWT_PUBLIC_KEY: 'x' })).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  expect(refused({ algorithms: ['HS256'] })).toThrow(expect.objectContaining({ code: 'options_invalid' }))
})
