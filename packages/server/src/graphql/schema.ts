/** The schema: who am I, and signing in and out, by the same operations as the REST endpoints. */
import type { GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { type Account, type Call, type Field, readBody, type SignedIn } from 'latchkey'
import type { ServerAuth } from '../config/open.js'

/** What every resolver gets. */
export interface GraphqlContext {
  readonly call: Call<Account>
  readonly requestId: string
}

const typeDefs = /* GraphQL */ `
  type Query {
    "The user of the token; null for anonymous callers."
    me: User
  }

  type Mutation {
    "Logs in with user name and password."
    login(username: String!, password: String!): SignedIn!
    "Trades a refresh token for the next pair."
    refresh(refreshToken: String!): SignedIn!
    "Ends the session of the access token, of the refresh token given, or both."
    logout(refreshToken: String): Boolean!
  }

  type User {
    id: ID!
    username: String!
    email: String
    permissions: [String!]!
  }

  "Fresh tokens, and whose they are."
  type SignedIn {
    accessToken: String!
    "How the access token is sent: Bearer."
    tokenType: String!
    "Seconds that the access token lives."
    expiresIn: Int!
    "Absent where the access token renews itself."
    refreshToken: String
    "Seconds until the session ends if nothing refreshes it."
    refreshExpiresIn: Int!
    user: User!
  }
`

const token: Field = { from: 'refreshToken', max: 8_192 }
const credentials = { username: { from: 'username' }, password: { from: 'password' } }

type Arguments = Readonly<Record<string, unknown>>

export function graphqlSchema({ operations }: Pick<ServerAuth, 'operations'>): GraphQLSchema {
  return createSchema<GraphqlContext>({
    typeDefs,
    resolvers: {
      Query: { me: (_root, _args, { call }) => me(call) },
      Mutation: {
        login: async (_root, args: Arguments, { call }) => {
          const { username = '', password = '' } = await read(args, credentials)
          return payload(await operations.login({ username, password }, call))
        },
        refresh: async (_root, args: Arguments, { call }) => {
          const { token: given = '' } = await read(args, { token })
          return payload(await operations.refresh({ token: given }, call))
        },
        logout: async (_root, args: Arguments, { call }) => {
          await operations.logout(await read(args, { token: { ...token, optional: true } }), call)
          return true
        },
      },
    },
  })

  async function me(call: Call<Account>): Promise<object | null> {
    const { context, failure } = await call.authentication()
    // Nobody is a fact, and a token that is not good is an error: a client must learn that it has to refresh.
    if (failure) throw failure
    return context ? operations.me({}, call) : null
  }
}

/** The arguments by the rules of a REST body, so that both doors refuse the same texts. */
function read(args: Arguments, fields: Readonly<Record<string, Field>>): Promise<Readonly<Record<string, string>>> {
  // GraphQL lets an optional argument be null, and means that it is missing.
  const members = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
  const headers = { 'content-type': 'application/json' }
  return readBody(new Request('http://localhost/', { method: 'POST', headers, body: JSON.stringify(members) }), fields)
}

const payload = ({ tokens, part }: SignedIn): object => ({
  accessToken: tokens.access,
  tokenType: 'Bearer',
  expiresIn: tokens.accessExpiresAt - tokens.issuedAt,
  refreshToken: tokens.refresh,
  refreshExpiresIn: tokens.refreshExpiresAt - tokens.issuedAt,
  user: part,
})
