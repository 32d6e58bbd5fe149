/** The preset of jwtauth (drf-cookie-jwtauth): its settings, claims, cookies and answers, and silent refresh. */

import type { AuthError } from '../errors.js'
import type { Preset } from '../preset.js'
import { bearer } from '../transport/bearer.js'
import { jwtauthFormat } from './cookie-jwtauth/format.js'
import { pair } from './cookie-jwtauth/pair.js'
import { jwtauthRoutes } from './cookie-jwtauth/routes.js'
import { type CookieJwtauthSettings, readSettings } from './cookie-jwtauth/settings.js'
import { jwtauthCookies } from './cookie-jwtauth/transport.js'
import { drfSurface, type Said } from './drf.js'

export type { CookieJwtauthSettings } from './cookie-jwtauth/settings.js'

/**
 * Answers as jwtauth does: two cookies for the browser, renewed without a word when the access token is over, and 403 for strangers. An
 * access token in the `Authorization` header is good too. `createAuth` needs the public `origin`. Throws `options_invalid` for settings
 * that it does not know.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { cookieJwtauth } from 'latchkey/presets'
 * const auth = createAuth({
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 *   origin: 'https://api.example.com',
 *   preset: cookieJwtauth({ SIGNING_KEY: process.env.DJANGO_SECRET_KEY ?? '' }),
 * })
 * ```
 */
export function cookieJwtauth(settings: CookieJwtauthSettings): Preset {
  const read = readSettings(settings)
  return {
    name: 'cookie-jwtauth',
    defaults: {
      audience: [],
      algorithm: read.algorithm,
      key: read.signingKey,
      accessLifetime: read.accessSeconds,
      refreshLifetime: read.refreshSeconds,
      refresh: 'fixed',
    },
    format: jwtauthFormat,
    transports: [jwtauthCookies(read), bearer()],
    // The original reads no header: whoever sends one beside the cookies is not to be turned away for it.
    credentials: 'first',
    silentRefresh: true,
    surface: drfSurface({
      routes: jwtauthRoutes(read),
      reading: { accepts: ['json'], other: 'json', unknown: 'ignore', numbers: 'refuse' },
      challenge: '',
      say,
    }),
    authenticators: [pair],
  }
}

/** Its authenticator has no challenge, so nobody is told why: whoever is not signed in is a stranger. */
function say({ code, status }: AuthError): Said | undefined {
  if (code === 'login_failed') return { status: 403, body: { detail: 'Invalid username or password.' } }
  if (status !== 401 && code !== 'credential_malformed' && code !== 'credential_ambiguous') return undefined
  return { status: 403, body: { detail: 'Authentication credentials were not provided.' } }
}
