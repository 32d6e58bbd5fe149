/** The preset of djangorestframework-jwt (2017) and of drf-jwt, its successor: their settings, claims, paths and answers. */
import type { Link } from '../guard/authenticator.js'
import { jwt } from '../guard/jwt.js'
import type { Preset } from '../preset.js'
import type { Account, User } from '../stores/port.js'
import { drfSurface } from './drf.js'
import { drfJwtFormat } from './drf-jwt/format.js'
import { readSettings } from './drf-jwt/read.js'
import { sayAsDrfJwt } from './drf-jwt/refusals.js'
import { drfJwtRoutes, userNamed } from './drf-jwt/routes.js'
import type { DrfJwtSettings, ReadSettings } from './drf-jwt/settings.js'
import { inCookie, inHeader } from './drf-jwt/transports.js'

export type { DrfJwtKeys, DrfJwtSettings } from './drf-jwt/settings.js'

/**
 * Answers as drf-jwt does, or with `variant: '2017'` as djangorestframework-jwt: one token, which is traded for the next one until
 * `JWT_REFRESH_EXPIRATION_DELTA` after the login. Tokens that the original signs with the same key are good here too. A logout ends the
 * session, with every token that came of it. With a cookie, `createAuth` needs the public `origin`. Throws `options_invalid` for
 * settings that it does not know.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { drfJwt } from 'latchkey/presets'
 * const auth = createAuth({
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 *   preset: drfJwt({ JWT_SECRET_KEY: process.env.DJANGO_SECRET_KEY ?? '', JWT_AUTH_HEADER_PREFIX: 'JWT' }),
 * })
 * ```
 */
export function drfJwt<U extends User = Account>(settings: DrfJwtSettings<U>): Preset {
  const read = readSettings(settings)
  const { cookie, scheme, payload, userSecret } = read
  return {
    name: 'drf-jwt',
    defaults: {
      issuer: read.issuer,
      audience: read.audience ?? [],
      algorithm: read.algorithm,
      key: read.key,
      keys: read.keys,
      accessLifetime: read.accessSeconds,
      refreshLifetime: read.refreshes ? read.refreshSeconds : read.accessSeconds,
      refresh: 'single',
      leeway: read.leewaySeconds,
    },
    format: drfJwtFormat(read),
    transports: [inHeader(read), ...(cookie ? [inCookie(cookie, scheme)] : [])],
    credentials: 'first',
    surface: drfSurface({ routes: drfJwtRoutes(read), challenge: `${scheme} realm="api"`, say: sayAsDrfJwt(read) }),
    ...(payload && { claims: payload }),
    ...(userSecret && { userSecret }),
    authenticators: [byName(read)],
  }
}

/** Looks for the user with every request, as the original does. */
function byName(settings: ReadSettings): <U extends User>() => Link<U> {
  const named = userNamed(settings)
  return <U extends User>(): Link<U> =>
    (tools) => {
      const tokens = jwt<U>()(tools)
      return {
        async authenticate(head, peer) {
          const context = await tokens.authenticate(head, peer)
          if (context) await named(tools.users, context)
          return context
        },
      }
    }
}
