/** Tenants that are looked up, when the look-up or the tenant is hostile or wrong: nobody else suffers, and nobody becomes somebody else. */
import { expect, test } from 'vitest'
import type { IssuerOptions } from '../../src/issuer-options.js'
import type { ClaimsSchema } from '../../src/jwt/schema.js'
import { mint, row, trusting } from './kit.js'

const A = 'https://a.example'
const B = 'https://b.example'
const tenant = (issuer: string, more: Partial<IssuerOptions> = {}) => row({ id: issuer, issuer, ...more })

test('two tenants with one id are not one issuer: the second is refused, whoever it is', async () => {
  const { whoIs, auth } = trusting({ resolve: (iss) => tenant(iss, { id: 'keycloak' }) })
  const { context } = await whoIs(await mint({ iss: A }))
  expect(context?.userId).toBeDefined()
  expect(await whoIs(await mint({ iss: B }))).toMatchObject({ context: undefined, code: 'issuer_unreachable' })
  expect((await whoIs(await mint({ iss: A }))).context?.userId).toBe(context?.userId)
  expect(await auth.users.list()).toHaveLength(1)
})

test('the id of a tenant that is gone may be that of the next', async () => {
  let there = A
  const { whoIs, clock } = trusting({ resolve: (iss) => (iss === there ? tenant(iss, { id: 'keycloak' }) : undefined) })
  const first = await whoIs(await mint({ iss: A }))
  there = B
  clock.now += 601
  const later = { iat: clock.now, exp: clock.now + 300 }
  expect((await whoIs(await mint({ iss: A, ...later }))).code).toBe('token_invalid')
  expect((await whoIs(await mint({ iss: B, ...later }))).context?.userId).toBe(first.context?.userId)
})

test('a made-up issuer that no issuer could be called is not even asked for', async () => {
  let asked = 0
  const { whoIs } = trusting({ resolve: () => void asked++ as undefined })
  for (const iss of ['', 'x'.repeat(256), 'a\0b', 'x'.repeat(4_000)])
    expect(await whoIs(await mint({ iss }))).toMatchObject({ code: 'token_invalid', reason: 'iss' })
  expect(asked).toBe(0)
})

test.each<[string, ClaimsSchema]>([
  ['names another', { $ref: 'https://evil.example/schema.json' }],
  ['has an unknown keyword', { type: 'object', nonsense: 5 }],
  ['never comes to an end', { properties: { sub: { pattern: '(a+)+$' } } }],
  ['contradicts itself', { type: 'object', minProperties: 'many' }],
  ['is none', 'text' as never],
])('a tenant whose schema %s is 503, not a fault of ours', async (_, schema) => {
  const { whoIs } = trusting({ resolve: (iss) => tenant(iss, { schema }) })
  for (let n = 0; n < 2; n++)
    expect(await whoIs(await mint({ iss: A }))).toMatchObject({ code: 'issuer_unreachable', failure: { status: 503 } })
})

test('a tenant whose keys cannot be used is unreachable, and keeps nobody else out', async () => {
  const { whoIs } = trusting({
    resolve: (iss) => (iss === A ? tenant(iss, { keys: { pem: 'nonsense' } }) : tenant(iss)),
  })
  expect((await whoIs(await mint({ iss: A }))).code).toBe('issuer_unreachable')
  expect((await whoIs(await mint({ iss: B }))).code).toBeUndefined()
})
