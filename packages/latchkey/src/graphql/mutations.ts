/** Signing in and out by GraphQL: the same operations as the endpoints, counted by the same throttle. */
import { extendSchema, type GraphQLObjectType, type GraphQLScalarType, type GraphQLSchema, parse } from 'graphql'
import type { Auth } from '../auth.js'
import { readInput } from '../endpoints/body.js'
import { setCookies } from '../endpoints/by-hand.js'
import type { Call, Field, SignedIn } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import type { User } from '../stores/port.js'
import { type Caller, callerOn } from './caller.js'
import { anybody } from './rule.js'

const TYPES = /* GraphQL */ `
  "Fresh tokens, and whose they are. Where they travel in cookies, the tokens themselves are not here."
  type TokenPayload {
    accessToken: String
    "How the access token is sent: Bearer."
    tokenType: String
    "Seconds that the access token lives."
    expiresIn: Int!
    "Absent where the access token renews itself, and where it is in a cookie."
    refreshToken: String
    "Seconds until the session ends if nothing refreshes it."
    refreshExpiresIn: Int!
    "To be repeated in the header X-CSRF-Token, where the tokens are in cookies."
    csrfToken: String
    scope: String
    user: TokenUser!
  }

  type TokenUser {
    id: ID
    username: String
    email: String
    permissions: [String!]
  }

  type VerifiedToken {
    active: Boolean!
    claims: TokenClaims!
  }

  "The claims of a token, as JSON."
  scalar TokenClaims

  type RevokedToken {
    revoked: Boolean!
  }
`

const FIELDS = /* GraphQL */ `
  "Logs in with user name and password. transport: bearer or cookie."
  tokenAuth(username: String!, password: String!, remember: Boolean, transport: String): TokenPayload!
  "The claims of a good access token; a bad one is an error with its code."
  verifyToken(token: String!): VerifiedToken!
  "Trades a refresh token, given or in its cookie, for the next pair."
  refreshToken(refreshToken: String): TokenPayload!
  "Ends the session of the access token, of the refresh token given or in its cookie, or both."
  revokeToken(refreshToken: String): RevokedToken!
`

/** The mutations that `withAuthMutations` adds. */
type AuthMutation = 'tokenAuth' | 'verifyToken' | 'refreshToken' | 'revokeToken'

type Arguments = Readonly<Record<string, unknown>>
type Do = (args: Arguments, call: Call, deliver: (cookies: readonly string[]) => void) => Promise<object>

const token: Field = { from: 'token', max: 8_192 }
const refreshed: Field = { from: 'refreshToken', max: 8_192, optional: true }
const credentials = {
  username: { from: 'username' },
  password: { from: 'password' },
  remember: { from: 'remember', is: 'boolean', optional: true },
  transport: { from: 'transport', optional: true },
} satisfies Record<string, Field>

/**
 * The same schema with the mutations `tokenAuth`, `verifyToken`, `refreshToken` and `revokeToken`, which do what the endpoints do: they
 * are open to everybody, throttled together with REST, and set cookies where tokens travel in cookies. Throws `options_invalid`
 * where the schema has one of them already. To be called before `protect` or a server's plugin.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { createAuth } from 'latchkey'
 * import { directives, protect, withAuthMutations } from 'latchkey/graphql'
 * const auth = createAuth({ issuer: 'https://api.example.com', database: 'sqlite:auth.db', secret: process.env.LATCHKEY_SECRET ?? '' })
 * const schema = protect(withAuthMutations(buildSchema(`${directives} type Query { me: String @authenticated }`), auth))
 * ```
 */
export function withAuthMutations<U extends User, C extends object>(
  schema: GraphQLSchema,
  auth: Pick<Auth<U, C>, 'operations'>,
): GraphQLSchema {
  const known = schema.getMutationType()
  const name = known?.name ?? 'Mutation'
  const head = known ? `extend type ${name}` : `extend schema { mutation: ${name} } type ${name}`
  const extended = extend(schema, `${TYPES} ${head} { ${FIELDS} }`)
  const fields = (extended.getMutationType() as GraphQLObjectType).getFields()
  for (const [field, perform] of Object.entries(doing(auth as unknown as Pick<Auth, 'operations'>))) {
    const found = fields[field]
    if (!found) continue
    found.resolve = (_source, args: Arguments, context) => perform(args, ...callOf(context))
    open(found)
  }
  for (const type of ['TokenPayload', 'TokenUser', 'VerifiedToken', 'RevokedToken']) open(extended.getType(type))
  const claims = extended.getType('TokenClaims') as GraphQLScalarType
  claims.serialize = (value) => value
  return extended
}

/** As the rule `@public` would, which the schema need not have. */
function open(element: unknown): void {
  const one = element as { extensions: Record<string, unknown> }
  one.extensions = { ...one.extensions, latchkey: [anybody] }
}

function extend(schema: GraphQLSchema, text: string): GraphQLSchema {
  try {
    return extendSchema(schema, parse(text))
  } catch (cause) {
    throw new AuthError('options_invalid', { hint: `withAuthMutations: ${(cause as Error).message}`, cause })
  }
}

function doing({ operations }: Pick<Auth, 'operations'>): Readonly<Record<AuthMutation, Do>> {
  return {
    async tokenAuth(args, call, deliver) {
      const { username = '', password = '', ...more } = await read(args, credentials)
      return payload(await operations.login({ username, password, ...more } as never, call), deliver)
    },
    async verifyToken(args, call) {
      const { token: given = '' } = await read(args, { token })
      return { active: true, claims: (await operations.verify({ token: given as string }, call)).claims }
    },
    async refreshToken(args, call, deliver) {
      return payload(await operations.refresh(await read(args, { token: refreshed }), call), deliver)
    },
    async revokeToken(args, call, deliver) {
      const { cookies } = await operations.logout(await read(args, { token: refreshed }), call)
      deliver(cookies)
      return { revoked: true }
    },
  }
}

function payload({ tokens, delivery, csrf, part }: SignedIn, deliver: (cookies: readonly string[]) => void): object {
  const { access, refresh } = delivery.body
  deliver(delivery.cookies)
  return {
    accessToken: access,
    tokenType: access === undefined ? undefined : 'Bearer',
    expiresIn: tokens.accessExpiresAt - tokens.issuedAt,
    refreshToken: refresh,
    refreshExpiresIn: tokens.refreshExpiresAt - tokens.issuedAt,
    csrfToken: csrf,
    scope: tokens.scope,
    user: part,
  }
}

function callOf(context: unknown): [Call, (cookies: readonly string[]) => void] {
  const caller: Caller | undefined = callerOn(context)
  if (!caller) throw new AuthError('options_invalid', { hint: 'the GraphQL context has no caller: contextOf(auth)' })
  const { head, peer, found, response } = caller
  const deliver = (cookies: readonly string[]): void =>
    response ? setCookies(response, cookies) : void caller.cookies.push(...cookies)
  return [{ head, peer, authentication: async () => found }, deliver]
}

/** The arguments by the rules of a body in REST, so that both doors refuse the same texts. */
function read(args: Arguments, fields: Readonly<Record<string, Field>>): Promise<Record<string, never>> {
  // GraphQL lets an optional argument be null, and means that it is missing.
  const members = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
  const body = Buffer.from(JSON.stringify(members))
  const asked = {
    url: new URL('http://localhost/'),
    head: { method: 'POST', header: (name: string) => (name === 'content-type' ? 'application/json' : undefined) },
    body: async () => body,
  }
  const reading = { accepts: ['json'], unknown: 'refuse', numbers: 'refuse' } as const
  return readInput(asked, { method: 'POST', fields }, {}, reading) as Promise<Record<string, never>>
}
