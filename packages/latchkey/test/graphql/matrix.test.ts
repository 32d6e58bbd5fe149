/** One matrix: each rule and each caller get the same verdict from a route in REST, on every GraphQL server, and where it stays open (216). */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticate, authorize } from '../../src/adapters/node.js'
import { directives } from '../../src/graphql/index.js'
import { allOf, anyOf, createAuth, type Guard, signedIn as known, permission, scope } from '../../src/index.js'
import { ISSUER, SECRET, signedIn } from '../auth-kit.js'
import { codes, type Json } from './kit.js'
import { live } from './live.js'
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

const fields = Object.entries(rules)
  .map(([name, [text]]) => `${name}: String ${text}`)
  .join('\n')
const sdl = `${directives} type Query { ${fields} } type Subscription { ${fields} }`

/** Every field of it answers, and every stream says one thing. */
function passing() {
  const schema = buildSchema(sdl)
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) field.resolve = () => 'passes'
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.subscribe = async function* () {
      yield 'passes'
    }
    field.resolve = (said) => said
  }
  return schema
}

const KEY = { algorithm: 'HS256', key: 'a-signing-key-for-tests-only-0123456789-abcdefgh' } as const
const someone = (username: string, permissions: string[]) => ({
  username,
  password: 'another good password',
  permissions,
})

/** A token for each kind of caller; `undefined` for a stranger. */
async function callersOf({ auth, user, tokens, clock }: Awaited<ReturnType<typeof signedIn>>) {
  clock.now += 301
  const issue = async (who: typeof user, scope?: string) => (await auth.tokens.issue(who, { scope })).access
  const [nobody, disabled, signedOut] = await Promise.all(
    [someone('bob', []), someone('carol', ['*']), someone('dave', ['*'])].map((one) => auth.users.create(one)),
  )
  const other = createAuth({
    ...{ issuer: ISSUER, audience: 'https://other.example.com', database: 'memory', secret: SECRET },
    ...{ clock: () => clock.now, ...KEY },
  })
  const tenant = createAuth({
    ...{ issuer: 'https://other.example.com', audience: ISSUER, database: 'memory', secret: SECRET },
    ...{ clock: () => clock.now, ...KEY },
  })
  const elsewhere = await other.users.create(someone('eve', ['*']))
  const admin = await tenant.users.create({ ...someone('alice', ['*']), id: user.id })
  const found: Record<string, string | undefined> = {
    anonymous: undefined,
    user: await issue(user),
    expired: tokens.access_token,
    'user with a scope': await issue(user, 'reports:read'),
    'user without the permission': await issue(nobody as typeof user),
    garbage: 'garbage',
    forged: `${tokens.access_token.slice(0, -8)}AAAAAAAA`,
    'for another audience': (await other.tokens.issue(elsewhere)).access,
    'admin of another tenant': (await tenant.tokens.issue(admin)).access,
    revoked: await issue(signedOut as typeof user),
    disabled: await issue(disabled as typeof user),
  }
  await auth.revoke({ user: (signedOut as typeof user).id })
  await auth.users.disable((disabled as typeof user).id)
  await Promise.all([other.close(), tenant.close()])
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
/** What REST says to each caller of each rule, as status and code. */
const said = new Map<string, string>()
const inRest = (who: string, rule: string): string => said.get(`${who} ${rule}`) ?? 'not asked'
const headersOf = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

beforeAll(async () => {
  kit = await signedIn({ ...KEY, development: false })
  callers = await callersOf(kit)
  const rest = await serveRest(kit.auth)
  const { port } = rest.address() as AddressInfo
  for (const [who, token] of Object.entries(callers))
    for (const rule of Object.keys(rules)) {
      const response = await fetch(`http://127.0.0.1:${port}/${rule}`, { headers: headersOf(token) })
      const verdict = response.ok ? 'passes' : `${response.status} ${((await response.json()) as Json).code}`
      said.set(`${who} ${rule}`, verdict)
    }
  rest.close()
})
afterAll(() => kit.auth.close())

describe.each(Object.entries(servers))('%s', (_name, start) => {
  test('gives every caller the verdict of REST on every rule (216)', async () => {
    const server = await start(kit.auth as never, passing(), { development: false })
    const ask = async (token: string | undefined, rule: string) => {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { ...headersOf(token), 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ ${rule} }` }),
      })
      const body: Json = await response.json()
      return { status: response.status, body, verdict: body.data?.[rule] ?? Object.values(codes(body))[0] }
    }
    for (const [who, token] of Object.entries(callers)) {
      const answers = await Promise.all(Object.keys(rules).map(async (rule) => ({ rule, ...(await ask(token, rule)) })))
      for (const { rule, status, body, verdict } of answers) {
        const expected = inRest(who, rule)
        expect([who, rule, verdict]).toEqual([who, rule, expected.split(' ').at(-1)])
        // A bad credential is the whole request's; what a good one may not do is the field's.
        const isRequest = body.data == null && expected !== 'passes'
        expect([who, rule, status]).toEqual([who, rule, isRequest ? Number(expected.split(' ')[0]) : 200])
      }
    }
    await server.close()
  })
})

test('the matrix has every kind of verdict in it', () => {
  expect([...new Set(said.values())].sort()).toEqual([
    ...['401 credential_missing', '401 token_audience', '401 token_expired', '401 token_invalid'],
    ...['401 token_revoked', '403 permission_denied', '403 scope_missing', 'passes'],
  ])
})

test.each(Object.entries(live))('%s gives them, too, to a subscription as to a question (216)', async (name, open) => {
  const door = await open(kit.auth, passing())
  const isSocket = name.startsWith('graphql-ws')
  const kinds = isSocket ? ['subscription', 'query'] : ['subscription']
  const asked = Object.keys(rules).flatMap((rule) => kinds.map((kind) => ({ rule, document: `${kind} { ${rule} }` })))
  const documents = asked.map(({ document }) => document)
  for (const [who, token] of Object.entries(callers)) {
    const verdicts = await door.ask(token, documents)
    // A bad credential opens no socket, whatever would have been asked there: a page must learn that it has to refresh.
    const isBad = isSocket && !['passes', '401 credential_missing'].includes(inRest(who, 'mine'))
    for (const [at, { rule, document }] of asked.entries()) {
      const expected = inRest(who, isBad ? 'mine' : rule)
      expect([who, document, verdicts[at]]).toEqual([who, document, expected.split(' ').at(-1)])
    }
  }
  await door.close()
})
