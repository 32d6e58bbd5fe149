/** The settings of djangorestframework-jwt (2017) and of drf-jwt, its successor, under their own names, checked. */
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import { flag, invalid, text } from '../../util/checks.js'
import { seconds } from '../../util/time.js'

/**
 * `JWT_AUTH` as it stands in Django's settings, with lifetimes in seconds or as text such as `5m`. In lower case: what the original has in
 * other places. `null` is as good as absent.
 */
export interface DrfJwtSettings {
  /** Whose words: `1.17` (drf-jwt, the default) or `2017` (djangorestframework-jwt 1.11). */
  readonly variant?: '2017' | '1.17'
  /** What tokens are signed with for HS, in Django `settings.SECRET_KEY`. */
  readonly JWT_SECRET_KEY?: string | null
  /** The private PEM for the other algorithms. */
  readonly JWT_PRIVATE_KEY?: string | null
  /** Default HS256. */
  readonly JWT_ALGORITHM?: Algorithm
  /** Put into tokens and demanded of them; without it a token that has an `aud` is refused. */
  readonly JWT_AUDIENCE?: string | null
  readonly JWT_ISSUER?: string | null
  /** Default 0. */
  readonly JWT_LEEWAY?: string | number
  /** Default 300 seconds. */
  readonly JWT_EXPIRATION_DELTA?: string | number
  /** Default false for `2017`, true for `1.17`. */
  readonly JWT_ALLOW_REFRESH?: boolean
  /** How long after its login a token may be refreshed. Default 7 days. */
  readonly JWT_REFRESH_EXPIRATION_DELTA?: string | number
  /** Compared in any case. Default `JWT` for `2017`, `Bearer` for `1.17`. */
  readonly JWT_AUTH_HEADER_PREFIX?: string
  /** The name of a cookie that carries the token, too. Default none. */
  readonly JWT_AUTH_COOKIE?: string | null
  readonly JWT_AUTH_COOKIE_DOMAIN?: string | null
  /** Default `/`. */
  readonly JWT_AUTH_COOKIE_PATH?: string
  /** Default `Lax`. */
  readonly JWT_AUTH_COOKIE_SAMESITE?: 'Lax' | 'Strict' | 'None'
  /** Where the endpoints stand; `null`: not there. Default as in each system's own pages, and for `1.17` impersonation is not there. */
  readonly paths?: {
    readonly obtain?: string
    readonly refresh?: string | null
    readonly verify?: string | null
    readonly logout?: string | null
    readonly impersonate?: string | null
  }
}

/** The same, for code. */
export interface ReadSettings {
  readonly old: boolean
  readonly algorithm: Algorithm
  readonly key: string
  readonly audience: string | undefined
  readonly issuer: string | undefined
  readonly leewaySeconds: number
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly refreshes: boolean
  readonly scheme: string
  readonly cookie:
    | { readonly name: string; readonly domain: string | undefined; readonly path: string; readonly sameSite: SameSite }
    | undefined
  readonly paths: Readonly<Record<PathName, string | null>>
}

type SameSite = 'Lax' | 'Strict' | 'None'
type PathName = 'obtain' | 'refresh' | 'verify' | 'logout' | 'impersonate'

const KNOWN: Readonly<Record<keyof DrfJwtSettings, true>> = {
  variant: true,
  JWT_SECRET_KEY: true,
  JWT_PRIVATE_KEY: true,
  JWT_ALGORITHM: true,
  JWT_AUDIENCE: true,
  JWT_ISSUER: true,
  JWT_LEEWAY: true,
  JWT_EXPIRATION_DELTA: true,
  JWT_ALLOW_REFRESH: true,
  JWT_REFRESH_EXPIRATION_DELTA: true,
  JWT_AUTH_HEADER_PREFIX: true,
  JWT_AUTH_COOKIE: true,
  JWT_AUTH_COOKIE_DOMAIN: true,
  JWT_AUTH_COOKIE_PATH: true,
  JWT_AUTH_COOKIE_SAMESITE: true,
  paths: true,
}

const PATHS: Readonly<Record<'2017' | '1.17', ReadSettings['paths']>> = {
  '2017': {
    obtain: '/api-token-auth/',
    refresh: '/api-token-refresh/',
    verify: '/api-token-verify/',
    logout: null,
    impersonate: null,
  },
  '1.17': {
    obtain: '/api-token-auth/',
    refresh: '/api-token-refresh/',
    verify: '/api-token-verify/',
    logout: '/auth/logout/',
    impersonate: null,
  },
}

/** Throws `options_invalid` with the name of the first setting that does not allow a safe start. */
export function readSettings(given: DrfJwtSettings): ReadSettings {
  if (typeof given !== 'object' || given === null) throw invalid('drfJwt', 'takes an object')
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
  }
  const { variant = '1.17', JWT_ALGORITHM = 'HS256' } = given
  if (variant !== '2017' && variant !== '1.17') throw invalid('variant', "must be '2017' or '1.17'")
  if (!algorithm(JWT_ALGORITHM)) throw invalid('JWT_ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  const old = variant === '2017'
  const scheme = text('JWT_AUTH_HEADER_PREFIX', given.JWT_AUTH_HEADER_PREFIX ?? (old ? 'JWT' : 'Bearer'))
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(scheme)) throw invalid('JWT_AUTH_HEADER_PREFIX', 'must be a word such as Bearer')
  return Object.freeze({
    old,
    algorithm: JWT_ALGORITHM,
    key: JWT_ALGORITHM.startsWith('HS')
      ? text('JWT_SECRET_KEY', given.JWT_SECRET_KEY)
      : text('JWT_PRIVATE_KEY', given.JWT_PRIVATE_KEY),
    audience: optional('JWT_AUDIENCE', given.JWT_AUDIENCE),
    issuer: optional('JWT_ISSUER', given.JWT_ISSUER),
    leewaySeconds: seconds(given.JWT_LEEWAY ?? 0, 'JWT_LEEWAY'),
    accessSeconds: seconds(given.JWT_EXPIRATION_DELTA ?? '5m', 'JWT_EXPIRATION_DELTA'),
    refreshSeconds: seconds(given.JWT_REFRESH_EXPIRATION_DELTA ?? '7d', 'JWT_REFRESH_EXPIRATION_DELTA'),
    refreshes: given.JWT_ALLOW_REFRESH === undefined ? !old : flag('JWT_ALLOW_REFRESH', given.JWT_ALLOW_REFRESH),
    scheme,
    cookie: readCookie(given),
    paths: readPaths(given.paths ?? {}, PATHS[variant]),
  })
}

function readCookie(given: DrfJwtSettings): ReadSettings['cookie'] {
  const name = optional('JWT_AUTH_COOKIE', given.JWT_AUTH_COOKIE)
  const { JWT_AUTH_COOKIE_SAMESITE: sameSite = 'Lax' } = given
  if (!['Lax', 'Strict', 'None'].includes(sameSite)) {
    throw invalid('JWT_AUTH_COOKIE_SAMESITE', 'must be Lax, Strict or None')
  }
  if (name === undefined) return undefined
  const domain = optional('JWT_AUTH_COOKIE_DOMAIN', given.JWT_AUTH_COOKIE_DOMAIN)
  return { name, domain, path: text('JWT_AUTH_COOKIE_PATH', given.JWT_AUTH_COOKIE_PATH ?? '/'), sameSite }
}

function readPaths(given: NonNullable<DrfJwtSettings['paths']>, usual: ReadSettings['paths']): ReadSettings['paths'] {
  for (const [name, path] of Object.entries(given)) {
    if (!Object.hasOwn(usual, name)) throw invalid(`paths.${name}`, 'is not an endpoint')
    const isPath = typeof path === 'string' && /^(\/[\w.-]+)+\/?$/.test(path)
    if (!isPath && (path !== null || name === 'obtain')) throw invalid(`paths.${name}`, 'must be a path')
  }
  const paths = { ...usual, ...given }
  const places = Object.values(paths).flatMap((path) => (path === null ? [] : [path.replace(/\/$/, '')]))
  if (new Set(places).size < places.length) throw invalid('paths', 'must be different ones')
  return paths
}

const optional = (name: string, value: string | null | undefined): string | undefined =>
  value === undefined || value === null ? undefined : text(name, value)
