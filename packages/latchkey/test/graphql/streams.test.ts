/** A subscription is judged when it begins and at every event: a token that ends in between gets nothing more. */
import {
  createSourceEventStream,
  type ExecutionResult,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  parse,
  subscribe,
  versionInfo,
} from 'graphql'
import { expect, test } from 'vitest'
import { anybody, authenticated, contextOf, protect, withRules } from '../../src/graphql/index.js'
import { type AuthOptions, basic, bearer, jwt, splitCookies } from '../../src/index.js'
import type { Account } from '../../src/stores/port.js'
import { PASSWORD, signedIn } from '../auth-kit.js'
import { callers, codes, type Kit } from './kit.js'

function schemaOf(rule = authenticated) {
  let started = 0
  async function* numbers() {
    started += 1
    for (let n = 1; ; n += 1) yield { n }
  }
  const Box = new GraphQLObjectType({
    name: 'Box',
    fields: { n: { type: GraphQLInt, extensions: withRules(authenticated) } },
  })
  const schema = protect(
    new GraphQLSchema({
      query: new GraphQLObjectType({
        name: 'Query',
        fields: { a: { type: GraphQLInt, extensions: withRules(anybody) } },
      }),
      subscription: new GraphQLObjectType({
        name: 'Subscription',
        fields: {
          n: { type: GraphQLInt, subscribe: numbers, extensions: withRules(rule) },
          box: { type: Box, subscribe: numbers, resolve: (event) => event, extensions: withRules(rule) },
        },
      }),
    }),
  )
  return { schema, started: () => started }
}

const begin = async (schema: GraphQLSchema, source: string, contextValue: unknown) =>
  (await subscribe({ schema, document: parse(source), contextValue })) as AsyncGenerator<ExecutionResult> &
    ExecutionResult

test('a stranger starts nothing', async () => {
  const { auth, context } = await callers()
  const { schema, started } = schemaOf()
  expect(codes(await begin(schema, 'subscription { n }', await context()))).toEqual({ n: 'credential_missing' })
  const direct = { schema, document: parse('subscription { a: n }'), contextValue: await context('nonsense') }
  // graphql 17 has it for arguments that were validated before, and nobody else has a use for it.
  const stream = versionInfo.major > 16 ? subscribe(direct) : createSourceEventStream(direct)
  expect(codes(await stream)).toEqual({ a: 'token_invalid' })
  expect(started()).toBe(0)
  await auth.close()
})

test('an event after the token expired, or was revoked, carries nothing, down to the field', async () => {
  const endings = {
    token_expired: async ({ clock }: Kit) => {
      clock.now += 301
    },
    token_revoked: async ({ auth, user }: Kit) => {
      await auth.revoke({ user: user.id })
    },
  }
  for (const [code, end] of Object.entries(endings)) {
    const kit = await callers()
    const contextValue = await kit.context(kit.tokens.access_token)
    const { schema } = schemaOf()
    const open = schemaOf(anybody).schema
    const streams = {
      n: await begin(schema, 'subscription { n }', contextValue),
      'box.n': await begin(open, 'subscription { box { n } }', { ...contextValue }),
    }
    for (const stream of Object.values(streams)) expect((await stream.next()).value.errors).toBeUndefined()
    await end(kit)
    for (const [path, stream] of Object.entries(streams)) {
      const { value } = await stream.next()
      expect(codes(value)).toEqual({ [path]: code })
      expect(JSON.stringify(value.data)).not.toMatch(/\d/)
      await stream.return(undefined)
    }
    await kit.auth.close()
  }
})

test('a stream that a cookie without Origin or a password opened ends with them, too', async () => {
  const authenticators = [jwt<Account>(), basic<Account>()]
  const options = { transports: [splitCookies(), bearer()], authenticators, silentRefresh: true }
  const { auth, clock, user, call } = await signedIn(options as Partial<AuthOptions<Account>>)
  const login = await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } })
  const cookie = login.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const by = (headers: Record<string, string>) =>
    contextOf(auth)(new Request('http://localhost/graphql', { method: 'POST', headers }))
  const { schema } = schemaOf()
  const cookied = await by({ cookie, 'x-csrf-token': login.body.csrf_token })
  const first = await begin(schema, 'subscription { n }', cookied)
  expect((await first.next()).value.data).toEqual({ n: 1 })
  clock.now += 301
  expect(codes((await first.next()).value)).toEqual({ n: 'token_expired' })
  const password = Buffer.from(`alice:${PASSWORD}`).toString('base64')
  const second = await begin(schema, 'subscription { n }', await by({ authorization: `Basic ${password}` }))
  expect((await second.next()).value.data).toEqual({ n: 1 })
  await auth.users.disable(user.id)
  expect(codes((await second.next()).value)).toEqual({ n: 'user_inactive' })
  await Promise.all([first.return(undefined), second.return(undefined), auth.close()])
})
