/** From a configuration to an auth: the only place where the server makes one. */
import { mkdirSync } from 'node:fs'
import {
  type Account,
  type Accounts,
  type Auth,
  AuthError,
  type AuthOptions,
  apiToken,
  bearer,
  type Clock,
  createAuth,
  jwt,
  type Logger,
  oneCookie,
  splitCookies,
} from 'latchkey'
import { readIssuerFiles } from './issuers.js'
import type { Config } from './load.js'
import type { Setting } from './settings.js'

/** An auth with our own users table. */
export type ServerAuth = Auth<Account, object, Accounts>

/** Settings that are options of the library under the same name. */
const passed = [
  'audience',
  'algorithm',
  'accessLifetime',
  'refreshLifetime',
  'idleLifetime',
  'grace',
  'refresh',
  'sessionLimit',
  'register',
  'trustProxy',
  'redis',
  'silentRefresh',
  'origin',
] as const satisfies readonly (Setting & keyof AuthOptions)[]

/** Makes the auth; the database is opened by its first use. Throws `options_invalid`. */
export function openAuth(config: Config, clock: Clock, logger?: Logger): ServerAuth {
  const { development, issuer, database, secrets, dataFolder } = config
  if (development && database.startsWith(`sqlite:${dataFolder}`))
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const options = {
    ...Object.fromEntries(
      passed.flatMap((name) => (config.said[name] === undefined ? [] : [[name, config.said[name]]])),
    ),
    ...transportsOf(config),
    ...(config.said['cors.origins'] && { cors: { origins: config.said['cors.origins'] } }),
    ...(config.said.issuers && { issuers: readIssuerFiles(config.said.issuers) }),
    issuer,
    database,
    secret: secrets,
    development,
    clock,
    authenticators: [jwt<Account>(), apiToken<Account>()],
    ...(logger && { logger }),
  }
  return createAuth(options as AuthOptions & { readonly users?: undefined })
}

/** The header stays: scripts and the pages of this server use it. */
function transportsOf({ said }: Config): Pick<AuthOptions, 'transports'> {
  const { cookies, cookieDomain: domain } = said
  if (cookies === undefined) return {}
  if (cookies !== 'one' && cookies !== 'split') {
    throw new AuthError('options_invalid', { hint: "cookies must be 'one' or 'split'" })
  }
  const transport = cookies === 'one' ? oneCookie : splitCookies
  return { transports: [bearer(), transport(domain === undefined ? {} : { domain })] }
}
