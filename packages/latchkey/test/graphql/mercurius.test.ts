/** What only Mercurius has: sockets of its own, and a schema that changes while it runs. */
import fastify from 'fastify'
import { buildSchema } from 'graphql'
import mercurius from 'mercurius'
import { expect, test } from 'vitest'
import { directives, mercuriusAuth } from '../../src/graphql/index.js'

/** As much of an auth as strangers need. */
const nobody = {
  authenticate: async () => ({}),
  peer: () => ({ address: undefined }),
  reject: () => ({ status: 401, headers: {} }),
} as never

test('it does not start with sockets of its own, which nobody stands before', async () => {
  const app = fastify()
  app.register(mercuriusAuth(nobody, mercurius), { schema: buildSchema('type Query { a: Int }'), subscription: true })
  await expect(app.ready()).rejects.toMatchObject({ code: 'options_invalid', hint: expect.stringContaining('sockets') })
})

test('resolvers, fields and schemas that come while it runs have their rules, or nobody is answered', async () => {
  const app = fastify()
  const schema = buildSchema(`${directives} type Query { a: Int @authenticated b: Int @public }`)
  app.register(mercuriusAuth(nobody, mercurius), { schema, resolvers: { Query: { a: () => 1, b: () => 2 } } })
  await app.ready()
  const ask = async (query: string) =>
    (await app.inject({ method: 'POST', url: '/graphql', payload: { query } })).json()
  const refused = { a: null, b: 3 }
  app.graphql.defineResolvers({ Query: { a: () => 2, b: () => 3 } })
  for (let i = 0; i < 3; i += 1) expect((await ask('{ a b }')).data).toEqual(refused)
  app.graphql.extendSchema('extend type Query { c: Int @authenticated }')
  app.graphql.defineResolvers({ Query: { c: () => 4 } })
  expect((await ask('{ a b c }')).data).toEqual({ ...refused, c: null })
  const open = buildSchema('type Query { a: Int }')
  expect(() => app.graphql.replaceSchema(open)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
  expect((await ask('{ a }')).data ?? null).toBeNull()
  await app.close()
})
