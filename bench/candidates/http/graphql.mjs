/** What is asked of a GraphQL server in a benchmark: who am I, or a thousand things; with rules for those who keep them. */
import { buildSchema } from 'graphql'
import { directives } from 'latchkey/graphql'

const items = Array.from({ length: 1_000 }, (_, at) => ({ id: String(at), name: `item ${at}` }))

/** A schema without resolvers: what the root says is what there is. */
export const schema = () =>
  buildSchema('type Query { me: User! items: [Item!]! } type User { id: ID! } type Item { id: ID! name: String! }')

/** The same with a rule at the question and at its type, and a permission at each field of each item. */
export const ruled = () =>
  buildSchema(`${directives}
    type Query @authenticated { me: User! items: [Item!]! }
    type User @authenticated { id: ID! }
    type Item {
      id: ID! @hasPermission(allOf: ["items:read"])
      name: String! @hasPermission(allOf: ["items:read"])
    }
  `)

export const root = { me: { id: '1' }, items }

const post = (query) => ({
  method: 'POST',
  path: '/graphql',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
})

/** What is sent, and the beginning of the answer: one that refuses is answered 200, too. */
export const asked = {
  me: { request: post('{ me { id } }'), begins: '{"data":{"me":{"id":"1"}}' },
  items: { weight: 20, request: post('{ items { id name } }'), begins: '{"data":{"items":[{"id":"0","name":"item 0"}' },
}
