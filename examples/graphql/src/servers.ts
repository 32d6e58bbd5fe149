/** One schema behind each of the servers; subscriptions over a WebSocket at the same address. */
import type { Server } from 'node:http'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import fastify from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-http/lib/use/http'
import { useServer as serveSockets } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { apolloAuth, graphqlHttpOptions, graphqlWsOptions, mercuriusAuth, yogaPlugin } from 'latchkey/graphql'
import mercurius from 'mercurius'
import { WebSocketServer } from 'ws'
import { listen } from '../../lib/example.mjs'
import type { NewsAuth } from './auth.js'

interface Where {
  readonly port: number
  readonly host: string
}

type Start = (
  auth: NewsAuth,
  schema: GraphQLSchema,
  where: Where,
) => Promise<{ readonly port: number; stop(): unknown }>

export const servers: Readonly<Record<string, Start>> = {
  async yoga(auth, schema, where) {
    const yoga = createYoga({ schema, plugins: [yogaPlugin(auth)], logging: false })
    return withSockets(auth, schema, await listen(yoga, where))
  },

  async mercurius(auth, schema, where) {
    const app = fastify()
    app.register(mercuriusAuth(auth, mercurius), { schema })
    await app.ready()
    return withSockets(auth, schema, await listen((request, response) => app.routing(request, response), where))
  },

  async 'graphql-http'(auth, schema, where) {
    return withSockets(auth, schema, await listen(createHandler(graphqlHttpOptions(auth, { schema })), where))
  },

  /** Its standalone server has no place for sockets; in Express it is as the others. */
  async apollo(auth, schema, where) {
    const { server, context } = apolloAuth(auth)
    const apollo = new ApolloServer({ schema, ...server })
    const { url } = await startStandaloneServer(apollo, { context, listen: where })
    const port = Number(new URL(url).port)
    console.log(`listening on http://localhost:${port}`)
    return { port, stop: () => apollo.stop() }
  },
}

function withSockets(auth: NewsAuth, schema: GraphQLSchema, server: Server): { port: number; stop(): Promise<void> } {
  const sockets = new WebSocketServer({ server, path: '/graphql' })
  const { dispose } = serveSockets(graphqlWsOptions(auth, { schema }), sockets)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async stop() {
      await dispose()
      server.closeAllConnections()
      server.close()
    },
  }
}
