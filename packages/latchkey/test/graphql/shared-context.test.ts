/** Requests at the same moment are never each other's callers, whatever a server shares between them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, graphql } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { expect, onTestFinished, test } from 'vitest'
import { directives, protect, yogaPlugin } from '../../src/graphql/index.js'
import { signedIn } from '../auth-kit.js'
import type { Json } from './kit.js'

test("an environment that all requests share is nobody's context", async () => {
  const { auth, tokens, user } = await signedIn({ development: false })
  onTestFinished(() => auth.close())
  const schema = buildSchema(
    `${directives} type Query { me: String @authenticated slow: String @public later: Query @public }`,
  )
  const fields: Json = schema.getQueryType()?.getFields()
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  fields.me.resolve = (_source: unknown, _args: unknown, { auth: caller }: Json) => caller.userId
  fields.later.resolve = () => held.then(() => ({}))
  const yoga = createYoga({ schema, logging: false, plugins: [yogaPlugin(auth as never, { development: false })] })
  const shared = { database: 'the same for all' }
  let asked = 0
  const server = createServer(async (request, response) => {
    asked += 1
    const answer = await yoga.handleNodeRequestAndResponse(request, response, shared as never)
    response.writeHead(answer.status).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  const arrived = async (count: number) => {
    while (asked < count) await new Promise((resolve) => setImmediate(resolve))
    // Until it waits for what is held.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const ask = async (token?: string): Promise<Json> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const body = JSON.stringify({ query: '{ later { me } }' })
    const response = await fetch(url, { method: 'POST', headers, body })
    return response.json()
  }
  const stranger = ask()
  await arrived(1)
  const alice = ask(tokens.access_token)
  await arrived(2)
  const last = ask()
  await arrived(3)
  release()
  expect((await alice).data).toEqual({ later: { me: user.id } })
  for (const one of [await stranger, await last]) {
    expect(one.data).toEqual({ later: { me: null } })
    expect(one.errors[0].extensions.code).toBe('credential_missing')
  }
  expect(shared).not.toHaveProperty('auth')
})

test('a context that nothing can be put on is answered like any other', async () => {
  const schema = protect(buildSchema(`${directives} type Query { a: Int @authenticated b: Int @authenticated }`))
  const contextValue = Object.freeze({ auth: { subject: 'alice' } })
  expect(await graphql({ schema, source: '{ a b }', rootValue: { a: 1, b: 2 }, contextValue })).toEqual({
    data: { a: 1, b: 2 },
  })
})

test('a context that was made from another for somebody else has none of its verdicts', async () => {
  const schema = protect(buildSchema(`${directives} type Query { inner: Query @public a: Int @authenticated }`))
  const fields: Json = schema.getQueryType()?.getFields()
  const resolve = fields.a.resolve
  // As a resolver of the application might that asks as another caller.
  fields.a.resolve = async (source: unknown, args: unknown, context: Json, info: unknown) => {
    await resolve(source, args, context, info)
    return resolve(source, args, { ...context, auth: undefined }, info)
  }
  const answer: Json = await graphql({
    schema,
    source: '{ a }',
    rootValue: { a: 1 },
    contextValue: { auth: { subject: 'alice' } },
  })
  expect(answer.errors[0].extensions.code).toBe('credential_missing')
})
