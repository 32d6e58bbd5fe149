/** The preset of djangorestframework-simplejwt: its settings, claims, paths and answers. */
import { createPublicKey } from 'node:crypto'
import type { Answer, Field, Route, SignedIn } from '../endpoints/surface.js'
import { AuthError } from '../errors.js'
import type { Preset } from '../preset.js'
import { bearer } from '../transport/bearer.js'
import { seconds } from '../util/time.js'
import { drfSurface } from './drf.js'
import { simplejwtFormat } from './simplejwt/format.js'
import { sayAsSimplejwt } from './simplejwt/refusals.js'
import { type ReadSettings, readSettings, type SimpleJwtSettings } from './simplejwt/settings.js'
import { withUser } from './with-user.js'

export type { SimpleJwtSettings } from './simplejwt/settings.js'

/** Sessions end even if they are refreshed every day: a rotation that lives for ever keeps a thief in for ever. */
const LONGEST_SESSION = '30d'

/**
 * Answers as djangorestframework-simplejwt does: the endpoints obtain, refresh and verify, its claims, and its refusals at guards. Access
 * tokens that the original signs with the same key are good here too. Throws `options_invalid` for settings that it does not know.
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
export function simplejwt(settings: SimpleJwtSettings): Preset {
  const read = readSettings(settings)
  requirePair(read)
  const { schemes, header, refreshSeconds } = read
  return {
    name: 'simplejwt',
    defaults: {
      issuer: read.issuer,
      audience: read.audience,
      algorithm: read.algorithm,
      key: read.signingKey,
      accessLifetime: read.accessSeconds,
      refreshLifetime: read.rotates ? Math.max(refreshSeconds, seconds(LONGEST_SESSION)) : refreshSeconds,
      idleLifetime: refreshSeconds,
      refresh: read.rotates ? 'rotating' : 'fixed',
      leeway: read.leewaySeconds,
    },
    format: simplejwtFormat(read),
    transports: [bearer({ scheme: schemes, header, caseSensitive: true })],
    surface: drfSurface({
      routes: routesOf(read),
      challenge: `${schemes[0]} realm="api"`,
      say: sayAsSimplejwt(read),
    }),
    authenticators: [withUser],
  }
}

const token = (from: string): Field => ({ from, max: 8_192 })
const ok = (body: object): Answer => ({ status: 200, body })

function routesOf({ paths, rotates }: ReadSettings): readonly Route[] {
  return [
    {
      method: 'POST',
      path: paths.obtain,
      operation: 'login',
      fields: { username: { from: 'username' }, password: { from: 'password' } },
      answer: ({ tokens }: SignedIn) => ok({ refresh: tokens.refresh, access: tokens.access }),
      summary: 'Obtain a pair of tokens',
    },
    {
      method: 'POST',
      path: paths.refresh,
      operation: 'refresh',
      fields: { token: token('refresh') },
      answer: ({ tokens }: SignedIn) => ok({ access: tokens.access, ...(rotates && { refresh: tokens.refresh }) }),
      summary: 'Obtain an access token by a refresh token',
    },
    {
      method: 'POST',
      path: paths.verify,
      operation: 'verify',
      fields: { token: token('token') },
      answer: () => ok({}),
      summary: 'Tell whether a token is genuine and in time',
    },
  ]
}

/** The public key follows from the private one; where both are given, they must be one pair. */
function requirePair({ signingKey, verifyingKey }: ReadSettings): void {
  if (verifyingKey === undefined) return
  try {
    if (createPublicKey(verifyingKey).equals(createPublicKey(signingKey))) return
  } catch {}
  throw new AuthError('options_invalid', { hint: 'VERIFYING_KEY must be the public PEM of the SIGNING_KEY' })
}
