/** The settings of django-graphql-jwt under their own names, checked. */

import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import type { Claims } from '../../jwt/jws.js'
import type { Account, User } from '../../stores/port.js'
import { flag, invalid, text } from '../../util/checks.js'
import { seconds } from '../../util/time.js'

/**
 * `GRAPHQL_JWT` as it stands in Django's settings, with lifetimes in seconds or as text such as `5m`. In lower case: what the original has
 * in other places. `null` is as good as absent.
 */
export interface GraphqlJwtSettings<U extends User = Account> {
  /** Default HS256. */
  readonly JWT_ALGORITHM?: Algorithm
  /** Put into tokens and demanded of them; without it the `aud` of a token is not looked at. */
  readonly JWT_AUDIENCE?: string | null
  readonly JWT_ISSUER?: string | null
  /** Default 0. */
  readonly JWT_LEEWAY?: string | number
  /** What tokens are signed with for HS, in Django `settings.SECRET_KEY`. */
  readonly JWT_SECRET_KEY?: string | null
  /** The private PEM for the other algorithms. */
  readonly JWT_PRIVATE_KEY?: string | null
  /** Of the same pair, or absent: it follows from the private key. */
  readonly JWT_PUBLIC_KEY?: string | null
  /** Whoever turns it off takes any token: it stays on. */
  readonly JWT_VERIFY?: true
  /** Off in the original unless it is turned on. Here an expired token is good for nothing. */
  readonly JWT_VERIFY_EXPIRATION?: true
  /** Default 5 minutes. */
  readonly JWT_EXPIRATION_DELTA?: string | number
  /** Whether a token may be traded for the next one. Default true. */
  readonly JWT_ALLOW_REFRESH?: boolean
  /** How long after its login a token may be refreshed, or how long a refresh token lives. Default 7 days. */
  readonly JWT_REFRESH_EXPIRATION_DELTA?: string | number
  /** Whether there are refresh tokens beside the access tokens. Default false. */
  readonly JWT_LONG_RUNNING_REFRESH_TOKEN?: boolean
  /** Whether a refresh replaces the refresh token. Here it always does. */
  readonly JWT_REUSE_REFRESH_TOKENS?: boolean
  /** Default `HTTP_AUTHORIZATION`. */
  readonly JWT_AUTH_HEADER_NAME?: string
  /** Compared in any case. Default `JWT`. */
  readonly JWT_AUTH_HEADER_PREFIX?: string
  /** Whether any field takes a token for itself and all below. Default false. */
  readonly JWT_ALLOW_ARGUMENT?: boolean
  /** Default `token`. */
  readonly JWT_ARGUMENT_NAME?: string
  /** Claims to add to the tokens of a user. */
  readonly JWT_PAYLOAD_HANDLER?: (user: U) => Claims | Promise<Claims>
  /** Types by their names: what a field of a root gives that looks at no token. */
  readonly JWT_ALLOW_ANY_CLASSES?: readonly string[]
  /** The same as a function. */
  readonly JWT_ALLOW_ANY_HANDLER?: (field: { readonly name: string; readonly type: string }) => boolean
  /** Whether pages repeat the cookie `csrftoken` in the header `X-CSRFToken`; each login brings a new one. Default false. */
  readonly JWT_CSRF_ROTATION?: boolean
  /** Whether tokens are in cookies alone, and not among the fields. Default false. */
  readonly JWT_HIDE_TOKEN_FIELDS?: boolean
  /** Default `JWT`. */
  readonly JWT_COOKIE_NAME?: string
  /** Default `JWT-refresh-token`. */
  readonly JWT_REFRESH_TOKEN_COOKIE_NAME?: string
  /** Cookies are `Secure` wherever browsers come by https; `true` demands that. */
  readonly JWT_COOKIE_SECURE?: true
  /** Default `/`. */
  readonly JWT_COOKIE_PATH?: string
  readonly JWT_COOKIE_DOMAIN?: string | null
  /** Default `Lax`. */
  readonly JWT_COOKIE_SAMESITE?: 'Lax' | 'Strict' | 'None' | null
  /** Whether the view is wrapped in `jwt_cookie`: tokens travel in cookies, too. Default false. */
  readonly jwt_cookie?: boolean
  /** Whether the mutations are those of `graphql_jwt.relay`. Default false. */
  readonly relay?: boolean
}

/** The same, for code. */
export interface ReadSettings {
  readonly algorithm: Algorithm
  readonly key: string
  readonly publicKey: string | undefined
  readonly audience: string | undefined
  readonly issuer: string | undefined
  readonly leewaySeconds: number
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly refreshes: boolean
  readonly longRunning: boolean
  readonly header: Lowercase<string>
  readonly scheme: string
  /** The name of the argument that carries a token. */
  readonly argument: string | undefined
  readonly isOpen: (field: { readonly name: string; readonly type: string }) => boolean
  readonly hidesTokens: boolean
  readonly cookies: CookieSettings | undefined
  readonly relay: boolean
}

export interface CookieSettings {
  readonly access: string
  readonly refresh: string
  readonly path: string
  readonly domain: string | undefined
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  readonly demandsSecure: boolean
  readonly csrf: boolean
}

const KNOWN: Readonly<Record<keyof GraphqlJwtSettings, true>> = {
  JWT_ALGORITHM: true,
  JWT_AUDIENCE: true,
  JWT_ISSUER: true,
  JWT_LEEWAY: true,
  JWT_SECRET_KEY: true,
  JWT_PRIVATE_KEY: true,
  JWT_PUBLIC_KEY: true,
  JWT_VERIFY: true,
  JWT_VERIFY_EXPIRATION: true,
  JWT_EXPIRATION_DELTA: true,
  JWT_ALLOW_REFRESH: true,
  JWT_REFRESH_EXPIRATION_DELTA: true,
  JWT_LONG_RUNNING_REFRESH_TOKEN: true,
  JWT_REUSE_REFRESH_TOKENS: true,
  JWT_AUTH_HEADER_NAME: true,
  JWT_AUTH_HEADER_PREFIX: true,
  JWT_ALLOW_ARGUMENT: true,
  JWT_ARGUMENT_NAME: true,
  JWT_PAYLOAD_HANDLER: true,
  JWT_ALLOW_ANY_CLASSES: true,
  JWT_ALLOW_ANY_HANDLER: true,
  JWT_CSRF_ROTATION: true,
  JWT_HIDE_TOKEN_FIELDS: true,
  JWT_COOKIE_NAME: true,
  JWT_REFRESH_TOKEN_COOKIE_NAME: true,
  JWT_COOKIE_SECURE: true,
  JWT_COOKIE_PATH: true,
  JWT_COOKIE_DOMAIN: true,
  JWT_COOKIE_SAMESITE: true,
  jwt_cookie: true,
  relay: true,
}

/** Throws `options_invalid` with the name of the first setting that does not allow a safe start. */
export function readSettings<U extends User>(given: GraphqlJwtSettings<U>): ReadSettings {
  if (typeof given !== 'object' || given === null) throw invalid('graphqlJwt', 'takes an object')
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
  }
  const { JWT_ALGORITHM: alg = 'HS256' } = given
  if (!algorithm(alg)) throw invalid('JWT_ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  for (const name of ['JWT_VERIFY', 'JWT_VERIFY_EXPIRATION'] as const) {
    if ((given[name] ?? true) !== true) throw invalid(name, 'must be true: the check stays on')
  }
  const isSecret = alg.startsWith('HS')
  if (isSecret && optional('JWT_PUBLIC_KEY', given.JWT_PUBLIC_KEY) !== undefined)
    throw invalid('JWT_PUBLIC_KEY', `means nothing with ${alg}: the JWT_SECRET_KEY verifies`)
  flag('JWT_REUSE_REFRESH_TOKENS', given.JWT_REUSE_REFRESH_TOKENS)
  return Object.freeze({
    algorithm: alg,
    key: isSecret ? text('JWT_SECRET_KEY', given.JWT_SECRET_KEY) : text('JWT_PRIVATE_KEY', given.JWT_PRIVATE_KEY),
    publicKey: optional('JWT_PUBLIC_KEY', given.JWT_PUBLIC_KEY),
    audience: optional('JWT_AUDIENCE', given.JWT_AUDIENCE),
    issuer: optional('JWT_ISSUER', given.JWT_ISSUER),
    leewaySeconds: seconds(given.JWT_LEEWAY ?? 0, 'JWT_LEEWAY'),
    accessSeconds: seconds(given.JWT_EXPIRATION_DELTA ?? '5m', 'JWT_EXPIRATION_DELTA'),
    refreshSeconds: seconds(given.JWT_REFRESH_EXPIRATION_DELTA ?? '7d', 'JWT_REFRESH_EXPIRATION_DELTA'),
    refreshes: flag('JWT_ALLOW_REFRESH', given.JWT_ALLOW_REFRESH ?? true),
    longRunning: flag('JWT_LONG_RUNNING_REFRESH_TOKEN', given.JWT_LONG_RUNNING_REFRESH_TOKEN),
    header: readHeader(given.JWT_AUTH_HEADER_NAME ?? 'HTTP_AUTHORIZATION'),
    scheme: word('JWT_AUTH_HEADER_PREFIX', given.JWT_AUTH_HEADER_PREFIX ?? 'JWT'),
    argument: flag('JWT_ALLOW_ARGUMENT', given.JWT_ALLOW_ARGUMENT)
      ? graphqlName('JWT_ARGUMENT_NAME', given.JWT_ARGUMENT_NAME ?? 'token')
      : undefined,
    isOpen: readOpen(given),
    hidesTokens: flag('JWT_HIDE_TOKEN_FIELDS', given.JWT_HIDE_TOKEN_FIELDS),
    cookies: readCookies(given),
    relay: flag('relay', given.relay),
  })
}

function readOpen<U extends User>({
  JWT_ALLOW_ANY_CLASSES: classes = [],
  JWT_ALLOW_ANY_HANDLER: handler,
}: GraphqlJwtSettings<U>): ReadSettings['isOpen'] {
  if (!Array.isArray(classes)) throw invalid('JWT_ALLOW_ANY_CLASSES', 'must be a list of the names of types')
  const types = new Set(classes.map((one) => graphqlName('JWT_ALLOW_ANY_CLASSES', one)))
  if (handler !== undefined && typeof handler !== 'function')
    throw invalid('JWT_ALLOW_ANY_HANDLER', 'must be a function')
  // Only `true`: one that forgets to answer opens nothing.
  return (field) => types.has(field.type) || handler?.(field) === true
}

/** Nobody's cookies are read where none are set. */
function readCookies<U extends User>(given: GraphqlJwtSettings<U>): CookieSettings | undefined {
  const { JWT_COOKIE_SECURE: secure, JWT_COOKIE_SAMESITE: sameSite } = given
  if ((secure ?? true) !== true) throw invalid('JWT_COOKIE_SECURE', 'must be true, or absent: https decides')
  if (!['Lax', 'Strict', 'None'].includes(sameSite ?? 'Lax'))
    throw invalid('JWT_COOKIE_SAMESITE', 'must be Lax, Strict or None')
  const csrf = flag('JWT_CSRF_ROTATION', given.JWT_CSRF_ROTATION)
  const access = word('JWT_COOKIE_NAME', given.JWT_COOKIE_NAME ?? 'JWT')
  const refresh = word('JWT_REFRESH_TOKEN_COOKIE_NAME', given.JWT_REFRESH_TOKEN_COOKIE_NAME ?? 'JWT-refresh-token')
  if (access === refresh) throw invalid('JWT_REFRESH_TOKEN_COOKIE_NAME', 'must be another one than JWT_COOKIE_NAME')
  const path = text('JWT_COOKIE_PATH', given.JWT_COOKIE_PATH ?? '/')
  if (!/^\/[\w./-]*$/.test(path)) throw invalid('JWT_COOKIE_PATH', 'must be a path')
  const domain = optional('JWT_COOKIE_DOMAIN', given.JWT_COOKIE_DOMAIN)
  if (!flag('jwt_cookie', given.jwt_cookie)) return undefined
  return { access, refresh, path, domain, sameSite: sameSite ?? 'Lax', demandsSecure: secure === true, csrf }
}

/** `HTTP_X_ACCESS_TOKEN` as `x-access-token`. */
function readHeader(name: string): Lowercase<string> {
  const [, rest] = /^HTTP_([A-Z][A-Z0-9_]*)$/.exec(text('JWT_AUTH_HEADER_NAME', name)) ?? []
  if (rest === undefined) throw invalid('JWT_AUTH_HEADER_NAME', 'must be spelled as HTTP_AUTHORIZATION is')
  return rest.toLowerCase().replaceAll('_', '-') as Lowercase<string>
}

function word(name: string, value: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(text(name, value))) throw invalid(name, 'must be a word')
  return value
}

function graphqlName(name: string, value: unknown): string {
  if (!/^[_A-Za-z]\w*$/.test(text(name, value))) throw invalid(name, 'must be a name of GraphQL')
  return value as string
}

const optional = (name: string, value: string | null | undefined): string | undefined =>
  value === undefined || value === null ? undefined : text(name, value)
