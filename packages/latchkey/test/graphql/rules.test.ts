/** Rules hold down to the field, however it is reached, and what they refuse never runs. */
import {
  buildSchema,
  execute,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { createGate } from '../../src/graphql/gate.js'
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
import { permission } from '../../src/index.js'
import { callers, codes, type Json, type Kit } from './kit.js'

let kit: Kit
beforeAll(async () => {
  kit = await callers()
  return () => kit.auth.close()
})

/** A schema whose resolvers say that they ran. */
function schemaOf(sdl: string, options: Parameters<typeof protect>[1] = {}) {
  const schema = buildSchema(`${directives}${sdl}`)
  protect(schema, options)
  return schema
}

const token = () => kit.tokens.access_token

describe('a field', () => {
  const sdl = `
    type Query @public {
      open: String
      mine: String @authenticated
      posts: String @hasPermission(allOf: ["posts:read", "posts:write"])
      either: String @hasPermission(anyOf: ["hr:read", "posts:read"])
      salaries: String @hasPermission(allOf: ["posts:read", "hr:read", "hr:write"])
      neither: String @hasPermission(anyOf: ["hr:read", "hr:write"])
      scoped: String @requiresScopes(scopes: [["a", "b"], ["c"]])
    }`
  const rootValue = Object.fromEntries(
    ['open', 'mine', 'posts', 'either', 'salaries', 'neither', 'scoped'].map((name) => [name, () => `${name}!`]),
  )
  const all = '{ open mine posts either salaries neither scoped }'

  test('is null with the code of the refusal for a stranger, and its siblings resolve', async () => {
    const result = await kit.run(schemaOf(sdl), all, { rootValue })
    expect(result.data).toEqual({
      open: 'open!',
      mine: null,
      posts: null,
      either: null,
      salaries: null,
      neither: null,
      scoped: null,
    })
    expect(new Set(Object.values(codes(result)))).toEqual(new Set(['credential_missing']))
  })

  test('is given to whoever has what it takes, and the others are told what is missing', async () => {
    const result = await kit.run(schemaOf(sdl), all, { rootValue, token: token() })
    expect(result.data).toMatchObject({ open: 'open!', mine: 'mine!', posts: 'posts!', either: 'either!' })
    expect(result.data).toMatchObject({ salaries: null, neither: null, scoped: null })
    expect(Object.fromEntries(result.errors.map((error: Json) => [error.path[0], error.extensions]))).toEqual({
      salaries: { code: 'permission_denied', missing: ['hr:read', 'hr:write'] },
      neither: { code: 'permission_denied', missing: ['hr:read', 'hr:write'] },
      scoped: { code: 'scope_missing', missing: ['a', 'b'] },
    })
  })

  test('tells whoever comes with a bad token what is wrong with it', async () => {
    const result = await kit.run(schemaOf(sdl), '{ open mine }', { rootValue, token: 'nonsense' })
    expect(result.data).toEqual({ open: 'open!', mine: null })
    expect(codes(result)).toEqual({ mine: 'token_invalid' })
  })

  test('takes one of the lists of scopes, whole', async () => {
    const auth = (...scopes: string[]) => ({ auth: { scopes: new Set(scopes) } })
    const asked = async (...scopes: string[]) =>
      codes(await kit.run(schemaOf(sdl), '{ scoped }', { rootValue, context: auth(...scopes) }))
    expect(await asked('a', 'b')).toEqual({})
    expect(await asked('c')).toEqual({})
    expect(await asked('a')).toEqual({ scoped: 'scope_missing' })
    expect(await asked('b', 'd')).toEqual({ scoped: 'scope_missing' })
  })

  test('that is refused never runs its resolver, whatever it is called and however it is spread', async () => {
    let ran = 0
    const schema = schemaOf('type Query { secret: String @authenticated other: Query @public }')
    const root: Json = { secret: () => `${++ran}`, other: () => root }
    for (const source of [
      '{ secret }',
      '{ __typename: secret }',
      '{ a: secret b: secret }',
      '{ ... on Query { secret } }',
      '{ ...F } fragment F on Query { secret ...G } fragment G on Query { b: secret }',
      '{ other { other { secret } } }',
      'query ($yes: Boolean = true) { secret @include(if: $yes) }',
      '{ secret @skip(if: false) }',
    ]) {
      const result = await kit.run(schema, source, { rootValue: root })
      expect(Object.values(codes(result)).every((code) => code === 'credential_missing')).toBe(true)
      expect(result.errors.length).toBeGreaterThan(0)
    }
    expect(ran).toBe(0)
    expect(codes(await kit.run(schema, '{ secret @skip(if: true) __typename }', { rootValue: root }))).toEqual({})
  })

  test('refused where null cannot stand takes its parent with it', async () => {
    const schema = schemaOf(
      'type Query @public { a: A b: String } type A @public { open: String secret: String! @authenticated }',
    )
    const rootValue = { a: { open: 'x', secret: 'y' }, b: 'b' }
    expect((await kit.run(schema, '{ a { open secret } b }', { rootValue })).data).toEqual({ a: null, b: 'b' })
  })
})

describe('an object', () => {
  const sdl = `
    type Query @public { me: User node(id: Int): Node any: Any users: [User] }
    union Any = User
    interface Node { id: Int secret: String @hasPermission(allOf: ["hr:read"]) }
    type User implements Node @authenticated { id: Int secret: String name: String @public friend: User }
  `
  const user: Json = { __typename: 'User', id: 1, secret: 's', name: 'n' }
  user.friend = user
  const rootValue = { me: user, node: user, any: user, users: [user, user] }

  test('binds its fields on every way to it', async () => {
    const schema = schemaOf(sdl)
    for (const [source, path] of [
      ['{ me { id } }', 'me.id'],
      ['{ node { id } }', 'node.id'],
      ['{ node { ... on User { id } } }', 'node.id'],
      ['{ any { ... on User { id } } }', 'any.id'],
      ['{ any { ... on Node { id } } }', 'any.id'],
      ['{ users { id } }', 'users.1.id'],
    ] as const) {
      expect(codes(await kit.run(schema, source, { rootValue }))).toMatchObject({ [path]: 'credential_missing' })
      expect(codes(await kit.run(schema, source, { rootValue, token: token() }))).toEqual({})
    }
  })

  test('has fields that lift its rule by saying so', async () => {
    const result = await kit.run(schemaOf(sdl), '{ me { name __typename } }', { rootValue })
    expect(result).toEqual({ data: { me: { name: 'n', __typename: 'User' } } })
  })

  test('is bound by the rules of its interfaces, whichever way it is asked', async () => {
    const schema = schemaOf(sdl)
    for (const source of ['{ me { secret } }', '{ node { secret } }', '{ any { ... on User { secret } } }'])
      expect(Object.values(codes(await kit.run(schema, source, { rootValue, token: token() })))).toEqual([
        'permission_denied',
      ])
  })

  test('is bound by a rule of an interface as a whole, and of the interfaces of that', async () => {
    const schema = schemaOf(`
      type Query @public { t: T }
      interface A @authenticated { a: Int }
      interface B implements A @public { a: Int b: Int }
      type T implements A & B { a: Int b: Int c: Int }`)
    const result = await kit.run(schema, '{ t { a b c } }', { rootValue: { t: { a: 1, b: 2, c: 3 } } })
    expect(codes(result)).toEqual({
      't.a': 'credential_missing',
      't.b': 'credential_missing',
      't.c': 'credential_missing',
    })
  })

  test('is bound by what extends it', async () => {
    const schema = schemaOf('type Query { a: String } extend type Query @authenticated { b: String @public }')
    const result = await kit.run(schema, '{ a b }', { rootValue: { a: 'a', b: 'b' } })
    expect(result.data).toEqual({ a: null, b: 'b' })
  })
})

describe('rules in code', () => {
  test('are the rules of directives', async () => {
    const schema = protect(
      new GraphQLSchema({
        query: new GraphQLObjectType({
          name: 'Query',
          extensions: withRules(authenticated),
          fields: {
            mine: { type: GraphQLString, resolve: () => 'mine' },
            open: { type: GraphQLString, resolve: () => 'open', extensions: withRules(anybody) },
            hr: { type: GraphQLString, extensions: withRules(hasPermission({ allOf: ['hr:read'] })) },
            posts: { type: GraphQLString, resolve: () => 'posts', extensions: withRules(permission('posts:read')) },
            scoped: { type: GraphQLString, extensions: { latchkey: requiresScopes([['a']]) } },
          },
        }),
      }),
    )
    const source = '{ mine open hr posts scoped }'
    expect((await kit.run(schema, source)).data).toEqual({
      mine: null,
      open: 'open',
      hr: null,
      posts: null,
      scoped: null,
    })
    const result = await kit.run(schema, source, { token: token() })
    expect(result.data).toMatchObject({ mine: 'mine', posts: 'posts' })
    expect(codes(result)).toEqual({ hr: 'permission_denied', scoped: 'scope_missing' })
  })

  test('may look at the object and the arguments, and only true lets a field resolve', async () => {
    const seen: Json[] = []
    const own = objectRule(({ parent, args, auth, info }) => {
      seen.push([parent.id, args.length, auth?.userId, info.fieldName])
      return parent.ownerId === auth?.userId
    })
    const schema = schemaOf(
      'type Query @public { posts: [Post] } type Post @public { id: Int draft(length: Int): String }',
      {
        rules: { 'Post.draft': own },
      },
    )
    const posts = [
      { id: 1, ownerId: kit.user.id, draft: 'x' },
      { id: 2, ownerId: 'somebody else', draft: 'y' },
    ]
    const result = await kit.run(schema, '{ posts { draft(length: 9) } }', { rootValue: { posts }, token: token() })
    expect(result.data.posts).toEqual([{ draft: 'x' }, { draft: null }])
    expect(codes(result)).toEqual({ 'posts.1.draft': 'permission_denied' })
    expect(seen).toEqual([1, 2].map((id) => [id, 9, kit.user.id, 'draft']))
    expect(codes(await kit.run(schema, '{ posts { draft } }', { rootValue: { posts } }))).toEqual({
      'posts.0.draft': 'credential_missing',
      'posts.1.draft': 'credential_missing',
    })
    for (const answer of [undefined, 1, 'yes', Promise.resolve(), Promise.resolve(1)]) {
      const odd = schemaOf('type Query { a: Int }', { rules: { 'Query.a': objectRule(() => answer as never) } })
      expect(codes(await kit.run(odd, '{ a }', { token: token() }))).toEqual({ a: 'permission_denied' })
    }
  })

  test('that fail refuse the field', async () => {
    const broken = () => {
      throw new Error('broken')
    }
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library, as small as it gets.
    const thenable = { then: (_ok: unknown, no: (error: Error) => void) => no(new Error('late')) }
    for (const rule of [
      objectRule(broken),
      objectRule(async () => broken()),
      broken,
      async () => broken(),
      () => thenable,
    ]) {
      const schema = schemaOf('type Query { a: Int }', { rules: { 'Query.a': rule as never } })
      const result = await kit.run(schema, '{ a }', { token: token(), rootValue: { a: 1 } })
      expect([result.data.a, result.errors.length]).toEqual([null, 1])
    }
  })

  test('are asked once in an operation where they depend on the caller alone, and again in the next', async () => {
    let asked = 0
    const counted = async () => {
      asked += 1
    }
    const schema = protect(
      new GraphQLSchema({
        query: new GraphQLObjectType({
          name: 'Query',
          extensions: withRules(anybody),
          fields: () => ({
            items: {
              type: new GraphQLList(
                new GraphQLObjectType({
                  name: 'Item',
                  extensions: withRules(counted),
                  fields: { n: { type: GraphQLInt }, m: { type: GraphQLInt } },
                }),
              ),
            },
          }),
        }),
      }),
    )
    const items = Array.from({ length: 1_000 }, (_, n) => ({ n, m: n }))
    const context = await kit.context(token())
    const result = await kit.run(schema, '{ items { n m } }', { rootValue: { items }, context })
    expect(result.data.items[999]).toEqual({ n: 999, m: 999 })
    expect(asked).toBe(1)
    await kit.run(schema, '{ items { n } }', { rootValue: { items }, context })
    expect(asked).toBe(2)
  })

  test('are answered before the operation begins: a list of a thousand items waits for nothing', async () => {
    const schema = schemaOf(
      'type Query @public { items: [Item] } type Item @hasPermission(allOf: ["posts:read"]) { n: Int }',
    )
    const document = parse('{ items { n } }')
    const items = Array.from({ length: 1_000 }, (_, n) => ({ n }))
    const contextValue = await kit.context(token())
    const args = { schema, document, contextValue, rootValue: { items } }
    expect(execute(args)).toBeInstanceOf(Promise)
    await createGate(kit.auth as never, {}).admit({ schema, document }, contextValue)
    const result = execute(args) as Json
    expect(result).not.toBeInstanceOf(Promise)
    expect(result.data.items).toHaveLength(1_000)
    expect(result.errors).toBeUndefined()
  })
})
