/** The size of access tokens against what browsers keep of a cookie, told at the start and never found out by a user. */
import { describe, expect, test } from 'vitest'
import { createAuth, oneCookie, splitCookies } from '../../src/index.js'
import { claimSizes } from '../../src/jwt/schema-size.js'
import { ISSUER, PASSWORD, SECRET } from '../auth-kit.js'
import { withBrowser } from './kit.js'

const text = (maxLength: number) => ({ type: 'string', maxLength })
const options = { issuer: ISSUER, database: 'memory', secret: SECRET } as const
const made = (claimsSchema: object, transport = oneCookie(), algorithm: 'ES256' | 'RS256' = 'ES256') =>
  createAuth({ ...options, algorithm, transports: [transport], claimsSchema, claims: () => ({}) as never })

describe('a start whose claims may not fit a cookie', () => {
  test('is refused, with the share of each claim (case 174)', () => {
    const schema = { type: 'object', properties: { biography: text(3_000), team: text(30) } }
    expect(() => made(schema)).toThrow(
      expect.objectContaining({
        code: 'options_invalid',
        hint: expect.stringMatching(
          /^claimsSchema allows access tokens that take a cookie of \d{4} bytes, and browsers keep 4096: biography 40\d\d, team \d\d, our own claims \d{3}$/,
        ),
      }),
    )
  })

  test('goes ahead where they do', async () => {
    await made({ type: 'object', properties: { biography: text(2_000), team: text(30) } }).close()
  })

  test('has more room where the signature has a cookie of its own', async () => {
    const schema = { type: 'object', properties: { biography: text(2_600) } }
    expect(() => made(schema, oneCookie(), 'RS256')).toThrow()
    await made(schema, splitCookies(), 'RS256').close()
  })

  test('is none of anybody´s business without cookies', async () => {
    const claimsSchema = { type: 'object', properties: { biography: text(4_000) } }
    await createAuth({ ...options, claimsSchema, claims: () => ({}) as never }).close()
  })
})

test('a token that comes out too large is not handed out, nor a piece of it (case 174)', async () => {
  const errors: object[] = []
  const logger = { error: (facts: object) => void errors.push(facts), warn: () => {} }
  const { login } = await withBrowser({ claims: () => ({ biography: 'x'.repeat(4_000) }), logger })
  const { status, cookies, code } = await login()
  expect([status, code, cookies]).toEqual([503, 'store_failed', []])
  expect(errors).toMatchObject([
    { err: { hint: expect.stringMatching(/__Host-access_token has \d+ bytes; browsers keep 4096/) } },
  ])
  expect(JSON.stringify(errors)).not.toContain(PASSWORD)
})

describe('a claim is counted', () => {
  const bytes = (schema: object) => (claimSizes({ properties: { a: schema } }).get('a') ?? 0) - '"a":,'.length
  test.each([
    ['by its longest text', { type: 'string', maxLength: 10 }, 12],
    ['by the least of a text without limit', { type: 'string' }, 2],
    ['by its one value', { const: 'gold' }, 6],
    ['by the longest of its values', { enum: ['a', 'silver', 7] }, 8],
    ['by the larger limit of a whole number', { type: 'integer', minimum: -10, maximum: 9 }, 3],
    ['by the longest number', { type: 'number' }, 24],
    ['by all of its items', { type: 'array', items: { enum: ['abc'] }, maxItems: 3 }, 20],
    ['by the least of a list without limit', { type: 'array', items: { enum: ['abc'] } }, 2],
    ['by its members', { type: 'object', properties: { b: { type: 'boolean' } } }, 12],
    ['by the largest of its choices', { anyOf: [{ const: 1 }, { const: 'abc' }] }, 5],
    ['by the larger of its types', { type: ['null', 'string'], maxLength: 9 }, 11],
    ['by nothing where it says nothing', {}, 0],
  ])('%s', (_how, schema, expected) => {
    expect(bytes(schema)).toBe(expected)
  })

  test('by what it refers to, and no deeper than anything that fits', () => {
    const $defs = { tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' } } } }
    const sizes = claimSizes({ $defs, allOf: [{ properties: { tree: { $ref: '#/$defs/tree' } } }] })
    expect(sizes.get('tree')).toBeGreaterThan(50)
    expect(claimSizes(undefined).size + claimSizes('text').size).toBe(0)
  })
})
