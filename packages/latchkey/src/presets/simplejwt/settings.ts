/** The settings of djangorestframework-simplejwt under their own names, checked: a name that means nothing here does not start. */
import { AuthError } from '../../errors.js'
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import { seconds } from '../../util/time.js'

/**
 * `SIMPLE_JWT` as it stands in Django's settings, with lifetimes in seconds or as text such as `5m`. In lower case: what the original
 * has in other places. `null` and `''` are as good as absent, where the original takes them.
 */
export interface SimpleJwtSettings {
  /** Default 5 minutes. */
  readonly ACCESS_TOKEN_LIFETIME?: string | number
  /** Default 1 day. Where refresh tokens rotate, each of them lives this long. */
  readonly REFRESH_TOKEN_LIFETIME?: string | number
  /** Whether a refresh answers a new refresh token too. Default false. */
  readonly ROTATE_REFRESH_TOKENS?: boolean
  /** Default HS256. */
  readonly ALGORITHM?: Algorithm
  /** What tokens are signed with, in Django `settings.SECRET_KEY`: a secret for HS, a private PEM for the others. */
  readonly SIGNING_KEY: string
  /** The public PEM of an asymmetric `SIGNING_KEY`; may be left out. */
  readonly VERIFYING_KEY?: string | null
  /** Put into tokens and demanded of them. Default: none, and the `aud` of a token is not looked at. */
  readonly AUDIENCE?: string | readonly string[] | null
  readonly ISSUER?: string | null
  /** Seconds by which `exp`, `nbf` and `iat` may be off. Default 0. */
  readonly LEEWAY?: string | number
  /** Schemes that are as good as each other; the first is in the challenge. To the letter. Default `['Bearer']`. */
  readonly AUTH_HEADER_TYPES?: string | readonly string[]
  /** The header as WSGI spells it. Default `HTTP_AUTHORIZATION`. */
  readonly AUTH_HEADER_NAME?: string
  /** Default `user_id`. */
  readonly USER_ID_CLAIM?: string
  /** Default `token_type`. */
  readonly TOKEN_TYPE_CLAIM?: string
  /** Default `jti`. */
  readonly JTI_CLAIM?: string
  /** Where the endpoints stand. Default `/api/token/`, `/api/token/refresh/`, `/api/token/verify/`. */
  readonly paths?: { readonly obtain?: string; readonly refresh?: string; readonly verify?: string }
  /** Whose words: `5.2` (default), or `5.5`, which has user ids as text and tells expired tokens from invalid ones. */
  readonly version?: '5.2' | '5.5'
}

/** The same, for code: names of claims and headers as they are on the wire, lifetimes in seconds. */
export interface ReadSettings {
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly rotates: boolean
  readonly algorithm: Algorithm
  readonly signingKey: string
  readonly verifyingKey: string | undefined
  readonly audience: readonly string[]
  readonly issuer: string | undefined
  readonly leewaySeconds: number
  readonly schemes: readonly [string, ...string[]]
  readonly header: Lowercase<string>
  readonly claims: { readonly user: string; readonly type: string; readonly jti: string }
  readonly paths: { readonly obtain: string; readonly refresh: string; readonly verify: string }
  readonly textIds: boolean
  readonly tellsExpired: boolean
}

const KNOWN: Readonly<Record<keyof SimpleJwtSettings, true>> = {
  ACCESS_TOKEN_LIFETIME: true,
  REFRESH_TOKEN_LIFETIME: true,
  ROTATE_REFRESH_TOKENS: true,
  ALGORITHM: true,
  SIGNING_KEY: true,
  VERIFYING_KEY: true,
  AUDIENCE: true,
  ISSUER: true,
  LEEWAY: true,
  AUTH_HEADER_TYPES: true,
  AUTH_HEADER_NAME: true,
  USER_ID_CLAIM: true,
  TOKEN_TYPE_CLAIM: true,
  JTI_CLAIM: true,
  paths: true,
  version: true,
}

/** Names that the original refuses too, and what took their place. */
const REMOVED: Readonly<Record<string, string>> = {
  AUTH_HEADER_TYPE: 'AUTH_HEADER_TYPES',
  AUTH_TOKEN_CLASS: 'AUTH_TOKEN_CLASSES',
  SECRET_KEY: 'SIGNING_KEY',
  TOKEN_BACKEND_CLASS: 'ALGORITHM and SIGNING_KEY',
}

/** Claims that have a meaning of their own. */
const TAKEN = ['exp', 'iat', 'nbf', 'iss', 'aud', 'sid', 'cnf']

/** Throws `options_invalid` with the name of the first setting that does not allow a safe start. */
export function readSettings(given: SimpleJwtSettings): ReadSettings {
  if (typeof given !== 'object' || given === null) throw invalid('simplejwt', 'takes an object')
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(REMOVED, name)) throw invalid(name, `was removed: use ${REMOVED[name]}`)
    if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
  }
  const { version = '5.2', ALGORITHM = 'HS256', AUTH_HEADER_TYPES: types = ['Bearer'] } = given
  if (version !== '5.2' && version !== '5.5') throw invalid('version', 'must be 5.2 or 5.5')
  if (!algorithm(ALGORITHM)) throw invalid('ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  return Object.freeze({
    accessSeconds: seconds(given.ACCESS_TOKEN_LIFETIME ?? '5m', 'ACCESS_TOKEN_LIFETIME'),
    refreshSeconds: seconds(given.REFRESH_TOKEN_LIFETIME ?? '1d', 'REFRESH_TOKEN_LIFETIME'),
    rotates: flag('ROTATE_REFRESH_TOKENS', given.ROTATE_REFRESH_TOKENS ?? false),
    algorithm: ALGORITHM,
    signingKey: text('SIGNING_KEY', given.SIGNING_KEY),
    verifyingKey: readVerifyingKey(given.VERIFYING_KEY ?? '', ALGORITHM),
    audience: list('AUDIENCE', given.AUDIENCE ?? []),
    issuer: given.ISSUER === undefined || given.ISSUER === null ? undefined : text('ISSUER', given.ISSUER),
    leewaySeconds: seconds(given.LEEWAY ?? 0, 'LEEWAY'),
    schemes: readSchemes(types),
    header: readHeader(given.AUTH_HEADER_NAME ?? 'HTTP_AUTHORIZATION'),
    claims: readClaims(given),
    paths: readPaths(given.paths ?? {}),
    textIds: version === '5.5',
    tellsExpired: version === '5.5',
  })
}

function readVerifyingKey(key: string, alg: Algorithm): string | undefined {
  if (key === '') return undefined
  if (alg.startsWith('HS')) throw invalid('VERIFYING_KEY', `means nothing with ${alg}: the SIGNING_KEY verifies`)
  return text('VERIFYING_KEY', key)
}

function readSchemes(types: string | readonly string[]): readonly [string, ...string[]] {
  const [first, ...others] = list('AUTH_HEADER_TYPES', types)
  if (first === undefined) throw invalid('AUTH_HEADER_TYPES', 'must name a scheme')
  for (const one of [first, ...others]) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(one)) throw invalid('AUTH_HEADER_TYPES', 'must be words such as Bearer')
  }
  return [first, ...others]
}

/** `HTTP_X_ACCESS_TOKEN` as `x-access-token`. */
function readHeader(name: string): Lowercase<string> {
  const [, rest] = /^HTTP_([A-Z][A-Z0-9_]*)$/.exec(text('AUTH_HEADER_NAME', name)) ?? []
  if (rest === undefined) throw invalid('AUTH_HEADER_NAME', 'must be spelled as HTTP_AUTHORIZATION is')
  return rest.toLowerCase().replaceAll('_', '-') as Lowercase<string>
}

function readClaims(given: SimpleJwtSettings): ReadSettings['claims'] {
  const { USER_ID_CLAIM = 'user_id', TOKEN_TYPE_CLAIM = 'token_type', JTI_CLAIM = 'jti' } = given
  const named = Object.entries({ USER_ID_CLAIM, TOKEN_TYPE_CLAIM, JTI_CLAIM })
  for (const [name, claim] of named) {
    // The original turns a check off by None: without the type a refresh token opens views, without the id none can be told from another.
    if (typeof claim !== 'string' || claim === '') throw invalid(name, 'must name a claim: the check stays on')
    const twice = named.some(([other, same]) => other !== name && same === claim)
    if (twice || TAKEN.includes(claim)) throw invalid(name, `cannot be ${claim}: that claim says something else`)
  }
  return { user: USER_ID_CLAIM, type: TOKEN_TYPE_CLAIM, jti: JTI_CLAIM }
}

function readPaths(given: NonNullable<SimpleJwtSettings['paths']>): ReadSettings['paths'] {
  const usual = { obtain: '/api/token/', refresh: '/api/token/refresh/', verify: '/api/token/verify/' }
  for (const [name, path] of Object.entries(given)) {
    if (!Object.hasOwn(usual, name)) throw invalid(`paths.${name}`, 'is not an endpoint')
    if (typeof path !== 'string' || !/^(\/[\w.-]+)+\/?$/.test(path)) throw invalid(`paths.${name}`, 'must be a path')
  }
  const paths = { ...usual, ...given }
  const places = new Set(Object.values(paths).map((path) => path.replace(/\/$/, '')))
  if (places.size < Object.keys(paths).length) throw invalid('paths', 'must be three different ones')
  return paths
}

function list(name: string, value: string | readonly string[]): readonly string[] {
  const all = typeof value === 'string' ? [value] : value
  if (!Array.isArray(all)) throw invalid(name, 'must be text or a list of texts')
  return all.map((one) => text(name, one))
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid(name, 'must be text, and not empty')
  return value
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(name, 'must be true or false')
  return value
}

const invalid = (name: string, rule: string): AuthError => new AuthError('options_invalid', { hint: `${name} ${rule}` })
