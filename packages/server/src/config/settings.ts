/** The settings of the server, a row each: file, environment and flags are three spellings of one table. */

import type { IssuerSaid } from './issuers.js'

/** How a value is written: in the file as JSON has it, in the environment and as a flag as text. */
export type Kind = 'text' | 'number' | 'switch' | 'list' | 'duration' | 'proxies' | 'issuers'

interface Row {
  readonly kind: Kind
  /** For the commented file that `latchkey init` writes. */
  readonly about: string
}

/** What was said, by name; a dot is a level of the file. Whatever nobody said is missing. */
export interface Said {
  readonly issuer?: string
  readonly database?: string
  readonly redis?: string
  readonly secretFile?: string
  readonly port?: number
  readonly host?: string
  readonly trustProxy?: number | readonly string[]
  readonly audience?: readonly string[]
  readonly algorithm?: string
  readonly accessLifetime?: string | number
  readonly refreshLifetime?: string | number
  readonly idleLifetime?: string | number
  readonly grace?: string | number
  readonly refresh?: string
  readonly sessionLimit?: number
  readonly register?: boolean
  readonly cookies?: string
  readonly cookieDomain?: string
  readonly silentRefresh?: boolean
  readonly origin?: string
  readonly 'cors.origins'?: readonly string[]
  readonly issuers?: readonly IssuerSaid[]
  readonly 'requireAuthentication.rest'?: boolean
  readonly 'requireAuthentication.graphql'?: boolean
  readonly tls?: boolean
  readonly logLevel?: string
}

export type Setting = keyof Said

export const rows: Readonly<Record<Setting, Row>> = {
  issuer: { kind: 'text', about: 'The public URL of this server: https, and what clients see' },
  database: {
    kind: 'text',
    about: 'sqlite:<path>, where a relative path starts at this file, or postgres://<host>/<name>',
  },
  redis: {
    kind: 'text',
    about: 'redis://<host>:<port>: tells other processes of revocations at once, and shares the throttle',
  },
  secretFile: { kind: 'text', about: 'One server secret a line, the newest first; readable by its owner only' },
  port: { kind: 'number', about: 'Where the server listens' },
  host: { kind: 'text', about: '0.0.0.0 listens on every address of the machine' },
  trustProxy: { kind: 'proxies', about: 'Proxies whose X-Forwarded-For is believed: how many, or their addresses' },
  audience: { kind: 'list', about: 'Whom the tokens are for; the issuer if nothing is said' },
  algorithm: { kind: 'text', about: 'What access tokens are signed with' },
  accessLifetime: { kind: 'duration', about: 'How long an access token lives, at most 1h' },
  refreshLifetime: { kind: 'duration', about: 'The absolute end of a session' },
  idleLifetime: { kind: 'duration', about: 'Ends a session that is not refreshed this long' },
  grace: { kind: 'duration', about: 'How long a refresh token that was just used gets the same answer again' },
  refresh: { kind: 'text', about: 'rotating, fixed or single' },
  sessionLimit: { kind: 'number', about: 'How many sessions a user may have' },
  register: { kind: 'switch', about: 'Whether strangers may create accounts at POST /auth/register' },
  cookies: {
    kind: 'text',
    about:
      'one or split: whether browsers may keep their tokens in cookies, and with a readable half: docs/guides/browser.md',
  },
  cookieDomain: { kind: 'text', about: 'Shares the cookies with the sub-domains of this domain' },
  silentRefresh: {
    kind: 'switch',
    about: 'Renew an expired access token inside the request, where its cookies can do so',
  },
  origin: { kind: 'text', about: 'The origin that browsers see; that of the issuer if nothing is said' },
  'cors.origins': { kind: 'list', about: 'Pages of other origins that may use the endpoints with cookies' },
  issuers: {
    kind: 'issuers',
    about: 'Other issuers whose tokens are taken, and what those may do: docs/guides/issuers.md',
  },
  'requireAuthentication.rest': {
    kind: 'switch',
    about: 'Refuse anonymous callers everywhere but at the open endpoints',
  },
  'requireAuthentication.graphql': { kind: 'switch', about: 'Refuse anonymous callers at /graphql' },
  tls: { kind: 'switch', about: 'HTTPS with a self-signed certificate, for development' },
  logLevel: { kind: 'text', about: 'debug, info, warn, error or silent' },
}

export const settingNames: readonly Setting[] = Object.keys(rows) as Setting[]

/** `requireAuthentication.rest` as `LATCHKEY_REQUIRE_AUTHENTICATION_REST`. */
export const variableOf = (name: Setting): string =>
  `LATCHKEY_${name.replace(/(?<=[a-z])(?=[A-Z])|\./g, '_').toUpperCase()}`
