/** What only Mercurius has: sockets of its own, and a schema that changes while it runs. */
import fastify from 'fastify'
import { buildSchema } from 'graphql'
import mercurius from 'mercurius'
import { expect, onTestFinished, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { directives, mercuriusAuth } from '../../src/graphql/index.js'
import { nobody } from './nobody.js'

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

/** The same for everybody who comes with a token that is not good. */
const refused = {
  authenticate: () => ({ failure: new AuthError('token_invalid') }),
  peer: () => ({ address: undefined }),
  reject: () => ({ status: 401, headers: {} }),
} as never

async function served(auth: never, more: object) {
  const app = fastify()
  onTestFinished(() => app.close())
  const schema = buildSchema(`${directives} type Query { a: Int @authenticated b: Int @public more: Query @public }`)
  const resolvers = { Query: { a: () => 1, b: () => 2, more: () => ({}) } }
  app.register(mercuriusAuth(auth, mercurius, { development: false }), { schema, resolvers, ...more })
  await app.ready()
  const post = (payload: object) => app.inject({ method: 'POST', url: '/graphql', payload })
  return { app, post }
}

test('of a list each operation is judged, and of a document the one that is named', async () => {
  const { post } = await served(refused, { allowBatchedQueries: true })
  const query = 'query first { b } query second { a }'
  const answers = (
    await post([
      { query, operationName: 'second' },
      { query, operationName: 'first' },
    ])
  ).json()
  expect(answers[0]).toMatchObject({ data: null, errors: [{ extensions: { code: 'token_invalid' } }] })
  expect(answers[1]).toEqual({ data: { b: 2 } })
})

test('a name that stands for a document lets nobody past what the document asks', async () => {
  const documents = { schema: '{ __schema { queryType { name } } }', secret: '{ a }', open: '{ b }' }
  const persistedQueryProvider = mercurius.persistedQueryDefaults.preparedOnly(documents)
  const strangers = await served(nobody, { persistedQueryProvider })
  const ask = async ({ post }: typeof strangers, query: string) => (await post({ persisted: true, query })).json()
  expect((await ask(strangers, 'schema')).errors[0].extensions.code).toBe('credential_missing')
  expect((await ask(strangers, 'open')).data).toEqual({ b: 2 })
  expect((await ask(await served(refused, { persistedQueryProvider }), 'secret')).errors[0].extensions.code).toBe(
    'token_invalid',
  )
})

test('what the application asks by its own hand has the same limits', async () => {
  const { app } = await served(nobody, {})
  const deep = `${'{ more '.repeat(9)} { b } ${'}'.repeat(9)}`
  await expect(app.graphql(deep)).rejects.toMatchObject({ extensions: { code: 'request_invalid' } })
  await expect(app.graphql('{"kind":"Document"}')).rejects.toMatchObject({ extensions: { code: 'request_invalid' } })
  expect((await app.graphql('{ b }')).data).toEqual({ b: 2 })
})

test('a body that Fastify cannot read is refused in our words', async () => {
  const { app } = await served(nobody, {})
  const headers = { 'content-type': 'application/xml' }
  const answer = await app.inject({ method: 'POST', url: '/graphql', headers, payload: '<query/>' })
  expect(answer.json().errors[0].extensions.code).toBe('media_type_unsupported')
})

test('what is refused is refused once, and told to the operator once', async () => {
  let told = 0
  const counting = { ...(nobody as object), reject: () => ({ status: 400 + ++told, headers: {} }) } as never
  const { app } = await served(counting, {})
  const headers = { 'content-type': 'text/plain' }
  const answer = await app.inject({ method: 'POST', url: '/graphql', headers, payload: '{"query":"{ b }"}' })
  expect([answer.statusCode, told]).toEqual([401, 1])
})
