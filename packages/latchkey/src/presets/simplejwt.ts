/** The preset of djangorestframework-simplejwt: its settings, claims, paths and answers. */
import { createPublicKey } from 'node:crypto'
import { open } from '../endpoints/native-answers.js'
import type { Route } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import type { Link } from '../guard/authenticator.js'
import { importKey, thumbprint } from '../jwt/key.js'
import type { Preset } from '../preset.js'
import type { Account, User } from '../stores/port.js'
import { bearer } from '../transport/bearer.js'
import { seconds } from '../util/time.js'
import { drfSurface } from './drf.js'
import { simplejwtFormat } from './simplejwt/format.js'
import { createPasswords, type Passwords, withPassword } from './simplejwt/password.js'
import { stateless, usersBy } from './simplejwt/people.js'
import { readSettings } from './simplejwt/read.js'
import { sayAsSimplejwt } from './simplejwt/refusals.js'
import { simplejwtRoutes } from './simplejwt/routes.js'
import type { ReadSettings, SimpleJwtSettings } from './simplejwt/settings.js'
import { withUser } from './with-user.js'

export type { OriginalRefreshTokens } from './simplejwt/original.js'
export type {
  SimpleJwtAttempt,
  SimpleJwtAuthentication,
  SimpleJwtMembers,
  SimpleJwtObtainSerializer,
  SimpleJwtPath,
  SimpleJwtSerializer,
  SimpleJwtSettings,
} from './simplejwt/settings.js'

/** Sessions end even if they are refreshed every day: a rotation that lives for ever keeps a thief in for ever. */
const LONGEST_SESSION = '30d'

/**
 * Answers as djangorestframework-simplejwt does: its endpoints for pairs and for sliding tokens, verify and blacklist, its claims, and its
 * refusals at guards. Tokens that the original signs with the same key are good here too. Throws `options_invalid` for settings that it does not know.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { simplejwt } from 'latchkey/presets'
 * const auth = createAuth({
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 *   preset: simplejwt({ SIGNING_KEY: process.env.DJANGO_SECRET_KEY ?? '', ACCESS_TOKEN_LIFETIME: '5m', ROTATE_REFRESH_TOKENS: true }),
 * })
 * ```
 */
export function simplejwt<U extends User = Account>(settings: SimpleJwtSettings<U>): Preset {
  const read = readSettings(settings)
  requirePair(read)
  const passwords = createPasswords(read)
  const users = usersBy(read)
  const { schemes, header, refreshSeconds } = read
  return {
    name: 'simplejwt',
    defaults: {
      issuer: read.issuer,
      audience: read.audience,
      algorithm: read.algorithm,
      key: read.signingKey,
      keys: keysOf(read),
      accessLifetime: read.accessSeconds,
      refreshLifetime: read.rotates ? Math.max(refreshSeconds, seconds(LONGEST_SESSION)) : refreshSeconds,
      idleLifetime: refreshSeconds,
      refresh: read.rotates ? 'rotating' : 'fixed',
      leeway: read.leewaySeconds,
    },
    format: simplejwtFormat(read),
    transports: [bearer({ scheme: schemes, header, caseSensitive: true })],
    surface: drfSurface({
      routes: [...simplejwtRoutes(read, passwords), ...publishedBy(read)],
      challenge: `${schemes[0]} realm="api"`,
      say: sayAsSimplejwt(read),
    }),
    claims: claimsBy(read, passwords),
    ...(users && { users }),
    authenticators: [linkOf(read, passwords)],
  }
}

/** Where keys are published, tokens name theirs by its thumbprint (RFC 7638). What cannot sign is told of by whoever takes it. */
function keysOf({
  paths,
  signingKey,
  olderKeys,
  jwkUrl: url,
  algorithm,
}: ReadSettings): NonNullable<Preset['defaults']['keys']> {
  if (paths.jwks === null || signingKey === undefined) return { others: olderKeys, url }
  const others = olderKeys.map((key) => ({ ...key, kid: thumbprint(key) }))
  try {
    return { kid: thumbprint(importKey({ pem: signingKey }, algorithm)), others, url }
  } catch {
    return { others, url }
  }
}

/** For services that verify by a `JWK_URL`. */
function publishedBy({ paths }: ReadSettings): readonly Route[] {
  if (paths.jwks === null) return []
  const summary = 'The public signing keys (RFC 7517)'
  return [{ method: 'GET', path: paths.jwks, operation: 'jwks', fields: {}, answer: open, summary }]
}

/** What the application adds to tokens, and the fingerprint of the password, which nobody else writes. */
function claimsBy({ hooks }: ReadSettings, passwords: Passwords | undefined): NonNullable<Preset['claims']> {
  const { TOKEN_OBTAIN_SERIALIZER: pair, SLIDING_TOKEN_OBTAIN_SERIALIZER: sliding } = hooks
  return async (user, users) => ({
    ...(await pair?.get_token?.(user)),
    ...(await sliding?.get_token?.(user)),
    ...(await passwords?.claim(user, users)),
  })
}

function linkOf(read: ReadSettings, passwords: Passwords | undefined): <U extends User>() => Link<U> {
  if (read.stateless) return stateless(read)
  return passwords ? withPassword(passwords, read.claims) : withUser
}

/** The public key follows from the private one; where both are given, they must be one pair. */
function requirePair({ signingKey, verifyingKey }: ReadSettings): void {
  if (verifyingKey === undefined) return
  try {
    if (createPublicKey(verifyingKey).equals(createPublicKey(signingKey ?? ''))) return
  } catch {}
  throw new AuthError('options_invalid', { hint: 'VERIFYING_KEY must be the public PEM of the SIGNING_KEY' })
}
