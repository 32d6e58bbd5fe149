/** A small application behind each of the servers, and a client that speaks to it over a socket. */
import { buildSchema, GraphQLError, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import { directives, type GraphqlOptions, objectRule } from '../../src/graphql/index.js'
import { AuthError, type AuthOptions } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { signedIn } from '../auth-kit.js'
import type { Json } from './kit.js'
import type { Start } from './servers.js'

const sdl = `${directives}
  type Query @public {
    open: String
    me: String @authenticated
    must: String! @authenticated
    posts: [Post!]
    salaries: [Int!] @hasPermission(allOf: ["hr:read"])
    search(text: String, deleted: Boolean @hasPermission(allOf: ["audit:read"])): String
    reports: String @requiresScopes(scopes: [["reports:read"]])
    broken: String
    refused: String
    told: String
    self: Query
  }
  type Mutation @public {
    login(username: String, password: String): String
    rename(name: String): String @authenticated
    touch: String
  }
  type Post @public { id: Int! draft: String @authenticated }
`

/** What ran, in order. */
interface World {
  readonly schema: GraphQLSchema
  readonly ran: string[]
  readonly rules: NonNullable<GraphqlOptions['rules']>
}

function createWorld(): World {
  const schema = buildSchema(sdl)
  const ran: string[] = []
  const posts = [
    { id: 1, draft: 'mine' },
    { id: 2, draft: 'not mine' },
  ]
  const on = (type: string, field: string, resolve: (args: Json, context: Json) => unknown): void => {
    const found = (schema.getType(type) as GraphQLObjectType).getFields()[field]
    if (!found) throw new Error(`no field ${type}.${field}`)
    found.resolve = (_source, args, context) => {
      ran.push(field)
      return resolve(args, context)
    }
  }
  on('Query', 'open', (_args, { auth }) => `open to ${auth?.userId ?? 'nobody'}`)
  for (const field of ['me', 'must']) on('Query', field, (_args, { auth }) => auth.userId)
  on('Query', 'posts', () => posts)
  on('Query', 'salaries', () => [1, 2])
  on('Query', 'search', ({ text, deleted }) => `${text} ${deleted}`)
  on('Query', 'reports', () => 'report')
  on('Query', 'self', () => ({}))
  on('Query', 'broken', () => {
    throw new Error('SELECT * FROM users: disk I/O error')
  })
  on('Query', 'refused', () => {
    throw new AuthError('conflict', { problems: [{ path: 'name', rule: 'format', message: 'Taken.' }] })
  })
  on('Query', 'told', () => {
    throw new GraphQLError('No such post.', { extensions: { code: 'POST_GONE' } })
  })
  on('Mutation', 'login', () => 'a token')
  on('Mutation', 'rename', ({ name }) => name)
  on('Mutation', 'touch', () => 'touched')
  return { schema, ran, rules: { 'Post.draft': objectRule(({ parent }) => parent.id === 1) } }
}

/** A server with alice at it, who has `posts:*`. */
export async function startWorld(
  start: Start,
  options: GraphqlOptions = {},
  authOptions: Partial<AuthOptions<Account>> = {},
) {
  const kit = await signedIn({ development: false, ...authOptions })
  const world = createWorld()
  const faults: unknown[] = []
  const failed = (error: unknown) => faults.push(error)
  const running = await start(kit.auth as never, world.schema, {
    development: false,
    rules: world.rules,
    failed,
    ...options,
  })
  return {
    ...kit,
    ...world,
    ...running,
    faults,
    send,
    post,
    async close() {
      await running.close()
      await kit.auth.close()
    },
  }

  async function send(method: string, { query = '', body, headers = {} }: Sent = {}) {
    const response = await fetch(`${running.url}${query}`, {
      method,
      headers,
      body: (body as string | undefined) ?? null,
      redirect: 'manual',
    })
    const text = await response.text()
    const answer: Json = /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, body: answer }
  }

  /** An operation as clients send it. */
  function post(query: string, { token, variables, headers = {}, operationName }: Posted = {}) {
    return send('POST', {
      body: JSON.stringify({ query, ...(variables && { variables }), ...(operationName && { operationName }) }),
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
    })
  }
}

interface Sent {
  readonly query?: string
  readonly body?: string | Buffer
  readonly headers?: Record<string, string>
}

interface Posted {
  readonly token?: string | undefined
  readonly variables?: object
  readonly headers?: Record<string, string>
  readonly operationName?: string
}
