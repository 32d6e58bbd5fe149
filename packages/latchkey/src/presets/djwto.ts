/** The preset of djwto: its settings, claims, endpoints, cookies and answers. */
import { createPublicKey } from 'node:crypto'
import type { Preset } from '../preset.js'
import type { Account, User } from '../stores/port.js'
import { invalid } from '../util/checks.js'
import { seconds } from '../util/time.js'
import { djwtoFormat } from './djwto/format.js'
import { pythonJson } from './djwto/json.js'
import { HEADERS, rejectAsDjwto } from './djwto/refusals.js'
import { djwtoRoutes } from './djwto/routes.js'
import { type DjwtoSettings, type ReadSettings, readSettings } from './djwto/settings.js'
import { inCookies, inHeader } from './djwto/transports.js'
import { asNumber } from './user-id.js'

export { jwtPermRequired } from './djwto/guard.js'
export type { DjwtoSettings } from './djwto/settings.js'

/** Sessions end even if their refresh token is updated every day: one that lives for ever keeps a thief in for ever. */
const LONGEST_SESSION = '30d'

/**
 * Answers as djwto does, in its three modes: forms in, JSON or cookies out, 403 for nearly every refusal. Access tokens that the original
 * signs with the same key are good here too. With cookies, `createAuth` needs the public `origin`. Throws `options_invalid` for settings
 * that it does not know.
 *
 * @example
 * ```ts
 * import { createAuth } from 'latchkey'
 * import { djwto } from 'latchkey/presets'
 * const auth = createAuth({
 *   database: 'sqlite:app-auth.db',
 *   secret: process.env.LATCHKEY_SECRET ?? '',
 *   origin: 'https://api.example.com',
 *   preset: djwto({
 *     DJWTO_SIGNING_KEY: process.env.DJWTO_SIGNING_KEY ?? '',
 *     DJWTO_MODE: 'TWO-COOKIES',
 *     process_user: ({ username, email, id }, perms) => ({ username, email, id: Number(id), perms }),
 *   }),
 * })
 * ```
 */
export function djwto<U extends User = Account>(settings: DjwtoSettings<U> = {}): Preset {
  const read = readSettings(settings)
  requirePair(read)
  const { audience, refreshSeconds, updates, mode } = read
  return {
    name: 'djwto',
    defaults: {
      issuer: read.issuer,
      audience: audience ?? [],
      algorithm: read.algorithm,
      key: read.signingKey,
      accessLifetime: read.accessSeconds,
      refreshLifetime: updates ? Math.max(refreshSeconds, seconds(LONGEST_SESSION)) : refreshSeconds,
      idleLifetime: refreshSeconds,
      refresh: updates ? 'rotating' : 'fixed',
    },
    format: djwtoFormat(read),
    transports: [mode === 'JSON' ? inHeader : inCookies(read)],
    surface: {
      routes: djwtoRoutes(read),
      reading: { accepts: ['form', 'multipart'], other: 'ignore', unknown: 'ignore', numbers: 'refuse' },
      json: pythonJson,
      headers: () => HEADERS,
      reject: rejectAsDjwto(read),
    },
    userPart: userPart(read),
    ...(read.processClaims && { claims: read.processClaims }),
  }
}

/** What tokens say of a user: read anew for every token, so that no permission outlives the access token that has it. */
function userPart({ processUser, processPerms }: ReadSettings): NonNullable<Preset['userPart']> {
  return async (user) => {
    const perms = processPerms ? await processPerms(user) : (user.permissions ?? [])
    const { username = user.id } = user as { readonly username?: string }
    return processUser ? { username, ...(await processUser(user, perms)) } : { username, id: asNumber(user.id), perms }
  }
}

/** The public key follows from the private one; where both are given, they must be one pair. */
function requirePair({ signingKey, verifyingKey }: ReadSettings): void {
  if (verifyingKey === undefined) return
  try {
    if (createPublicKey(verifyingKey).equals(createPublicKey(signingKey))) return
  } catch {}
  throw invalid('DJWTO_VERIFYING_KEY', 'must be the public PEM of the DJWTO_SIGNING_KEY')
}
