/** The same schema in code: rules stand in `extensions`, and a guard of REST is one of them. */
import {
  type GraphQLFieldConfig,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'
import { type Account, anyOf, permission } from 'latchkey'
import { anybody, authenticated, type GraphqlContext, protect, withAuthMutations, withRules } from 'latchkey/graphql'
import type { NewsAuth } from './auth.js'
import type { Newsroom, Post } from './newsroom.js'
import { ownPost } from './rules.js'

type Context = GraphqlContext<Account>
type Field = GraphQLFieldConfig<unknown, Context>

const text = new GraphQLNonNull(GraphQLString)
const id = { type: new GraphQLNonNull(GraphQLID) }
const listOf = (type: GraphQLObjectType) => new GraphQLList(new GraphQLNonNull(type))

const PostType = new GraphQLObjectType<Post, Context>({
  name: 'Post',
  extensions: withRules(anybody),
  fields: {
    id,
    title: { type: text },
    author: { type: text },
    draft: { type: GraphQLString, extensions: withRules(ownPost) },
  },
})
const UserType = new GraphQLObjectType({
  name: 'User',
  extensions: withRules(authenticated),
  fields: { id, username: { type: text } },
})
const SalaryType = new GraphQLObjectType({
  name: 'Salary',
  extensions: withRules(permission('hr:read')),
  fields: { name: { type: text }, amount: { type: new GraphQLNonNull(GraphQLInt) } },
})

export function codeFirst(newsroom: Newsroom, auth: NewsAuth): GraphQLSchema {
  const posts: Field = { type: new GraphQLNonNull(listOf(PostType)), resolve: () => newsroom.posts() }
  const me: Field = {
    type: UserType,
    extensions: withRules(authenticated),
    resolve: (_root, _args, { auth: caller }) => caller?.user(),
  }
  const salaries: Field = {
    type: listOf(SalaryType),
    extensions: withRules(permission('hr:read')),
    resolve: () => newsroom.salaries(),
  }
  const write: GraphQLFieldConfig<unknown, Context, { title: string }> = {
    type: new GraphQLNonNull(PostType),
    args: { title: { type: text } },
    extensions: withRules(anyOf(permission('posts:write'), permission('posts:review'))),
    resolve: async (_root, { title }, { auth: caller }) =>
      newsroom.write(title, (await caller?.user())?.username ?? ''),
  }
  const written: GraphQLFieldConfig<Post, Context> = {
    type: new GraphQLNonNull(PostType),
    extensions: withRules(authenticated),
    subscribe: () => newsroom.written(),
    resolve: (post) => post,
  }
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', extensions: withRules(anybody), fields: { posts, me, salaries } }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { write } }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: { written } }),
  })
  return protect(withAuthMutations(schema, auth))
}
