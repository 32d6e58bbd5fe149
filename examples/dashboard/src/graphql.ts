/** The GraphQL half of the dashboard: `{ me { id username email } }` for whoever the guard let through. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'

interface Me {
  readonly id: number
  readonly username: string
  readonly email: string | null
}

const typeDefs = /* GraphQL */ `
  type Query {
    me: User!
  }
  type User {
    id: ID!
    username: String!
    email: String
  }
`

/** The old endpoint answers 400 where nothing was executed, and its clients look at the status. */
const refusals: Plugin = {
  onResultProcess({ result }) {
    if (!('errors' in result) || 'data' in result) return
    for (const { extensions } of result.errors ?? [])
      extensions.http = { status: 400, ...(extensions.http as object), spec: false }
  },
}

export function graphql<R extends IncomingMessage>(userOf: (request: R) => Promise<Me | undefined>) {
  const schema = createSchema<{ req: R; res: ServerResponse }>({
    typeDefs,
    resolvers: { Query: { me: (_root, _arguments, { req }) => userOf(req) } },
  })
  const yoga = createYoga<{ req: R; res: ServerResponse }>({
    schema,
    plugins: [refusals],
    graphqlEndpoint: '/graphql{/}?',
    landingPage: false,
  })
  return (request: R, response: ServerResponse): void => void yoga(request, response)
}
