/** The preset of django-graphql-jwt: its settings, claims, mutations, cookies and messages. */
import { createPublicKey } from 'node:crypto'
import type { Preset } from '../preset.js'
import type { Account, User } from '../stores/port.js'
import { invalid } from '../util/checks.js'
import { seconds } from '../util/time.js'
import { drfSurface } from './drf.js'
import { byName } from './graphql-jwt/by-name.js'
import { graphqlJwtFormat } from './graphql-jwt/format.js'
import { graphqlJwtSurface } from './graphql-jwt/mutations.js'
import { type GraphqlJwtSettings, type ReadSettings, readSettings } from './graphql-jwt/settings.js'
import { inCookies, inHeader } from './graphql-jwt/transports.js'

export type { GraphqlJwtSettings } from './graphql-jwt/settings.js'

/** Sessions end even if they are refreshed every day: one that lives for ever keeps a thief in for ever. */
const LONGEST_SESSION = '30d'

/**
 * Answers as django-graphql-jwt does: `withAuthMutations` brings its mutations, with one token that is traded for the next one, or with
 * long-running refresh tokens; and the servers of `latchkey/graphql` refuse in its words. Tokens that the original signs with the same key
 * are good here too. With `jwt_cookie`, `createAuth` needs the public `origin`. Throws `options_invalid` for settings that it does not
 * know, and for those that would take an expired token.
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql'
 * import { createAuth } from 'latchkey'
 * import { directives, withAuthMutations, yogaPlugin } from 'latchkey/graphql'
 * import { graphqlJwt } from 'latchkey/presets'
 * const auth = createAuth({
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 *   preset: graphqlJwt({ JWT_SECRET_KEY: process.env.DJANGO_SECRET_KEY ?? '', JWT_LONG_RUNNING_REFRESH_TOKEN: true }),
 * })
 * const schema = withAuthMutations(buildSchema(`${directives} type Query { viewer: String @authenticated }`), auth)
 * const options = { schema, plugins: [yogaPlugin(auth)] } // createYoga(options)
 * ```
 */
export function graphqlJwt<U extends User = Account>(settings: GraphqlJwtSettings<U>): Preset {
  const read = readSettings(settings)
  requirePair(read)
  const { cookies, longRunning, refreshes, accessSeconds, refreshSeconds } = read
  // A token may live longer than it may be traded for the next one, which the mutation looks at.
  const single = refreshes ? Math.max(refreshSeconds, accessSeconds) : accessSeconds
  const { JWT_PAYLOAD_HANDLER: claims } = settings
  return {
    name: 'graphql-jwt',
    defaults: {
      issuer: read.issuer,
      audience: read.audience ?? [],
      algorithm: read.algorithm,
      key: read.key,
      accessLifetime: accessSeconds,
      refreshLifetime: longRunning ? Math.max(refreshSeconds, accessSeconds, seconds(LONGEST_SESSION)) : single,
      idleLifetime: longRunning ? refreshSeconds : single,
      refresh: longRunning ? 'rotating' : 'single',
      leeway: read.leewaySeconds,
    },
    format: graphqlJwtFormat(read),
    transports: [inHeader(read), ...(cookies ? [inCookies(cookies)] : [])],
    credentials: 'first',
    // The original has no endpoints; guards of REST answer as Django does beside it.
    surface: drfSurface({ routes: [], challenge: `${read.scheme} realm="api"`, say: () => undefined }),
    graphql: graphqlJwtSurface(read),
    authenticators: [byName],
    ...(claims && { claims: (user) => claims(user as unknown as U) }),
  }
}

/** The public key follows from the private one; where both are given, they must be one pair. */
function requirePair({ key, publicKey }: Pick<ReadSettings, 'key' | 'publicKey'>): void {
  if (publicKey === undefined) return
  try {
    if (createPublicKey(publicKey).equals(createPublicKey(key))) return
  } catch {}
  throw invalid('JWT_PUBLIC_KEY', 'must be the public PEM of the JWT_PRIVATE_KEY')
}
