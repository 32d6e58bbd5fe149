/** What only Yoga has: several operations in one request. */
import { buildSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { expect, test } from 'vitest'
import { callOf, directives, yogaPlugin } from '../../src/graphql/index.js'
import { nobody } from './nobody.js'

test('each operation of a list sets its cookies', async () => {
  const schema = buildSchema(`${directives} type Query { taste(cookie: String!): Boolean @public }`)
  const fields = schema.getQueryType()?.getFields()
  if (fields?.taste)
    fields.taste.resolve = (_source, { cookie }, context) => {
      callOf(context).setCookies([cookie])
      return true
    }
  const yoga = createYoga({ schema, batching: true, logging: false, plugins: [yogaPlugin(nobody)] })
  const operation = (cookie: string) => ({ query: `{ taste(cookie: "${cookie}") }` })
  const answer = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([operation('a=1'), operation('b=2')]),
  })
  expect(await answer.json()).toEqual([{ data: { taste: true } }, { data: { taste: true } }])
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('a request that two servers see gets from each its own cookies only', async () => {
  const made = () => {
    const schema = buildSchema(`${directives} type Query { a: Int @public }`)
    const auth = { ...(nobody as object), authenticate: () => ({ delivery: { body: {}, cookies: [`c=${++count}`] } }) }
    return createYoga({ schema, logging: false, plugins: [yogaPlugin(auth as never)] })
  }
  let count = 0
  const [first, second] = [made(), made()]
  const request = new Request('http://localhost/graphql?query={a}')
  const cookies = async (yoga: typeof first) => (await yoga.fetch(request)).headers.getSetCookie()
  expect([await cookies(first), await cookies(second), await cookies(first)]).toEqual([['c=1'], ['c=2'], []])
})
