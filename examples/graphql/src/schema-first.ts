/** The schema as text: its rules are directives, and the one that looks at the object has the name of its field. */
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import type { Account } from 'latchkey'
import { directives, type GraphqlContext, protect, withAuthMutations } from 'latchkey/graphql'
import type { NewsAuth } from './auth.js'
import type { Newsroom, Post } from './newsroom.js'
import { ownPost } from './rules.js'

const typeDefs = /* GraphQL */ `
  type Query @public {
    posts: [Post!]!
    me: User @authenticated
    salaries: [Salary!] @hasPermission(allOf: ["hr:read"])
  }
  type Mutation {
    write(title: String!): Post! @hasPermission(anyOf: ["posts:write", "posts:review"])
  }
  type Subscription {
    written: Post! @authenticated
  }
  type Post @public {
    id: ID!
    title: String!
    author: String!
    draft: String
  }
  type User @authenticated {
    id: ID!
    username: String!
  }
  type Salary @hasPermission(allOf: ["hr:read"]) {
    name: String!
    amount: Int!
  }
`

/** Typed from `createAuth` to the resolver: `user()` is an account. */
type Context = GraphqlContext<Account>

export function schemaFirst(newsroom: Newsroom, auth: NewsAuth): GraphQLSchema {
  const schema = makeExecutableSchema<Context>({
    typeDefs: [directives, typeDefs],
    resolvers: {
      Query: {
        posts: () => newsroom.posts(),
        me: (_root, _args, { auth: caller }) => caller?.user(),
        salaries: () => newsroom.salaries(),
      },
      Mutation: {
        write: async (_root, { title }: { title: string }, { auth: caller }) =>
          newsroom.write(title, (await caller?.user())?.username ?? ''),
      },
      Subscription: { written: { subscribe: () => newsroom.written(), resolve: (post: Post) => post } },
    },
  })
  return protect(withAuthMutations(schema, auth), { rules: { 'Post.draft': ownPost } })
}
