/** The settings of jwtauth under their own names, checked: a name that means nothing here does not start. */
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import { invalid, text } from '../../util/checks.js'
import { seconds } from '../../util/time.js'

/** `JWTAUTH` as it stands in Django's settings, with lifetimes in seconds or as text such as `5m`. In lower case: what the original leaves to the application. */
export interface CookieJwtauthSettings {
  /** Default 5 minutes. */
  readonly ACCESS_TOKEN_LIFETIME?: string | number
  /** Default 1 day. */
  readonly REFRESH_TOKEN_LIFETIME?: string | number
  /** Default `access_token`. */
  readonly ACCESS_TOKEN_COOKIE_NAME?: string
  /** Default `refresh_token`. */
  readonly REFRESH_TOKEN_COOKIE_NAME?: string
  /** Default HS256. */
  readonly ALGORITHM?: Algorithm
  /** What tokens are signed with, in Django `settings.SECRET_KEY`: a secret for HS, a private PEM for the others. */
  readonly SIGNING_KEY: string
  /** Where the endpoints stand; `null` for those that the application has itself. Default `/login/` and `/logout`. */
  readonly paths?: { readonly login?: string | null; readonly logout?: string | null }
}

/** The same, for code: lifetimes in seconds. */
export interface ReadSettings {
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly accessCookie: string
  readonly refreshCookie: string
  readonly algorithm: Algorithm
  readonly signingKey: string
  readonly paths: { readonly login: string | null; readonly logout: string | null }
}

const KNOWN: Readonly<Record<keyof CookieJwtauthSettings, true>> = {
  ACCESS_TOKEN_LIFETIME: true,
  REFRESH_TOKEN_LIFETIME: true,
  ACCESS_TOKEN_COOKIE_NAME: true,
  REFRESH_TOKEN_COOKIE_NAME: true,
  ALGORITHM: true,
  SIGNING_KEY: true,
  paths: true,
}

/** Throws `options_invalid` with the name of the first setting that does not allow a safe start. */
export function readSettings(given: CookieJwtauthSettings): ReadSettings {
  if (typeof given !== 'object' || given === null) throw invalid('cookieJwtauth', 'takes an object')
  for (const name of Object.keys(given))
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
  const { ALGORITHM = 'HS256' } = given
  if (!algorithm(ALGORITHM)) throw invalid('ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  const accessCookie = cookieName('ACCESS_TOKEN_COOKIE_NAME', given.ACCESS_TOKEN_COOKIE_NAME ?? 'access_token')
  const refreshCookie = cookieName('REFRESH_TOKEN_COOKIE_NAME', given.REFRESH_TOKEN_COOKIE_NAME ?? 'refresh_token')
  if (accessCookie === refreshCookie)
    throw invalid('REFRESH_TOKEN_COOKIE_NAME', 'must be another than that of the access token')
  return Object.freeze({
    accessSeconds: seconds(given.ACCESS_TOKEN_LIFETIME ?? '5m', 'ACCESS_TOKEN_LIFETIME'),
    refreshSeconds: seconds(given.REFRESH_TOKEN_LIFETIME ?? '1d', 'REFRESH_TOKEN_LIFETIME'),
    accessCookie,
    refreshCookie,
    algorithm: ALGORITHM,
    signingKey: text('SIGNING_KEY', given.SIGNING_KEY),
    paths: readPaths(given.paths ?? {}),
  })
}

function cookieName(setting: string, name: unknown): string {
  if (typeof name !== 'string' || !/^[\w!#$%&'*+\-.^`|~]{1,64}$/.test(name))
    throw invalid(setting, 'must be the name of a cookie')
  return name
}

function readPaths(given: NonNullable<CookieJwtauthSettings['paths']>): ReadSettings['paths'] {
  const usual = { login: '/login/', logout: '/logout' }
  for (const [name, path] of Object.entries(given)) {
    if (!Object.hasOwn(usual, name)) throw invalid(`paths.${name}`, 'is not an endpoint')
    const isPath = typeof path === 'string' && /^(\/[\w.-]+)+\/?$/.test(path)
    if (path !== null && path !== undefined && !isPath) throw invalid(`paths.${name}`, 'must be a path, or null')
  }
  return {
    login: given.login === undefined ? usual.login : given.login,
    logout: given.logout === undefined ? usual.logout : given.logout,
  }
}
