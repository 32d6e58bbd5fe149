/** The views of the application: plain, with cookies, for batches, and for Relay; one database, one key. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createYoga, type Plugin } from 'graphql-yoga'
import { type Account, type Auth, createAuth } from 'latchkey'
import { withAuthMutations, yogaPlugin } from 'latchkey/graphql'
import { type GraphqlJwtSettings, graphqlJwt } from 'latchkey/presets'
import { schemaOfFields } from './schema.js'

export interface Options {
  /** One that several can open: `memory` is one for each. */
  readonly database: string
  readonly secret: string
  /** Where browsers find it: cookies are for that origin alone. */
  readonly origin: string
  /** `GRAPHQL_JWT` of the Django application; there the key was `SECRET_KEY`. */
  readonly settings: GraphqlJwtSettings
}

/** The old view answers 400 without a code where nothing was executed, and numbers the answers of a batch. */
const asBefore: Plugin = {
  onResultProcess({ result, setResult }) {
    if (Array.isArray(result)) return setResult(result.map((one) => ({ ...one, id: null, status: 200 })) as never)
    if (!('errors' in result) || 'data' in result) return
    for (const { extensions } of result.errors ?? []) {
      extensions.http = { status: 400, ...(extensions.http as object), spec: false }
      // Yoga's own, for what cannot be read or is not valid.
      if (String(extensions.code).startsWith('GRAPHQL_')) delete extensions.code
    }
  },
}

export function graphqlJwtProject({ database, secret, origin, settings }: Options) {
  const shared = { database, secret, origin, development: origin.startsWith('http:') }
  const plain = createAuth({ ...shared, preset: graphqlJwt(settings) })
  const cookies = createAuth({ ...shared, preset: graphqlJwt({ ...settings, jwt_cookie: true }) })
  const relay = createAuth({ ...shared, preset: graphqlJwt({ ...settings, relay: true }) })
  const views = {
    '/graphql': view('/graphql', plain),
    '/graphql-batch': view('/graphql-batch', plain, true),
    '/graphql-cookie': view('/graphql-cookie', cookies),
    '/graphql-relay': view('/graphql-relay', relay),
  }
  return { handler, auth: plain, close: () => Promise.all([plain, cookies, relay].map((auth) => auth.close())) }

  function handler(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.replace(/\/?(\?.*)?$/, '') as keyof typeof views
    const found = Object.hasOwn(views, path) ? views[path] : undefined
    if (found) return void found(request, response)
    response.writeHead(404).end()
  }
}

function view(path: string, auth: Auth<Account>, batching = false) {
  return createYoga({
    schema: withAuthMutations(schemaOfFields(), auth),
    plugins: [yogaPlugin(auth), asBefore],
    graphqlEndpoint: `${path}{/}?`,
    landingPage: false,
    batching,
  })
}
