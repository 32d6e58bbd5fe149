/** The registered claims by table, to the second (cases 53, 76-87, 97-99, 104). */
import { afterEach, describe, expect, test } from 'vitest'
import { checkClaims, type ExpectationsInput, expectations } from '../../src/jwt/claims.js'
import { invalid, refusal } from './support.js'

const now = 1_800_000_000
const iss = 'https://api.example.com'
const good = { iss, aud: iss, sub: 'alice', exp: now + 300, iat: now, jti: 'j1' }
const header = { alg: 'ES256', kid: 'k', typ: 'at+jwt' } as const
const own: ExpectationsInput = { iss, audience: [iss], typ: ['at+jwt'] }

const check = (claims: Record<string, unknown>, input: ExpectationsInput = {}, head: object = header) =>
  refusal(() => checkClaims(claims, { ...header, ...head }, expectations({ ...own, ...input }), now))
const checkWith = (changes: Record<string, unknown>, input?: ExpectationsInput) => check({ ...good, ...changes }, input)

test('a good token passes', () => {
  expect(check(good)).toBeUndefined()
})

describe('time', () => {
  const expired = { code: 'token_expired', reason: 'exp' }
  const early = (reason: string) => ({ code: 'token_early', reason })

  test.each([
    // Case 81 with the boundary of RFC 7519 section 4.1.4 and of case 130: at exp + leeway the token is dead.
    ['exp', { exp: now }, {}, expired],
    ['exp', { exp: now + 1 }, {}, undefined],
    ['exp', { exp: now + 0.5 }, {}, undefined],
    ['exp', { exp: now - 29 }, { expLeeway: 30 }, undefined],
    ['exp', { exp: now - 30 }, { expLeeway: 30 }, expired],
    ['exp', { exp: now - 31 }, { expLeeway: 30 }, expired],
    ['exp', { exp: 0 }, {}, expired],
    ['exp', { exp: -1 }, {}, expired],
    ['nbf', { nbf: now + 5 }, {}, undefined],
    ['nbf', { nbf: now + 6 }, {}, early('nbf')],
    ['nbf', { nbf: now + 30 }, { leeway: 30 }, undefined],
    ['nbf', { nbf: now + 31 }, { leeway: 30 }, early('nbf')],
    ['iat', { iat: now + 5 }, {}, undefined],
    ['iat', { iat: now + 6 }, {}, early('iat')],
    ['iat', { iat: now + 1 }, { leeway: 0 }, early('iat')],
    ['iat', { iat: 0 }, {}, undefined],
  ] as const)('%s %j with %j: %j', (_, changes, input, expected) => {
    expect(checkWith(changes, input)).toEqual(expected)
  })

  const notDates = [
    null,
    true,
    {},
    [now],
    'never',
    String(now + 60),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  test.each(notDates)('%j is no date (cases 76, 79, 80)', (value) => {
    for (const name of ['exp', 'nbf', 'iat'] as const) expect(checkWith({ [name]: value })).toEqual(invalid(name))
  })

  test.each([
    [{ exp: now + 600 }, undefined],
    [{ exp: now + 601 }, 'lifetime'],
    [{ exp: now + 300, iat: now - 301 }, 'lifetime'],
    [{ exp: (now + 60) * 1_000 }, 'lifetime'],
    [{ exp: 1e300 }, 'lifetime'],
    [{ exp: now + 600, iat: undefined }, undefined],
    [{ exp: now + 601, iat: undefined }, 'lifetime'],
  ] as const)('a life of at most ten minutes: %j (case 78)', (changes, reason) => {
    expect(checkWith(changes, { maxLifetime: 600 })).toEqual(reason && invalid(reason))
  })

  test('a longest life cannot be kept by a token without an end', () => {
    expect(checkWith({ exp: undefined }, { maxLifetime: 600, required: [] })).toEqual(invalid('lifetime'))
  })
})

describe('issuer (case 82)', () => {
  test.each([undefined, null, [iss], iss.slice(0, -1), `${iss}/`, iss.toUpperCase(), { [iss]: 1 }, `${iss}\ud800`, ''])(
    '%j is not ours',
    (value) => {
      expect(checkWith({ iss: value })).toEqual(invalid('iss'))
    },
  )
  test('an issuer without a name issues tokens without one', () => {
    expect(checkWith({ iss: undefined }, { iss: undefined })).toBeUndefined()
    expect(checkWith({}, { iss: undefined })).toEqual(invalid('iss'))
  })
})

describe('audience (cases 84, 99)', () => {
  const elsewhere = { code: 'token_audience', reason: 'aud' }
  const two = ['https://other.example', iss]

  test.each([iss, [iss], two, Array(16).fill(iss)])('%j is ours', (aud) => {
    expect(checkWith({ aud })).toBeUndefined()
  })
  test.each([undefined, 'https://other.example', `${iss}2`, iss.slice(0, -1), '', [], ['x', 'y']])(
    '%j is not',
    (aud) => {
      expect(checkWith({ aud })).toEqual(elsewhere)
    },
  )
  test.each([null, 7, { [iss]: 1 }, [[iss]], [1, iss], [iss, null], Array(17).fill(iss)])('%j is malformed', (aud) => {
    expect(checkWith({ aud })).toEqual(invalid('aud'))
  })
  test('one of several audiences of ours is enough', () => {
    expect(checkWith({ aud: 'b' }, { audience: ['a', 'b'] })).toBeUndefined()
  })
  test('where no audience is expected, a token made for one is refused', () => {
    expect(checkWith({ aud: undefined }, { audience: undefined })).toBeUndefined()
    expect(checkWith({}, { audience: undefined })).toEqual(elsewhere)
    expect(checkWith({ aud: [] }, { audience: undefined })).toEqual(elsewhere)
  })
  test("'any' does not look", () => {
    for (const aud of [undefined, 'x', 7]) expect(checkWith({ aud }, { audience: 'any' })).toBeUndefined()
  })
})

describe('identifiers (cases 53, 85, 86)', () => {
  const broken = [
    null,
    7,
    true,
    {},
    { $ne: null },
    ['root'],
    '',
    'a\u0000',
    'a\nb',
    'a\u007f',
    'a\u0085',
    '\ud800',
    'a\udc00b',
    's'.repeat(256),
  ]

  test.each(broken)('%j is no identifier', (value) => {
    for (const name of ['sub', 'jti', 'sid'] as const) expect(checkWith({ [name]: value })).toEqual(invalid(name))
  })
  test.each(['a', 's'.repeat(255), 'é', '😀', '名前', 'a b', "x' OR 1"])('%j is one', (value) => {
    expect(checkWith({ sub: value, jti: value, sid: value })).toBeUndefined()
  })
  test('what is required must be there', () => {
    expect(checkWith({ sub: undefined })).toEqual(invalid('sub'))
    expect(checkWith({ exp: undefined })).toEqual(invalid('exp'))
    for (const name of ['exp', 'nbf', 'iat', 'jti', 'sid', 'sub'] as const) {
      expect(checkWith({ [name]: undefined }, { required: [name] })).toEqual(invalid(name))
      expect(checkWith({ [name]: undefined }, { required: [] })).toBeUndefined()
    }
  })
  test('a subject elsewhere may be a number, a sub never', () => {
    const input: ExpectationsInput = { subjectClaim: 'user_id' }
    for (const user_id of [1, 0, 'alice']) expect(checkWith({ user_id, sub: 7 }, input)).toBeUndefined()
    for (const user_id of [1.5, 2 ** 53, true, null, {}, [1], ''])
      expect(checkWith({ user_id }, input)).toEqual(invalid('sub'))
    expect(checkWith({}, input)).toEqual(invalid('sub'))
  })
})

describe('type (cases 94-97, 104, 106)', () => {
  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+JWT'])('%s is an access token', (typ) => {
    expect(check(good, {}, { typ })).toBeUndefined()
  })
  test.each([undefined, 'JWT', 'rt+jwt', 'logout+jwt', 'x/at+jwt', 'application/x/at+jwt', '', 'at+jwt '])(
    '%s is not',
    (typ) => {
      expect(check(good, {}, { typ })).toEqual(invalid('typ'))
    },
  )
  test('a type may be left open', () => {
    expect(check(good, { typ: undefined }, { typ: 'anything' })).toBeUndefined()
  })
  test('a full media type is compared as one', () => {
    expect(check(good, { typ: ['application/AT+jwt', 'a/b'] })).toBeUndefined()
    expect(check(good, { typ: ['a/b'] }, { typ: 'A/B' })).toBeUndefined()
  })
  test('a token bound to a key of its sender is refused (case 104)', () => {
    expect(checkWith({ cnf: { jkt: 'x' } })).toEqual(invalid('typ'))
    expect(checkWith({ cnf: null })).toEqual(invalid('typ'))
  })
})

describe('a polluted prototype adds no claims (case 56)', () => {
  const prototype = Object.prototype as Record<string, unknown>
  afterEach(() => {
    for (const name of ['exp', 'sub', 'user_id', 'aud', 'cnf']) delete prototype[name]
  })

  test.each(['exp', 'sub', 'aud'] as const)('%s', (name) => {
    const { [name]: _, ...rest } = good
    prototype[name] = good[name]
    expect(check(rest)?.reason).toBe(name)
  })
  test('the subject claim', () => {
    prototype.user_id = 1
    expect(checkWith({}, { subjectClaim: 'user_id' })).toEqual(invalid('sub'))
  })
  test('nor takes a good token away', () => {
    prototype.cnf = {}
    expect(check(good)).toBeUndefined()
  })
})

describe('expectations that would skip a check are refused (cases 83, 87)', () => {
  const options = (input: object) => refusal(() => expectations(input as ExpectationsInput))?.code

  test.each([
    ...['', 7, null, [], {}, /x/, 'a\u0000'].map((iss) => ({ iss })),
    ...['', 7, null, [], [''], [7], {}, [/x/], 'https://api.example.com'].map((audience) => ({ audience })),
    ...['at+jwt', [], [''], [7], null].map((typ) => ({ typ })),
    ...[Number.NaN, Number.POSITIVE_INFINITY, -1, '30', 121, 3_600, 0.5, null].flatMap((value) => [
      { leeway: value },
      { expLeeway: value },
    ]),
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, '600', null].map((maxLifetime) => ({ maxLifetime })),
    ...['exp', [''], ['foo'], ['__proto__'], null, {}].map((required) => ({ required })),
    ...['', 7, null].map((subjectClaim) => ({ subjectClaim })),
  ])('%j', (input) => {
    expect(options(input)).toBe('options_invalid')
  })

  test('the hint names the expectation', () => {
    expect(() => expectations({ leeway: Number.NaN })).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^leeway: /) }),
    )
  })
  test('what the caller does to its arrays later has no effect (case 21)', () => {
    const audience = [iss]
    const normal = expectations({ audience })
    audience.push('https://evil.example')
    expect(normal.audience).toEqual([iss])
    expect(Object.isFrozen(normal) && Object.isFrozen(normal.audience) && Object.isFrozen(normal.required)).toBe(true)
  })
  test('a getter is read once (case 22)', () => {
    let reads = 0
    const normal = expectations({
      get leeway() {
        return reads++ === 0 ? 30 : Number.NaN
      },
    })
    expect(normal.leeway).toBe(30)
  })
  test('even an expectation made by hand with NaN refuses', () => {
    const broken = { ...expectations(own), expLeeway: Number.NaN, leeway: Number.NaN }
    expect(refusal(() => checkClaims(good, header, broken, now))?.reason).toBe('exp')
    expect(
      refusal(() => checkClaims({ ...good, nbf: 0 }, header, { ...expectations(own), leeway: Number.NaN }, now))
        ?.reason,
    ).toBe('nbf')
    expect(refusal(() => checkClaims(good, header, expectations(own), Number.NaN))?.reason).toBe('exp')
  })
})

test('the same token gets the same verdict, 10,000 times and at once (case 92)', async () => {
  const expected = expectations(own)
  const verdicts = await Promise.all(
    Array.from(
      { length: 10_000 },
      async (_, at) =>
        refusal(() => checkClaims(at % 2 === 0 ? good : { ...good, aud: 'x' }, header, expected, now))?.code,
    ),
  )
  expect(verdicts.every((code, at) => code === (at % 2 === 0 ? undefined : 'token_audience'))).toBe(true)
})
