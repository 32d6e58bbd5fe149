/** The settings of djwto under their own names, checked: a name that means nothing here does not start. */
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import type { Account, User } from '../../stores/port.js'
import { flag, invalid, text } from '../../util/checks.js'
import { seconds } from '../../util/time.js'

/** Members to be put into a token. */
type Members = Readonly<Record<string, unknown>>

/**
 * The `DJWTO_*` settings as they stand in Django's, with lifetimes in seconds or as text such as `5m`, and the three functions of
 * `djwto.tokens` that applications replace. `null` is as good as absent, where the original takes it.
 */
export interface DjwtoSettings<U extends User = Account> {
  /** What tokens are signed with: a secret for HS, a private PEM for the others. Default: the environment variable of this name. */
  readonly DJWTO_SIGNING_KEY?: string
  /** The public PEM of an asymmetric `DJWTO_SIGNING_KEY`; may be left out. */
  readonly DJWTO_VERIFYING_KEY?: string | null
  /** Default HS256. */
  readonly DJWTO_ALGORITHM?: Algorithm
  /** `iss`: put into tokens and demanded of them. Default none. */
  readonly DJWTO_ISS_CLAIM?: string | null
  /** `sub`: one text for everybody, put into tokens and demanded of them. Default none. */
  readonly DJWTO_SUB_CLAIM?: string | null
  /** `aud`: put into tokens and demanded of them. Default none, and tokens that have one are refused. */
  readonly DJWTO_AUD_CLAIM?: string | readonly string[] | null
  /** Whether tokens say when they were issued. Default true. */
  readonly DJWTO_IAT_CLAIM?: boolean
  /** Whether tokens have a `jti`. Default true. */
  readonly DJWTO_JTI_CLAIM?: boolean
  /** Whether there is `update_refresh/`, which renews the refresh token. Default true. */
  readonly DJWTO_ALLOW_REFRESH_UPDATE?: boolean
  /** Default 5 minutes. `null`: as long as the refresh token. */
  readonly DJWTO_ACCESS_TOKEN_LIFETIME?: string | number | null
  /** Default 1 day. */
  readonly DJWTO_REFRESH_TOKEN_LIFETIME?: string | number
  /** How long after the login its tokens begin to be good. Default 0, and they have no `nbf`. */
  readonly DJWTO_NBF_LIFETIME?: string | number | null
  /** Where tokens travel. Default `JSON`. */
  readonly DJWTO_MODE?: 'JSON' | 'ONE-COOKIE' | 'TWO-COOKIES'
  /** Where the endpoints of the refresh token stand, and where its cookie goes. Default `api/token/refresh`. */
  readonly DJWTO_REFRESH_COOKIE_PATH?: string
  /** Default `Lax`. */
  readonly DJWTO_SAME_SITE?: 'Lax' | 'Strict' | 'None'
  /** Shares the cookies with the sub-domains of this. Default: this host alone. */
  readonly DJWTO_DOMAIN?: string | null
  /** Default true. With cookies the check cannot be turned off. */
  readonly DJWTO_CSRF?: boolean
  /** What tokens say of the user. Default `username`, `id` and `perms`, which they say in any case. */
  readonly process_user?: (user: U, perms: readonly string[]) => Members | Promise<Members>
  /** Claims to be added to both tokens. Default none. */
  readonly process_claims?: (user: U) => Members | Promise<Members>
  /** What the user may do, as tokens say it. Default: the permissions of the account. */
  readonly process_perms?: (user: U) => readonly string[] | Promise<readonly string[]>
}

/** The same, for code. */
export interface ReadSettings {
  readonly signingKey: string
  readonly verifyingKey: string | undefined
  readonly algorithm: Algorithm
  readonly issuer: string | undefined
  readonly subject: string | undefined
  /** As it stands in tokens: text, or a list also of one. */
  readonly audience: string | readonly string[] | undefined
  readonly dated: boolean
  readonly numbered: boolean
  readonly updates: boolean
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly startSeconds: number
  readonly mode: 'JSON' | 'ONE-COOKIE' | 'TWO-COOKIES'
  /** With a slash in front and none behind. */
  readonly refreshPath: string
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  readonly domain: string | undefined
  readonly processUser: ((user: User, perms: readonly string[]) => Members | Promise<Members>) | undefined
  readonly processClaims: ((user: User) => Members | Promise<Members>) | undefined
  readonly processPerms: ((user: User) => readonly string[] | Promise<readonly string[]>) | undefined
}

const KNOWN: Readonly<Record<keyof DjwtoSettings, true>> = {
  DJWTO_SIGNING_KEY: true,
  DJWTO_VERIFYING_KEY: true,
  DJWTO_ALGORITHM: true,
  DJWTO_ISS_CLAIM: true,
  DJWTO_SUB_CLAIM: true,
  DJWTO_AUD_CLAIM: true,
  DJWTO_IAT_CLAIM: true,
  DJWTO_JTI_CLAIM: true,
  DJWTO_ALLOW_REFRESH_UPDATE: true,
  DJWTO_ACCESS_TOKEN_LIFETIME: true,
  DJWTO_REFRESH_TOKEN_LIFETIME: true,
  DJWTO_NBF_LIFETIME: true,
  DJWTO_MODE: true,
  DJWTO_REFRESH_COOKIE_PATH: true,
  DJWTO_SAME_SITE: true,
  DJWTO_DOMAIN: true,
  DJWTO_CSRF: true,
  process_user: true,
  process_claims: true,
  process_perms: true,
}

const MODES: readonly string[] = ['JSON', 'ONE-COOKIE', 'TWO-COOKIES']
const SITES: readonly string[] = ['Lax', 'Strict', 'None']

/** Throws `options_invalid` with the name of the first setting that does not allow a safe start. */
export function readSettings<U extends User>(given: DjwtoSettings<U>): ReadSettings {
  if (typeof given !== 'object' || given === null) throw invalid('djwto', 'takes an object')
  for (const name of Object.keys(given))
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
  const { DJWTO_ALGORITHM = 'HS256', DJWTO_MODE = 'JSON', DJWTO_SAME_SITE = 'Lax' } = given
  if (!algorithm(DJWTO_ALGORITHM))
    throw invalid('DJWTO_ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  if (!MODES.includes(DJWTO_MODE)) throw invalid('DJWTO_MODE', 'must be JSON, ONE-COOKIE or TWO-COOKIES')
  if (!SITES.includes(DJWTO_SAME_SITE)) throw invalid('DJWTO_SAME_SITE', 'must be Lax, Strict or None')
  // With the check off, any page on the web acts for whoever visits it.
  if (!flag('DJWTO_CSRF', given.DJWTO_CSRF ?? true) && DJWTO_MODE !== 'JSON')
    throw invalid('DJWTO_CSRF', 'cannot be turned off where tokens travel in cookies')
  const refreshSeconds = lifetime('DJWTO_REFRESH_TOKEN_LIFETIME', given.DJWTO_REFRESH_TOKEN_LIFETIME, '1d')
  const access = given.DJWTO_ACCESS_TOKEN_LIFETIME
  return Object.freeze({
    signingKey: text('DJWTO_SIGNING_KEY', given.DJWTO_SIGNING_KEY ?? process.env.DJWTO_SIGNING_KEY),
    verifyingKey: verifyingKey(given.DJWTO_VERIFYING_KEY ?? undefined, DJWTO_ALGORITHM),
    algorithm: DJWTO_ALGORITHM,
    issuer: optional('DJWTO_ISS_CLAIM', given.DJWTO_ISS_CLAIM),
    subject: optional('DJWTO_SUB_CLAIM', given.DJWTO_SUB_CLAIM),
    audience: readAudience(given.DJWTO_AUD_CLAIM ?? undefined),
    dated: flag('DJWTO_IAT_CLAIM', given.DJWTO_IAT_CLAIM ?? true),
    numbered: flag('DJWTO_JTI_CLAIM', given.DJWTO_JTI_CLAIM ?? true),
    updates: flag('DJWTO_ALLOW_REFRESH_UPDATE', given.DJWTO_ALLOW_REFRESH_UPDATE ?? true),
    accessSeconds: access === null ? refreshSeconds : lifetime('DJWTO_ACCESS_TOKEN_LIFETIME', access, '5m'),
    refreshSeconds,
    startSeconds: seconds(given.DJWTO_NBF_LIFETIME ?? 0, 'DJWTO_NBF_LIFETIME'),
    mode: DJWTO_MODE,
    refreshPath: readPath(given.DJWTO_REFRESH_COOKIE_PATH ?? 'api/token/refresh'),
    sameSite: DJWTO_SAME_SITE,
    domain: optional('DJWTO_DOMAIN', given.DJWTO_DOMAIN),
    processUser: hook('process_user', given.process_user) as ReadSettings['processUser'],
    processClaims: hook('process_claims', given.process_claims) as ReadSettings['processClaims'],
    processPerms: hook('process_perms', given.process_perms) as ReadSettings['processPerms'],
  })
}

/** The original makes tokens without end out of None; here whatever is let in has an end. */
function lifetime(name: string, given: string | number | null | undefined, usual: string): number {
  if (given === null) throw invalid(name, 'must be a time: a token without end cannot be forgotten')
  return seconds(given ?? usual, name)
}

function verifyingKey(key: string | undefined, alg: Algorithm): string | undefined {
  if (key !== undefined && alg.startsWith('HS')) throw invalid('DJWTO_VERIFYING_KEY', `means nothing with ${alg}`)
  return optional('DJWTO_VERIFYING_KEY', key)
}

function readAudience(given: string | readonly string[] | undefined): string | readonly string[] | undefined {
  if (given === undefined || typeof given === 'string') return optional('DJWTO_AUD_CLAIM', given)
  if (!Array.isArray(given) || given.length === 0) throw invalid('DJWTO_AUD_CLAIM', 'must be text or a list of texts')
  return Object.freeze(given.map((one) => text('DJWTO_AUD_CLAIM', one)))
}

function readPath(path: string): string {
  const whole = `/${typeof path === 'string' ? path.replace(/^\/|\/$/g, '') : ''}`
  if (!/^(\/[\w.-]+)+$/.test(whole))
    throw invalid('DJWTO_REFRESH_COOKIE_PATH', 'must be a path such as api/token/refresh')
  return whole
}

const optional = (name: string, value: string | null | undefined): string | undefined =>
  value === undefined || value === null ? undefined : text(name, value)

function hook<F>(name: string, given: F | undefined): F | undefined {
  if (given !== undefined && typeof given !== 'function') throw invalid(name, 'must be a function')
  return given
}
