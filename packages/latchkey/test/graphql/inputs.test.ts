/** Rules of arguments and input fields bind when a value is supplied, and only then. */
import { buildSchema } from 'graphql'
import { beforeAll, expect, test } from 'vitest'
import { directives, protect } from '../../src/graphql/index.js'
import { callers, codes, type Json, type Kit } from './kit.js'

let kit: Kit
beforeAll(async () => {
  kit = await callers()
  return () => kit.auth.close()
})

const schema = protect(
  buildSchema(`${directives}
    type Query @public {
      list(status: String, deleted: Boolean @hasPermission(allOf: ["audit:read"])): Int
      defaulted(deleted: Boolean = false @authenticated, where: Where = { secret: 1, tags: ["x"] }): Int
      node(id: Int): Node
    }
    type Mutation @public { save(where: Where, many: [[Where!]], plain: Plain): Int }
    input Where { open: Int secret: Int @authenticated tags: [String!] deep: Where all: [Where!] limit: Int = 10 @authenticated }
    input Plain { open: Int where: Where next: Plain }
    interface Node @public { find(hidden: Boolean @authenticated): Int }
    type Thing implements Node @public { find(hidden: Boolean): Int }
  `),
)
const seen: Json[] = []
const saw = (args: Json) => {
  seen.push(args)
  return 1
}
const rootValue = { list: saw, defaulted: saw, save: saw, node: { __typename: 'Thing', find: saw } }

const anonymous = async (source: string, variables = {}) => {
  seen.length = 0
  const result = codes(await kit.run(schema, source, { rootValue, variables }))
  expect(seen.length === 0).toBe(Object.keys(result).length > 0)
  return Object.values(result)
}
const refused = ['credential_missing']

test('an argument with a rule is free as long as nobody supplies it', async () => {
  expect(await anonymous('{ list(status: "x") }')).toEqual([])
  expect(await anonymous('{ list(deleted: true) }')).toEqual(refused)
  expect(await anonymous('{ list(deleted: null) }')).toEqual(refused)
  expect(await anonymous('query ($d: Boolean) { list(deleted: $d) }', { d: false })).toEqual(refused)
  expect(await anonymous('query ($d: Boolean) { list(deleted: $d) }')).toEqual([])
  expect(await anonymous('query ($d: Boolean = true) { list(deleted: $d) }')).toEqual(refused)
  const result = await kit.run(schema, '{ list(deleted: true) }', { rootValue, token: kit.tokens.access_token })
  expect(result.errors[0].extensions).toEqual({ code: 'permission_denied', missing: ['audit:read'] })
})

test('an input field with a rule is found in objects, in lists of lists, behind types without rules, and in variables', async () => {
  for (const where of [
    '{ secret: 1 }',
    '{ deep: { deep: { secret: null } } }',
    '{ all: [{ open: 1 }, { secret: 1 }] }',
    '{ limit: 11 }',
  ])
    for (const source of [
      `mutation { save(where: ${where}) }`,
      `mutation { save(many: [[${where}]]) }`,
      `mutation { save(many: ${where}) }`,
      `mutation { save(plain: { next: { next: { where: ${where} } } }) }`,
      `mutation { a: save(where: { open: 1 }) @skip(if: true) save(where: ${where}) }`,
    ])
      expect([source, await anonymous(source)]).toEqual([source, refused])
  const given = { open: 1, all: [{ deep: { secret: 2 } }] }
  for (const [source, variables] of [
    ['mutation ($w: Where) { save(where: $w) }', { w: given }],
    ['mutation ($w: Where!) { save(many: [[{ open: 1 }, $w]]) }', { w: given }],
    ['mutation ($m: [[Where!]]) { save(many: $m) }', { m: [[given]] }],
    ['mutation ($m: [[Where!]]) { save(many: $m) }', { m: given }],
    ['mutation ($s: Int) { save(where: { secret: $s }) }', { s: 1 }],
    ['mutation ($w: Where = { secret: 1 }) { save(where: $w) }', {}],
    ['mutation ($p: Plain) { ...F } fragment F on Mutation { save(plain: $p) }', { p: { where: given } }],
  ] as const)
    expect([source, await anonymous(source, variables)]).toEqual([source, refused])
  expect(
    await anonymous(
      'mutation { save(where: { open: 1, deep: { tags: ["x"] } }, many: [[{ open: 1 }]], plain: { open: 2 }) }',
    ),
  ).toEqual([])
  expect(await anonymous('mutation ($s: Int) { save(where: { secret: $s }) }')).toEqual([])
})

test("a default is nobody's word, wherever it stands", async () => {
  expect(await anonymous('{ defaulted }')).toEqual([])
  expect(seen[0]).toEqual({ deleted: false, where: { secret: 1, tags: ['x'], limit: 10 } })
  expect(await anonymous('{ defaulted(where: { open: 1 }) }')).toEqual([])
  expect(await anonymous('{ defaulted(deleted: false) }')).toEqual([])
  expect(await anonymous('{ defaulted(deleted: true) }')).toEqual(refused)
  expect(await anonymous('{ defaulted(where: { secret: 1 }) }')).toEqual(refused)
})

test('an argument is bound by what an interface says of it', async () => {
  expect(await anonymous('{ node { ... on Thing { find(hidden: true) } } }')).toEqual(refused)
  expect(await anonymous('{ node { find(hidden: true) } }')).toEqual(refused)
  expect(await anonymous('{ node { find } }')).toEqual([])
})
