/** Every defective token through the library's own door: parse, find the key, verify, check the claims (cases 1-106). */
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import type { Algorithm } from '../../src/jwt/algorithms.js'
import { checkClaims, expectations } from '../../src/jwt/claims.js'
import { parseJws, verifyJws } from '../../src/jwt/jws.js'
import { generateKey, type Key } from '../../src/jwt/key.js'
import { type Defect, defects } from '../../src/testing/defects.js'
import { count } from '../count.js'
import { refusal } from './support.js'

const now = 1_800_000_000
const iss = 'https://api.example.com'
const claims = {
  iss,
  aud: iss,
  sub: 'alice',
  client_id: 'web',
  exp: now + 300,
  iat: now,
  jti: 'j1',
  sid: 's1',
  rev: now * 1_000,
}
const expect_ = expectations({
  iss,
  audience: [iss],
  typ: ['at+jwt'],
  maxLifetime: 3_600,
  required: ['exp', 'sub', 'jti'],
})

/** What an access token goes through, without the parts that need a store. */
function open(token: unknown, key: Key): void {
  const jws = parseJws(token)
  if (jws.header.kid !== undefined && jws.header.kid !== key.kid)
    throw new AuthError('token_invalid', { reason: 'key_unknown' })
  checkClaims(verifyJws(jws, key), jws.header, expect_, now)
}

const algorithms: readonly Algorithm[] = [
  'ES256',
  'RS256',
  'PS256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
]

describe.each(algorithms)('%s', (alg) => {
  const key = generateKey(alg)
  const table = defects({ key, claims, now })
  const accepted = table.filter(({ codes }) => codes.length === 0)
  const hostile = table.filter(({ codes }) => codes.length > 0)

  test.each(hostile.map(named))('$title is refused', ({ token, reason, codes }) => {
    const refused = refusal(() => open(token, key))
    expect(refused?.reason).toBe(reason)
    expect(codes).toContain(refused?.code)
  })

  test.each(accepted.map(named))('$title is accepted', ({ token }) => {
    expect(refusal(() => open(token, key))).toBeUndefined()
  })

  test('the table is as long as the catalogue demands, and no two entries share a name', () => {
    // A secret has no public half that anybody could take for a secret.
    expect(hostile.length).toBeGreaterThanOrEqual(alg.startsWith('HS') ? 135 - 15 : 135)
    expect(accepted.length).toBeGreaterThanOrEqual(16)
    expect(new Set(table.map(({ case: number, name }) => `${number} ${name}`)).size).toBe(table.length)
    count(`hostile tokens, library, ${alg}`, hostile.length)
  })
})

const named = (defect: Defect) => ({ ...defect, title: `${defect.case} ${defect.name}` })

test('a million dots and other nonsense are refused in far less than a millisecond (case 49)', () => {
  const hostile = [
    '.'.repeat(1_048_576),
    '.'.repeat(8_192),
    `${'a'.repeat(4_000)}.${'a'.repeat(4_000)}`,
    'a'.repeat(8_192),
  ]
  const started = process.hrtime.bigint()
  for (let round = 0; round < 100; round++) for (const token of hostile) refusal(() => parseJws(token))
  expect(Number(process.hrtime.bigint() - started) / 400).toBeLessThan(1e6)
})

test('a table for a key that cannot sign is refused', () => {
  const { kid, alg, public: material } = generateKey('ES256')
  if (material === undefined) throw new Error('no public half')
  expect(() => defects({ key: { kid, alg, material }, claims, now })).toThrow(TypeError)
})
