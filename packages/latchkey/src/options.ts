/** From options, which are for people, to settings, which are for code: defaults, checks, freeze. Nothing else reads AuthOptions. */
import type { AuthOptions } from './auth-options.js'
import { type BrowserSettings, readBrowser } from './browser-settings.js'
import { checkCookieBudget } from './cookie-budget.js'
import type { NativeOptions } from './endpoints/native.js'
import type { IssuerTable, IssuerUsers } from './issuer-options.js'
import { type IssuerSettings, readIssuers } from './issuer-settings.js'
import { type Algorithm, algorithm } from './jwt/algorithms.js'
import { type RevocationSettings, readRevocation } from './revocation/options.js'
import type { Account, User } from './stores/port.js'
import { native } from './tokens/format.js'
import type { TokenSettings } from './tokens/new-session.js'
import { type TrustProxy, trustProxy } from './transport/peer.js'
import { flag, invalid, text, within } from './util/checks.js'
import { type Clock, seconds, systemClock } from './util/time.js'

/** What the composition root builds from. Lifetimes in seconds. */
export interface Settings<U extends User = Account, C extends object = object> {
  readonly options: Readonly<AuthOptions<U, C>>
  readonly issuer: string | undefined
  readonly secrets: readonly string[]
  readonly algorithm: Algorithm
  readonly key: string | undefined
  readonly leewaySeconds: number
  readonly tokens: TokenSettings
  readonly revocation: RevocationSettings
  readonly native: NativeOptions
  readonly browser: BrowserSettings
  /** Absent where only our own tokens are taken. */
  readonly issuers: IssuerSettings | undefined
  readonly trusted: TrustProxy
  readonly tokenCache: number
  readonly development: boolean
  readonly clock: Clock
}

const KNOWN: Readonly<Record<keyof AuthOptions, true>> = {
  issuer: true,
  database: true,
  redis: true,
  secret: true,
  audience: true,
  algorithm: true,
  key: true,
  accessLifetime: true,
  refreshLifetime: true,
  idleLifetime: true,
  briefLifetime: true,
  grace: true,
  refresh: true,
  sessionLimit: true,
  revocation: true,
  clientId: true,
  basePath: true,
  register: true,
  transports: true,
  origin: true,
  cors: true,
  silentRefresh: true,
  users: true,
  login: true,
  authenticators: true,
  issuers: true,
  claims: true,
  userPart: true,
  claimsSchema: true,
  trustProxy: true,
  throttle: true,
  passwordWorkers: true,
  tokenCache: true,
  development: true,
  clock: true,
  logger: true,
  preset: true,
}

/** Throws `options_invalid` with the path of the first option that does not allow a safe start. */
export function readOptions<U extends User, C extends object>(given: AuthOptions<U, C>): Settings<U, C> {
  if (typeof given !== 'object' || given === null) throw invalid('options', 'must be an object')
  for (const name of Object.keys(given)) if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not an option')
  const options = Object.freeze({ ...given })
  const development = options.development ?? ['development', 'test'].includes(process.env.NODE_ENV ?? '')
  const defaults = options.preset?.defaults ?? {}
  const issuer = readIssuer(options.issuer ?? defaults.issuer, development, options.preset !== undefined)
  const basePath = readPath(options.basePath ?? '/auth')
  const alg = options.algorithm ?? defaults.algorithm ?? 'ES256'
  if (!algorithm(alg)) throw invalid('algorithm', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  const issuers = issuersOf(options)
  const browser = readBrowser(options, { issuer, basePath, development })
  const tokens = readTokens(options, issuer)
  const { transports } = browser
  const format = options.preset?.format ?? native
  checkCookieBudget({ ...tokens, transports, format, algorithm: alg, issuer, schema: options.claimsSchema })
  const remembers = issuers !== undefined || !alg.startsWith('HS')
  return Object.freeze({
    options,
    issuer,
    secrets: readSecrets(options.secret),
    algorithm: alg,
    key: options.key ?? defaults.key,
    leewaySeconds: within('leeway', defaults.leeway ?? 0, 0, 120),
    tokens,
    revocation: readRevocation(options.revocation ?? {}),
    native: {
      base: basePath,
      metadataPath: metadataPath(issuer),
      register: flag('register', options.register),
      transports: transports.map(({ kind }) => kind),
      development,
    },
    browser,
    issuers: issuers && readIssuers(issuers, { issuer, development, users: usersOf(options) }),
    trusted: trustProxy(options.trustProxy ?? 0),
    tokenCache: within('tokenCache', options.tokenCache ?? (remembers ? 10_000 : 0), 0, 1_000_000),
    development,
    clock: options.clock ?? systemClock,
  })
}

/** Those of the preset come first, and are in addition: whoever adds an issuer of their own wants both. */
function issuersOf<U extends User, C extends object>({ preset, issuers }: AuthOptions<U, C>): AuthOptions['issuers'] {
  const rows = preset?.issuers
  if (!rows || issuers === undefined) return issuers ?? rows
  if (Array.isArray(issuers)) return [...rows, ...issuers]
  const table = issuers as IssuerTable
  return { ...table, rows: [...rows, ...(table.rows ?? [])] }
}

/** What the users table can do with the users of other issuers; ours can do all. */
function usersOf<U extends User, C extends object>({ users }: AuthOptions<U, C>): IssuerUsers {
  if (!users) return 'create'
  return users.identities?.find ? (users.identities.create ? 'create' : 'known') : 'none'
}

function readTokens<U extends User, C extends object>(
  options: AuthOptions<U, C>,
  issuer: string | undefined,
): TokenSettings {
  const defaults = options.preset?.defaults ?? {}
  // An answer that nobody waited for takes the next tokens along: a page left while it loaded must not end the session.
  const silent = options.silentRefresh ?? options.preset?.silentRefresh
  const mode = options.refresh ?? defaults.refresh ?? 'rotating'
  if (!['rotating', 'fixed', 'single'].includes(mode)) throw invalid('refresh', 'must be rotating, fixed or single')
  const span = (
    name: 'accessLifetime' | 'refreshLifetime' | 'idleLifetime' | 'briefLifetime' | 'grace',
    usual: string | number,
    most: number,
    least = 1,
  ): number => within(name, seconds(options[name] ?? usual, name), least, most)
  const refreshSeconds = span('refreshLifetime', defaults.refreshLifetime ?? '30d', 3_650 * 86_400)
  const longestAccess = mode === 'single' || options.preset ? refreshSeconds : 3_600
  return {
    mode,
    refreshSeconds,
    accessSeconds: span('accessLifetime', defaults.accessLifetime ?? '5m', longestAccess),
    // A preset's refresh token says itself when it ends: no end that it does not know of may come before.
    idleSeconds: span(
      'idleLifetime',
      defaults.idleLifetime ?? (options.preset ? refreshSeconds : Math.min(14 * 86_400, refreshSeconds)),
      refreshSeconds,
    ),
    briefSeconds: span('briefLifetime', Math.min(43_200, refreshSeconds), refreshSeconds),
    graceSeconds: span('grace', silent ? '60s' : '10s', 60, 0),
    sessionLimit: within('sessionLimit', options.sessionLimit ?? 100, 1, 10_000),
    audience: readAudience(options.audience ?? defaults.audience ?? issuer),
    clientId: text('clientId', options.clientId ?? 'latchkey'),
  }
}

function readIssuer(issuer: string | undefined, development: boolean, optional: boolean): string | undefined {
  if (issuer === undefined && optional) return undefined
  const url = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || `${url.search}${url.hash}${url.username}` !== '') {
    if (optional && typeof issuer === 'string' && issuer !== '') return issuer
    throw invalid('issuer', 'must be the public URL of this service')
  }
  const safe = url.protocol === 'https:' || (development && url.protocol === 'http:')
  if (!safe && !optional) throw invalid('issuer', 'must be https in production; NODE_ENV=development allows http')
  return issuer
}

function readAudience(audience: string | readonly string[] | undefined): readonly string[] {
  if (audience === undefined) return []
  const all = typeof audience === 'string' ? [audience] : audience
  if (!Array.isArray(all)) throw invalid('audience', 'must be text or a list of texts')
  for (const one of all) text('audience', one)
  return Object.freeze([...all])
}

function readSecrets(secret: string | readonly string[]): readonly string[] {
  const all = typeof secret === 'string' ? [secret] : secret
  if (!Array.isArray(all) || all.length === 0)
    throw invalid('secret', 'is missing: at least 32 random bytes, `latchkey init` makes one')
  return Object.freeze([...all])
}

/** The path of the metadata: between host and path of the issuer (RFC 8414 section 3.1). */
function metadataPath(issuer: string | undefined): string {
  const path = issuer !== undefined && URL.canParse(issuer) ? new URL(issuer).pathname.replace(/\/$/, '') : ''
  return `/.well-known/oauth-authorization-server${path}`
}

function readPath(path: string): string {
  if (typeof path !== 'string' || !/^(\/[\w.-]+)+$/.test(path))
    throw invalid('basePath', 'must be a path such as /auth')
  return path
}
