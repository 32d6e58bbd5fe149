/** The types that follow from claim schemas: what the schema says, and nothing that it does not. */
import { expect, expectTypeOf, test } from 'vitest'
import { type ClaimsOf, createAuth, type StandardSchema } from '../../src/index.js'
import { ISSUER, SECRET } from '../auth-kit.js'

/** The type of what a schema lets through; there is no such value. */
const claimsOf = <const S>(_schema: S): ClaimsOf<S> => undefined as ClaimsOf<S>

test('a required claim is there, any other may be absent', () => {
  const claims = claimsOf({
    required: ['tenant', 'extra'],
    properties: { tenant: { type: 'string' }, level: { type: ['integer', 'null'] }, ok: { type: 'boolean' } },
  })
  expectTypeOf<(typeof claims)['tenant']>().toEqualTypeOf<string>()
  expectTypeOf<typeof claims>().toHaveProperty('level').toEqualTypeOf<number | null | undefined>()
  expectTypeOf<typeof claims>().toHaveProperty('ok').toEqualTypeOf<boolean | undefined>()
  expectTypeOf<undefined>().not.toExtend<(typeof claims)['extra']>()
  // @ts-expect-error: nobody said anything of this one
  expectTypeOf<(typeof claims)['tennant']>()
})

test('enum and const are literals', () => {
  const claims = claimsOf({ required: ['a'], properties: { a: { enum: ['x', 1, null] }, b: { const: 'y' } } })
  expectTypeOf<(typeof claims)['a']>().toEqualTypeOf<'x' | 1 | null>()
  expectTypeOf<typeof claims>().toHaveProperty('b').toEqualTypeOf<'y' | undefined>()
})

test('objects and lists go all the way down', () => {
  const claims = claimsOf({
    required: ['list', 'pair', 'some', 'map'],
    properties: {
      list: {
        type: 'array',
        items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      },
      pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 2 },
      some: { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'null' } },
      map: { type: 'object', properties: { n: { type: 'number' } }, additionalProperties: { type: 'string' } },
    },
  })
  expectTypeOf<(typeof claims)['list']>().toEqualTypeOf<readonly { readonly id: string }[]>()
  expectTypeOf<(typeof claims)['pair']>().toEqualTypeOf<readonly [string, number, ...unknown[]]>()
  expectTypeOf<(typeof claims)['some'][0]>().toEqualTypeOf<string | undefined>()
  expectTypeOf<(typeof claims)['some'][1]>().toEqualTypeOf<null>()
  expectTypeOf<(typeof claims)['map']['n']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<(typeof claims)['map'][string]>().toEqualTypeOf<string | number | undefined>()
})

test('anyOf and oneOf are a choice, allOf is all of it', () => {
  const either = claimsOf({
    anyOf: [
      { required: ['a'], properties: { a: { type: 'string' } } },
      { required: ['b'], properties: { b: { type: 'number' } } },
    ],
  })
  expectTypeOf<{ readonly a: string }>().toExtend<typeof either>()
  expectTypeOf<{ readonly b: number }>().toExtend<typeof either>()
  expectTypeOf<{ readonly a: number }>().not.toExtend<typeof either>()
  const one = claimsOf({ properties: { v: { oneOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['v'] })
  expectTypeOf<(typeof one)['v']>().toEqualTypeOf<string | null>()
  const all = claimsOf({ allOf: [{ properties: { a: { type: 'string' } } }, { required: ['a'] }] })
  expectTypeOf<(typeof all)['a']>().toEqualTypeOf<string>()
})

test('what does not follow is unknown: no type, a reference, text that is not a literal', () => {
  const claims = claimsOf({
    required: ['a', 'b', 'c', 'd'],
    properties: {
      a: { minLength: 1 },
      // Claims are objects, but what stands in them may be anything.
      b: { properties: { c: { type: 'string' } } },
      c: { $ref: '#/$defs/c' },
      d: true,
      e: false,
    },
    $defs: { c: { type: 'string' } },
  })
  expectTypeOf<(typeof claims)['a']>().toBeUnknown()
  expectTypeOf<(typeof claims)['b']>().toBeUnknown()
  expectTypeOf<(typeof claims)['c']>().toBeUnknown()
  expectTypeOf<(typeof claims)['d']>().toBeUnknown()
  expectTypeOf<typeof claims>().toHaveProperty('e').toEqualTypeOf<undefined>()
  expectTypeOf<ClaimsOf<object>>().toBeUnknown()
  const wide = { type: 'object', required: ['a'], properties: { a: { type: 'string' } } }
  expectTypeOf<ClaimsOf<typeof wide>>().toBeUnknown()
})

test('of a Standard Schema the input counts: claims stay what the token says', () => {
  expectTypeOf<ClaimsOf<StandardSchema<{ n: string }, { n: number }>>>().toEqualTypeOf<{ n: string }>()
  expectTypeOf<ClaimsOf<StandardSchema>>().toBeUnknown()
})

const base = { issuer: ISSUER, database: 'memory', secret: SECRET } as const
const schema = {
  type: 'object',
  required: ['sub', 'tenant', 'plan'],
  properties: {
    sub: { type: 'string' },
    tenant: { type: 'string' },
    plan: { enum: ['free', 'pro'] },
    note: { type: 'string' },
  },
} as const
type ContextOf<A extends { of(request: object): unknown }> = NonNullable<ReturnType<A['of']>>

test('the context of an auth has the claims of its schema, and what the hook adds besides', () => {
  const auth = createAuth({
    ...base,
    claims: (user) => ({ tenant: user.username, plan: 'free', seats: 3 }),
    claimsSchema: {
      required: ['tenant', 'plan'],
      properties: { tenant: { type: 'string' }, plan: { enum: ['free', 'pro'] } },
    },
  })
  type Claims = ContextOf<typeof auth> extends { claims: infer C } ? C : never
  expectTypeOf<Claims['tenant' & keyof Claims]>().toEqualTypeOf<string>()
  expectTypeOf<Claims['plan' & keyof Claims]>().toEqualTypeOf<'free' | 'pro'>()
  expectTypeOf<Claims['seats' & keyof Claims]>().toEqualTypeOf<number>()
  expectTypeOf<Claims['anything']>().toBeUnknown()
  expect(auth.of({})).toBeUndefined()
})

test('the same over a users table of the application, with a hook that takes its time', () => {
  const users = {
    findById: async () => ({ id: '1', team: 'red' }),
    findByLogin: async () => undefined,
  }
  const auth = createAuth({
    ...base,
    users,
    claims: async (user) => ({ tenant: user.team, plan: 'pro' }),
    claimsSchema: schema,
  })
  const claims = auth.of({})?.claims
  expectTypeOf<NonNullable<typeof claims>['plan']>().toEqualTypeOf<'free' | 'pro'>()
  expectTypeOf<NonNullable<typeof claims>['note']>().toEqualTypeOf<string | undefined>()
})

test('without a schema the hook alone says what is known, and constants of it are no literals', () => {
  const auth = createAuth({ ...base, claims: () => ({ role: 'guest', teams: ['a', 'b'], nested: { deep: 1 } }) })
  const claims = auth.of({})?.claims
  expectTypeOf<NonNullable<typeof claims>['role']>().toEqualTypeOf<string>()
  expectTypeOf<NonNullable<typeof claims>['teams']>().toEqualTypeOf<readonly string[]>()
  expectTypeOf<NonNullable<typeof claims>['nested']>().toEqualTypeOf<{ readonly deep: number }>()
})

test('a hook that does not add what the schema demands is a type error, and so is none', () => {
  // @ts-expect-error: no plan
  createAuth({ ...base, claimsSchema: schema, claims: () => ({ tenant: 'acme' }) })
  // @ts-expect-error: no such plan
  createAuth({ ...base, claimsSchema: schema, claims: async () => ({ tenant: 'acme', plan: 'gold' }) })
  // @ts-expect-error: an optional claim of another type
  createAuth({ ...base, claimsSchema: schema, claims: (user) => ({ tenant: user.id, plan: 'free', note: 5 }) })
  // @ts-expect-error: no hook
  createAuth({ ...base, claimsSchema: schema })
  // Nobody has to add what is not required, or what every token says anyway.
  createAuth({ ...base, claimsSchema: { required: ['sub', 'exp'], properties: { note: { type: 'string' } } } })
  // A schema whose type says nothing asks for nothing.
  createAuth({ ...base, claimsSchema: schema as object })
})
