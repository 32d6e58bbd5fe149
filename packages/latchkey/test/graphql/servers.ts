/** The four servers, each in the few lines that an application writes. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import fastify from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-http/lib/use/http'
import { createYoga } from 'graphql-yoga'
import mercurius from 'mercurius'
import {
  apolloAuth,
  type GraphqlAuth,
  type GraphqlOptions,
  graphqlHttpOptions,
  mercuriusAuth,
  yogaPlugin,
} from '../../src/graphql/index.js'

interface Running {
  readonly url: string
  close(): Promise<unknown>
}

export type Start = (auth: GraphqlAuth, schema: GraphQLSchema, options?: GraphqlOptions) => Promise<Running>

/** Those that are installed for this run: not each of them takes each version of graphql. */
const chosen = process.env.LATCHKEY_GRAPHQL_SERVERS?.split(' ')
export const areAll: boolean = chosen === undefined

const all: Readonly<Record<string, Start>> = {
  async yoga(auth, schema, options) {
    const yoga = createYoga({ schema, plugins: [yogaPlugin(auth, options)], logging: false })
    return listening(createServer(yoga))
  },

  async apollo(auth, schema, options) {
    const { server, context } = apolloAuth(auth, options)
    const apollo = new ApolloServer({ schema, ...server, logger: SILENT })
    const { url } = await startStandaloneServer(apollo, { context, listen: { port: 0, host: '127.0.0.1' } })
    return { url: `${url}graphql`, close: () => apollo.stop() }
  },

  mercurius: (auth, schema, options) => startMercurius(auth, schema, options),
  // Compiled at the second request: another executor altogether.
  'mercurius compiled': (auth, schema, options) => startMercurius(auth, schema, options, { jit: 1 }),

  async 'graphql-http'(auth, schema, options) {
    return listening(createServer(createHandler(graphqlHttpOptions(auth, { ...options, schema }))))
  },
}

export const servers: typeof all = Object.fromEntries(
  Object.entries(all).filter(([name]) => chosen?.includes(name) ?? true),
)

export async function startMercurius(auth: GraphqlAuth, schema: GraphQLSchema, options?: GraphqlOptions, more = {}) {
  const app = fastify()
  app.register(mercuriusAuth(auth, mercurius, options), { schema, ...more })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url: `${url}/graphql`, close: () => app.close() }
}

export async function listening(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
