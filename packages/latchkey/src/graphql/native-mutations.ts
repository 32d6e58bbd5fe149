/** The native mutations: the operations of the endpoints, under the names that clients of GraphQL know. */
import type { Auth } from '../auth.js'
import { readInput } from '../endpoints/body.js'
import type { GraphqlSurface, Mutated } from '../endpoints/graphql-surface.js'
import type { Field, SignedIn } from '../endpoints/surface.js'

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

  type DeletedCookie {
    "Whether the request came with it. Of a cookie that goes to other paths only, the request does not tell."
    deleted: Boolean!
  }
`

type Arguments = Readonly<Record<string, unknown>>

const token: Field = { from: 'token', max: 8_192 }
const refreshed: Field = { from: 'refreshToken', max: 8_192, optional: true }
const credentials = {
  username: { from: 'username' },
  password: { from: 'password' },
  remember: { from: 'remember', is: 'boolean', optional: true },
  transport: { from: 'transport', optional: true },
} satisfies Record<string, Field>

export function nativeMutations({ operations }: Pick<Auth, 'operations'>): GraphqlSurface {
  return {
    types: TYPES,
    mutations: {
      tokenAuth: {
        sdl: `"Logs in with user name and password. transport: bearer or cookie."
          tokenAuth(username: String!, password: String!, remember: Boolean, transport: String): TokenPayload!`,
        async run(args, call) {
          const { username = '', password = '', ...more } = await read(args, credentials)
          return signedIn(await operations.login({ username, password, ...more } as never, call))
        },
      },
      verifyToken: {
        sdl: `"The claims of a good access token; a bad one is an error with its code."
          verifyToken(token: String!): VerifiedToken!`,
        async run(args, call) {
          const { token: given = '' } = await read(args, { token })
          return { data: { active: true, claims: (await operations.verify({ token: given }, call)).claims } }
        },
      },
      refreshToken: {
        sdl: `"Trades a refresh token, given or in its cookie, for the next pair."
          refreshToken(refreshToken: String): TokenPayload!`,
        run: async (args, call) => signedIn(await operations.refresh(await read(args, { token: refreshed }), call)),
      },
      revokeToken: {
        sdl: `"Ends the session of the access token, of the refresh token given or in its cookie, or both."
          revokeToken(refreshToken: String): RevokedToken!`,
        async run(args, call) {
          const { cookies } = await operations.logout(await read(args, { token: refreshed }), call)
          return { data: { revoked: true }, cookies }
        },
      },
      deleteTokenCookie: {
        sdl: `"Makes the browser forget its access token. The session goes on: revokeToken ends it."
          deleteTokenCookie: DeletedCookie!`,
        run: (_args, call) => forgotten('access', call),
      },
      deleteRefreshTokenCookie: {
        sdl: `"Makes the browser forget its refresh token. The session goes on: revokeToken ends it."
          deleteRefreshTokenCookie: DeletedCookie!`,
        run: (_args, call) => forgotten('refresh', call),
      },
    },
  }

  async function forgotten(
    what: 'access' | 'refresh',
    call: Parameters<typeof operations.forget>[1],
  ): Promise<Mutated> {
    const { had, cookies } = await operations.forget({ what }, call)
    return { data: { deleted: had }, cookies }
  }
}

function signedIn({ tokens, delivery, csrf, part }: SignedIn): Mutated {
  const { access, refresh } = delivery.body
  const data = {
    accessToken: access,
    tokenType: access === undefined ? undefined : 'Bearer',
    expiresIn: tokens.accessExpiresAt - tokens.issuedAt,
    refreshToken: refresh,
    refreshExpiresIn: tokens.refreshExpiresAt - tokens.issuedAt,
    csrfToken: csrf,
    scope: tokens.scope,
    user: part,
  }
  return { data, cookies: delivery.cookies }
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
