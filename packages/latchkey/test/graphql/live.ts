/** The doors behind which an operation stays open, each in the few lines that an application writes; and what is heard there. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { useServer as serve } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import mercurius from 'mercurius'
import { WebSocket, WebSocketServer } from 'ws'
import { graphqlWsOptions, mercuriusAuth, yogaPlugin } from '../../src/graphql/index.js'
import { codes, type Json } from './kit.js'
import { areAll } from './servers.js'

interface Door {
  /** What comes of each of the documents for the bearer of a token: the first value of its field, or a code. */
  ask(token: string | undefined, documents: readonly string[]): Promise<readonly string[]>
  close(): Promise<unknown>
}

const all: Readonly<Record<string, (auth: Json, schema: GraphQLSchema) => Promise<Door>>> = {
  async 'graphql-ws'(auth, schema) {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const wss = new WebSocketServer({ server, path: '/graphql' })
    const { dispose } = serve(graphqlWsOptions(auth, { schema, development: false }), wss)
    const close = async () => {
      await dispose()
      server.close()
    }
    return { ask: (token, documents) => overSocket(portOf(server), token, documents), close }
  },

  async 'graphql-ws beside Mercurius'(auth, schema) {
    const app = fastify()
    app.register(mercuriusAuth(auth, mercurius, { development: false }), { schema })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const wss = new WebSocketServer({ server: app.server, path: '/graphql' })
    const { dispose } = serve(graphqlWsOptions(auth, { schema: app.graphql.schema, development: false }), wss)
    const close = async () => {
      await dispose()
      await app.close()
    }
    return { ask: (token, documents) => overSocket(portOf(app.server), token, documents), close }
  },

  async 'server-sent events of Yoga'(auth, schema) {
    const plugins = [yogaPlugin(auth, { development: false })]
    const server = createServer(createYoga({ schema, plugins, logging: false }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = async () => server.closeAllConnections() ?? server.close()
    const ask: Door['ask'] = (token, documents) => Promise.all(documents.map((one) => byEvents(server, token, one)))
    return { ask, close }
  },
}

export const live: typeof all = Object.fromEntries(
  Object.entries(all).filter(([name]) => areAll || !name.includes('Mercurius')),
)

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

/** All of them over one connection; the reason of its end where it ends. */
async function overSocket(port: number, token: string | undefined, documents: readonly string[]) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws')
  const send = (message: object) => socket.send(JSON.stringify(message))
  const found = new Map<number, string>()
  const reason = await new Promise<string | undefined>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code, why) => resolve(code === 1000 ? undefined : String(why)))
    socket.on('open', () => send({ type: 'connection_init', payload: token === undefined ? {} : { token } }))
    socket.on('message', (data) => {
      const { type, id, payload }: Json = JSON.parse(String(data))
      if (type === 'connection_ack')
        for (const [at, query] of documents.entries()) send({ id: `${at}`, type: 'subscribe', payload: { query } })
      if (type === 'next' || type === 'error')
        found.set(Number(id), verdictOf(type === 'error' ? { errors: payload } : payload))
      if (found.size === documents.length) socket.close(1000)
    })
  })
  return documents.map((_one, at) => found.get(at) ?? reason ?? 'nothing')
}

async function byEvents(server: { address(): unknown }, token: string | undefined, query: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${portOf(server)}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  })
  const text = await response.text()
  const first = /^data: (.+)$/m.exec(text)?.[1]
  return verdictOf(JSON.parse(first ?? text))
}

const verdictOf = (body: Json): string =>
  Object.values(body.data ?? {})[0]?.toString() ?? Object.values(codes(body))[0] ?? 'nothing'
