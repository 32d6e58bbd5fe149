/** The schema: who am I, and signing in and out, by the same operations as the REST endpoints. */
import type { GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { type Account, type Field, readBody, type SignedIn } from 'latchkey'
import { callOf, type GraphqlCall, type GraphqlContext } from 'latchkey/graphql'
import type { ServerAuth } from '../config/open.js'

const typeDefs = /* GraphQL */ `
  type Query {
    "The user of the token; null for anonymous callers."
    me: User
  }

  type Mutation {
    "Logs in with user name and password."
    login(username: String!, password: String!, "bearer (default) or cookie" transport: String): SignedIn!
    "Trades a refresh token, given or in a cookie, for the next pair."
    refresh(refreshToken: String): SignedIn!
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
    "Absent where it travels in a cookie."
    accessToken: String
    "How the access token is sent: Bearer."
    tokenType: String!
    "Seconds that the access token lives."
    expiresIn: Int!
    "Absent where it travels in a cookie, or the access token renews itself."
    refreshToken: String
    "Seconds until the session ends if nothing refreshes it."
    refreshExpiresIn: Int!
    "To be sent as X-CSRF-Token with the cookies."
    csrfToken: String
    user: User!
  }
`

const token: Field = { from: 'refreshToken', max: 8_192, optional: true }
const credentials: Readonly<Record<string, Field>> = {
  username: { from: 'username' },
  password: { from: 'password' },
  transport: { from: 'transport', optional: true },
}

type Arguments = Readonly<Record<string, unknown>>

export function graphqlSchema({ operations }: Pick<ServerAuth, 'operations'>): GraphQLSchema {
  return createSchema<GraphqlContext>({
    typeDefs,
    resolvers: {
      Query: { me: (_root, _args, context) => me(callOf<Account>(context)) },
      Mutation: {
        login: async (_root, args: Arguments, context) => {
          const { username = '', password = '', transport } = await read(args, credentials)
          const call = callOf<Account>(context)
          return payload(await operations.login({ username, password, transport }, call), call)
        },
        refresh: async (_root, args: Arguments, context) => {
          const call = callOf<Account>(context)
          return payload(await operations.refresh(await read(args, { token }), call), call)
        },
        logout: async (_root, args: Arguments, context) => {
          const call = callOf<Account>(context)
          call.setCookies((await operations.logout(await read(args, { token }), call)).cookies)
          return true
        },
      },
    },
  })

  async function me(call: GraphqlCall<Account>): Promise<object | null> {
    const { context, failure } = await call.authentication()
    // Nobody is a fact, and a token that is not good is an error: a client must learn that it has to refresh.
    if (failure) throw failure
    return context ? operations.me({}, call) : null
  }
}

/** The arguments by the rules of a REST body, so that both doors refuse the same texts. */
function read(
  args: Arguments,
  fields: Readonly<Record<string, Field>>,
): Promise<Readonly<Record<string, string | undefined>>> {
  // GraphQL lets an optional argument be null, and means that it is missing.
  const members = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
  const headers = { 'content-type': 'application/json' }
  return readBody(new Request('http://localhost/', { method: 'POST', headers, body: JSON.stringify(members) }), fields)
}

function payload({ tokens, delivery, csrf, part }: SignedIn, call: GraphqlCall<Account>): object {
  call.setCookies(delivery.cookies)
  return {
    accessToken: delivery.body.access,
    tokenType: 'Bearer',
    expiresIn: tokens.accessExpiresAt - tokens.issuedAt,
    refreshToken: delivery.body.refresh,
    refreshExpiresIn: tokens.refreshExpiresAt - tokens.issuedAt,
    csrfToken: csrf,
    user: part,
  }
}
