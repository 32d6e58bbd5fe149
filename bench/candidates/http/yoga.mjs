/** GraphQL Yoga alone, with Latchkey and with its own JWT plugin: one authenticated question. */
import { createServer } from 'node:http'
import { createInlineSigningKeyProvider, extractFromHeader, useJWT } from '@graphql-yoga/plugin-jwt'
import { createYoga } from 'graphql-yoga'
import { yogaPlugin } from 'latchkey/graphql'
import { issuer } from '../../lib/tokens.mjs'
import { asked, root, ruled, schema } from './graphql.mjs'
import { bareTokens, latchkeyTokens, peerTokens } from './tokens.mjs'

export const bare = async ({ what = 'me' }) => ({
  ...(await bareTokens({ permissions: ['items:*'] })),
  ...asked[what],
  server: serve(schema(), []),
})

export async function latchkey({ alg, what = 'me' }) {
  const { auth, tokens } = await latchkeyTokens(alg, { permissions: ['items:*'] })
  return { tokens, ...asked[what], server: serve(ruled(), [yogaPlugin(auth)]) }
}

export function pluginJwt({ alg }) {
  const { keys, tokens } = peerTokens(alg)
  const plugin = useJWT({
    signingKeyProviders: [createInlineSigningKeyProvider(keys.secret ?? keys.publicKey)],
    tokenLookupLocations: [extractFromHeader({ name: 'authorization', prefix: 'Bearer' })],
    tokenVerification: { issuer, algorithms: [alg] },
    reject: { missingToken: true, invalidToken: true },
  })
  return { tokens, ...asked.me, server: serve(schema(), [plugin]) }
}

function serve(made, plugins) {
  for (const [name, field] of Object.entries(made.getQueryType().getFields())) field.resolve = () => root[name]
  return createServer(createYoga({ schema: made, plugins, logging: false }))
}
