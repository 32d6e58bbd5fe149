/** Reads the settings of drf-jwt and checks them: a name that means nothing here does not start, and says why. */
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import type { User } from '../../stores/port.js'
import { flag, invalid, text } from '../../util/checks.js'
import { seconds } from '../../util/time.js'
import { readKeys } from './keys.js'
import type { DrfJwtSettings, ReadCookie, ReadSettings } from './settings.js'

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
  JWT_AUTH_COOKIE_SECURE: true,
  JWT_IMPERSONATION_COOKIE: true,
  JWT_DELETE_STALE_BLACKLISTED_TOKENS: true,
  JWT_PUBLIC_KEY: true,
  JWT_INSIST_ON_KID: true,
  JWT_TOKEN_ID: true,
  JWT_VERIFY: true,
  JWT_VERIFY_EXPIRATION: true,
  JWT_PAYLOAD_INCLUDE_USER_ID: true,
  JWT_PAYLOAD_HANDLER: true,
  JWT_PAYLOAD_GET_USERNAME_HANDLER: true,
  JWT_PAYLOAD_GET_USER_ID_HANDLER: true,
  JWT_RESPONSE_PAYLOAD_HANDLER: true,
  JWT_GET_USER_SECRET_KEY: true,
  paths: true,
}

/** Names that mean something in Django alone, or nothing that is safe, with the sentence that says why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  JWT_ENCODE_HANDLER: 'writes tokens, which is not for an application to do: JWT_PAYLOAD_HANDLER adds claims',
  JWT_DECODE_HANDLER: 'reads tokens, which is not for an application to do: the option claimsSchema checks claims',
}

/** Settings whose other value would take a check away. */
const ALWAYS: Readonly<Record<string, string>> = {
  JWT_VERIFY: 'cannot be turned off: what nobody verified says nothing',
  JWT_VERIFY_EXPIRATION: 'cannot be turned off: a token without end cannot be forgotten',
  JWT_AUTH_COOKIE_SECURE: 'cannot be turned off: http://localhost goes without by itself',
  JWT_PAYLOAD_INCLUDE_USER_ID: 'cannot be turned off: a user name may change hands, an id does not',
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
export function readSettings<U extends User>(settings: DrfJwtSettings<U>): ReadSettings {
  if (typeof settings !== 'object' || settings === null) throw invalid('drfJwt', 'takes an object')
  const given = settings as unknown as DrfJwtSettings<User>
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(ELSEWHERE, name)) throw invalid(name, ELSEWHERE[name] as string)
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
    if (Object.hasOwn(ALWAYS, name) && value !== undefined && value !== true)
      throw invalid(name, ALWAYS[name] as string)
    if (
      (name.endsWith('_HANDLER') || name === 'JWT_GET_USER_SECRET_KEY') &&
      value !== undefined &&
      typeof value !== 'function'
    )
      throw invalid(name, 'must be a function: there is no Python here that a dotted path could name')
  }
  const { variant = '1.17', JWT_TOKEN_ID: tokenId = 'include' } = given
  if (variant !== '2017' && variant !== '1.17') throw invalid('variant', "must be '2017' or '1.17'")
  if (!['off', 'include', 'require'].includes(tokenId)) throw invalid('JWT_TOKEN_ID', 'must be off, include or require')
  const userSecret = given.JWT_GET_USER_SECRET_KEY ?? undefined
  if (userSecret && ![given.JWT_ALGORITHM ?? 'HS256'].flat().every((one) => String(one).startsWith('HS')))
    throw invalid('JWT_GET_USER_SECRET_KEY', 'means nothing with a private key, which nobody has one of per user')
  flag('JWT_DELETE_STALE_BLACKLISTED_TOKENS', given.JWT_DELETE_STALE_BLACKLISTED_TOKENS)
  const old = variant === '2017'
  const scheme = text('JWT_AUTH_HEADER_PREFIX', given.JWT_AUTH_HEADER_PREFIX ?? (old ? 'JWT' : 'Bearer'))
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(scheme)) throw invalid('JWT_AUTH_HEADER_PREFIX', 'must be a word such as Bearer')
  return Object.freeze({
    old,
    ...readKeys(given, algorithms(given.JWT_ALGORITHM ?? 'HS256')),
    tokenId,
    userSecret,
    usernameOf: given.JWT_PAYLOAD_GET_USERNAME_HANDLER ?? (({ username }) => username),
    userIdOf: given.JWT_PAYLOAD_GET_USER_ID_HANDLER ?? (({ user_id }) => user_id),
    payload: given.JWT_PAYLOAD_HANDLER,
    response: given.JWT_RESPONSE_PAYLOAD_HANDLER,
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

function algorithms(given: Algorithm | readonly Algorithm[]): readonly [Algorithm, ...Algorithm[]] {
  const [first, ...others] = [given].flat() as Algorithm[]
  if (first === undefined || ![first, ...others].every((one) => algorithm(one)))
    throw invalid('JWT_ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA, or a list of those')
  return [first, ...others]
}

function readCookie(given: DrfJwtSettings<User>): ReadCookie | undefined {
  const name = optional('JWT_AUTH_COOKIE', given.JWT_AUTH_COOKIE)
  const impersonation = optional('JWT_IMPERSONATION_COOKIE', given.JWT_IMPERSONATION_COOKIE)
  const { JWT_AUTH_COOKIE_SAMESITE: sameSite = 'Lax' } = given
  if (!['Lax', 'Strict', 'None'].includes(sameSite)) {
    throw invalid('JWT_AUTH_COOKIE_SAMESITE', 'must be Lax, Strict or None')
  }
  if (name === undefined && impersonation === undefined) return undefined
  if (name === impersonation) throw invalid('JWT_IMPERSONATION_COOKIE', 'must be another than JWT_AUTH_COOKIE')
  const domain = optional('JWT_AUTH_COOKIE_DOMAIN', given.JWT_AUTH_COOKIE_DOMAIN)
  const path = text('JWT_AUTH_COOKIE_PATH', given.JWT_AUTH_COOKIE_PATH ?? '/')
  return { name, impersonation, domain, path, sameSite }
}

function readPaths(
  given: NonNullable<DrfJwtSettings<User>['paths']>,
  usual: ReadSettings['paths'],
): ReadSettings['paths'] {
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
