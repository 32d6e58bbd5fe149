/** One matrix: each rule and each caller get the same verdict from a route in REST and from a field on every GraphQL server (216). */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticate, authorize } from '../../src/adapters/node.js'
import { directives } from '../../src/graphql/index.js'
import { allOf, anyOf, createAuth, type Guard, signedIn as known, permission, scope } from '../../src/index.js'
import { ISSUER, SECRET, signedIn } from '../auth-kit.js'
import { codes, type Json } from './kit.js'
import { servers } from './servers.js'

/** The rule in the text of a schema, and the guard of a route. */
const rules: Readonly<Record<string, readonly [string, Guard | undefined]>> = {
  open: ['@public', undefined],
  mine: ['@authenticated', known],
  posts: ['@hasPermission(allOf: ["posts:write"])', permission('posts:write')],
  hr: ['@hasPermission(allOf: ["posts:write", "hr:read"])', permission('posts:write', 'hr:read')],
  either: ['@hasPermission(anyOf: ["hr:read", "posts:read"])', anyOf(permission('hr:read'), permission('posts:read'))],
  scoped: ['@requiresScopes(scopes: [["reports:read"]])', scope('reports:read')],
  scopes: ['@requiresScopes(scopes: [["a", "b"], ["reports:read"]])', anyOf(scope('a', 'b'), scope('reports:read'))],
  both: ['@authenticated @hasPermission(allOf: ["hr:read"])', allOf(known, permission('hr:read'))],
}

const sdl = `${directives} type Query { ${Object.entries(rules)
  .map(([name, [text]]) => `${name}: String ${text}`)
  .join('\n')} }`

const KEY = { algorithm: 'HS256', key: 'a-signing-key-for-tests-only-0123456789-abcdefgh' } as const
const someone = (username: string, permissions: string[]) => ({
  username,
  password: 'another good password',
  permissions,
})

/** A token for each kind of caller; `undefined` for a stranger. */
async function callersOf({ auth, user, tokens, clock }: Awaited<ReturnType<typeof signedIn>>) {
  const issue = async (who: typeof user, scope?: string) => (await auth.tokens.issue(who, { scope })).access
  const [nobody, disabled, signedOut] = await Promise.all(
    [someone('bob', []), someone('carol', ['*']), someone('dave', ['*'])].map((one) => auth.users.create(one)),
  )
  const other = createAuth({
    ...{ issuer: ISSUER, audience: 'https://other.example.com', database: 'memory', secret: SECRET },
    ...{ clock: () => clock.now, ...KEY },
  })
  const elsewhere = await other.users.create(someone('eve', ['*']))
  const found: Record<string, string | undefined> = {
    anonymous: undefined,
    user: tokens.access_token,
    'user with a scope': await issue(user, 'reports:read'),
    'user without the permission': await issue(nobody as typeof user),
    garbage: 'garbage',
    forged: `${tokens.access_token.slice(0, -8)}AAAAAAAA`,
    'for another audience': (await other.tokens.issue(elsewhere)).access,
    revoked: await issue(signedOut as typeof user),
    disabled: await issue(disabled as typeof user),
  }
  await auth.revoke({ user: (signedOut as typeof user).id })
  await auth.users.disable((disabled as typeof user).id)
  await other.close()
  return found
}

/** The routes of REST, each behind its guard. */
async function serveRest(auth: Awaited<ReturnType<typeof signedIn>>['auth']): Promise<Server> {
  const identify = authenticate(auth)
  const server = createServer(async (request, response) => {
    await identify(request, response)
    const guard = rules[request.url?.slice(1) ?? '']?.[1]
    if (guard && !(await authorize(auth, guard)(request, response))) return
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

let kit: Awaited<ReturnType<typeof signedIn>>
let callers: Awaited<ReturnType<typeof callersOf>>
let rest: Server
beforeAll(async () => {
  kit = await signedIn({ ...KEY, development: false })
  callers = await callersOf(kit)
  rest = await serveRest(kit.auth)
})
afterAll(async () => {
  rest.close()
  await kit.auth.close()
})

async function ofRest(name: string, headers: Record<string, string>): Promise<string> {
  const { port } = rest.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/${name}`, { headers })
  return response.ok ? 'passes' : `${response.status} ${((await response.json()) as Json).code}`
}

describe.each(Object.entries(servers))('%s', (_name, start) => {
  test('gives every caller the verdict of REST on every rule (216)', async () => {
    const schema = buildSchema(sdl)
    for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) field.resolve = () => 'passes'
    const server = await start(kit.auth as never, schema, { development: false })
    const seen = new Set<string>()
    for (const [who, token] of Object.entries(callers)) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
      for (const name of Object.keys(rules)) {
        const response = await fetch(server.url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ query: `{ ${name} }` }),
        })
        const body: Json = await response.json()
        const verdict = body.data?.[name] ?? Object.values(codes(body))[0]
        const expected = await ofRest(name, headers)
        expect([who, name, verdict]).toEqual([who, name, expected.split(' ').at(-1)])
        // A bad credential is the whole request's; what a good one may not do is the field's.
        const isRequest = body.data == null && expected !== 'passes'
        expect([who, name, response.status]).toEqual([who, name, isRequest ? Number(expected.split(' ')[0]) : 200])
        seen.add(expected)
      }
    }
    // The matrix is one only if it has every kind of verdict in it.
    expect([...seen].sort()).toEqual([
      ...['401 credential_missing', '401 token_audience', '401 token_invalid', '401 token_revoked'],
      ...['403 permission_denied', '403 scope_missing', 'passes'],
    ])
    await server.close()
  })
})

test('an expired token is told so on each of them', async () => {
  kit.clock.now += 301
  const token = callers.user as string
  expect(await ofRest('mine', { authorization: `Bearer ${token}` })).toBe('401 token_expired')
  for (const start of Object.values(servers)) {
    const server = await start(kit.auth as never, buildSchema(sdl), { development: false })
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ mine }' }),
    })
    expect([response.status, codes(await response.json())]).toEqual([401, { '': 'token_expired' }])
    await server.close()
  }
})
