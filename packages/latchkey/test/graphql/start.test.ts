/** A schema that does not say who may see what does not start, and says all that is missing. */
import { buildSchema, extendSchema, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  anybody,
  authenticated,
  directives,
  hasPermission,
  objectRule,
  protect,
  requiresScopes,
  withRules,
} from '../../src/graphql/index.js'
import { AuthError } from '../../src/index.js'
import { callers, codes, type Kit } from './kit.js'

let kit: Kit
beforeAll(async () => {
  kit = await callers()
  return () => kit.auth.close()
})

/** Unchecked, as makers of schemas build them: a directive in the wrong place is not refused by graphql-js then. */
const build = (sdl: string) => buildSchema(`${directives}${sdl}`, { assumeValidSDL: true })

function problemsOf(sdl: string, options: Parameters<typeof protect>[1] = {}) {
  try {
    protect(build(sdl), options)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return { code: error.code, hint: error.hint, paths: error.problems?.map(({ path }) => path) }
  }
  return undefined
}

test('every field that nothing is said of is named', () => {
  const sdl = `
    type Query { a: Int b: Int @public c: T }
    type T implements I { x: Int y: Int @authenticated z: Int }
    interface I { z: Int @authenticated }
    type Mutation @authenticated { d: Int }
    type Subscription { e: Int }`
  expect(problemsOf(sdl)).toMatchObject({
    code: 'options_invalid',
    paths: ['Query.a', 'Query.c', 'T.x', 'Subscription.e'],
  })
  expect(problemsOf(sdl)?.hint).toContain('T.x: no rule')
  expect(problemsOf(sdl, { denyByDefault: false })).toBeUndefined()
})

test('without that mode a field that nothing is said of is open', async () => {
  const schema = protect(build('type Query { a: Int b: Int @authenticated }'), { denyByDefault: false })
  const result = await kit.run(schema, '{ a b }', { rootValue: { a: 1, b: 2 } })
  expect(result.data).toEqual({ a: 1, b: null })
})

test('a rule that means nothing, or stands where it cannot hold, stops the start', () => {
  const rows: [string, string][] = [
    ['Query.a', 'type Query { a: Int @public @authenticated }'],
    ['Query', 'type Query @public { a: Int } extend type Query @authenticated'],
    ['Query.a', 'type Query { a: Int @hasPermission }'],
    ['Query.a', 'type Query { a: Int @hasPermission(allOf: ["a"], anyOf: ["b"]) }'],
    ['Query.a', 'type Query { a: Int @hasPermission(allOf: []) }'],
    ['Query.a', 'type Query { a: Int @hasPermission(anyOf: [""]) }'],
    ['Query.a', 'type Query { a: Int @hasPermission(anyOf: [1]) }'],
    ['Query.a', 'type Query { a: Int @requiresScopes }'],
    ['Query.a', 'type Query { a: Int @requiresScopes(scopes: []) }'],
    ['Query.a', 'type Query { a: Int @requiresScopes(scopes: [[]]) }'],
    ['Query.a', 'type Query { a: Int @requiresScopes(scopes: ["a", "b"]) }'],
    ['E', 'type Query @public { a: E } enum E @authenticated { A }'],
    ['E.A', 'type Query @public { a: E } enum E { A @authenticated }'],
    ['S', 'type Query @public { a: S } scalar S @hasPermission(allOf: ["a"])'],
    ['U', 'type Query @public { a: U } union U @authenticated = Query'],
    ['In', 'type Query @public { a(in: In): Int } input In @authenticated { a: Int }'],
    ['schema', 'schema @authenticated { query: Query } type Query @public { a: Int }'],
    ['Query.a', 'type Query implements I { a: Int @public } interface I { a: Int @authenticated }'],
    ['Query.a', 'type Query implements I @public { a: Int } interface I @authenticated { a: Int }'],
  ]
  for (const [path, sdl] of rows) {
    const found = problemsOf(sdl)
    expect([sdl, found?.code, found?.paths?.includes(path)]).toEqual([sdl, 'options_invalid', true])
  }
})

test('rules by name are for what there is, and are rules', () => {
  const sdl = 'type Query { a: Int }'
  expect(problemsOf(sdl, { rules: { 'Query.a': anybody } })).toBeUndefined()
  expect(problemsOf(sdl, { rules: { Query: authenticated } })).toBeUndefined()
  expect(problemsOf(sdl, { rules: { 'Query.b': anybody, 'Query.a': anybody } })?.paths).toEqual(['Query.b'])
  expect(problemsOf(sdl, { rules: { 'Query.a': [] } })?.paths).toContain('Query.a')
  for (const odd of [null, 1, 'authenticated', true, {}, { kind: 'public!' }, { kind: 'caller' }])
    expect(problemsOf(sdl, { rules: { 'Query.a': odd as never } })?.code).toBe('options_invalid')
})

test('helpers refuse what directives refuse', () => {
  for (const make of [
    () => requiresScopes([]),
    () => requiresScopes([[]]),
    () => hasPermission({ allOf: [] }),
    () => hasPermission({ anyOf: [' '] }),
    () => hasPermission({} as never),
    () => hasPermission({ allOf: ['a'], anyOf: ['a'] } as never),
    () => withRules(undefined as never),
  ])
    expect(make).toThrow(expect.objectContaining({ code: 'options_invalid' }))
})

describe('a schema made from a protected one', () => {
  const extended = (text: string) => {
    const base = protect(build('type Query { a: Int @authenticated b: Int @public }'))
    return extendSchema(base, parse(text))
  }
  const rootValue = { a: 1, b: 2, c: 3 }

  test('keeps its rules, and gets those of its own when it is protected, too', async () => {
    const schema = extended('extend type Query @hasPermission(allOf: ["x"]) { c: Int }')
    expect(codes(await kit.run(schema, '{ a c }', { rootValue }))).toEqual({ a: 'credential_missing' })
    protect(schema)
    const token = kit.tokens.access_token
    expect(codes(await kit.run(schema, '{ a b c }', { rootValue, token }))).toEqual({
      a: 'permission_denied',
      c: 'permission_denied',
    })
  })

  test('protecting twice asks no rule twice', async () => {
    let asked = 0
    const schema = build('type Query { a: Int }')
    const rules = { 'Query.a': objectRule(() => ++asked > 0) }
    protect(protect(schema, { rules }), { rules })
    await kit.run(schema, '{ a }', { rootValue })
    expect(asked).toBe(1)
  })
})

test('a second server does not lift what the first was told of a schema by name', async () => {
  const schema = build('type Query @public { a: Int @public b: Int }')
  protect(schema, { rules: { 'Query.b': authenticated } })
  protect(schema, { denyByDefault: false })
  expect(codes(await kit.run(schema, '{ a b }', { rootValue: { a: 1, b: 2 } }))).toEqual({ b: 'credential_missing' })
  protect(schema, { rules: { 'Query.b': hasPermission({ allOf: ['x'] }) } })
  const { access_token: token } = kit.tokens
  expect(codes(await kit.run(schema, '{ b }', { rootValue: { b: 2 }, token }))).toEqual({ b: 'permission_denied' })
  expect(() => protect(schema, { rules: { 'Query.b': anybody } })).toThrow(
    expect.objectContaining({ code: 'options_invalid' }),
  )
})

test('a context that nobody put a caller on refuses, and is no anonymous caller', async () => {
  const schema = protect(
    new GraphQLSchema({
      query: new GraphQLObjectType({
        name: 'Query',
        fields: { a: { type: GraphQLString, extensions: withRules(authenticated) } },
      }),
    }),
  )
  for (const context of [{}, { user: 'alice' }, 'alice'])
    expect(Object.keys(codes(await kit.run(schema, '{ a }', { context })))).toEqual(['a'])
  const result = await kit.run(schema, '{ a }', { context: {} })
  expect(result.errors[0].extensions?.code).toBeUndefined()
})
