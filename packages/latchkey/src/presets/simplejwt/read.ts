/** Reads the settings of simplejwt and checks them: a name that means nothing here does not start, and says why. */
import { AuthError } from '../../errors.js'
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import { importKey } from '../../jwt/key.js'
import type { User } from '../../stores/port.js'
import { flag, invalid, text, within } from '../../util/checks.js'
import { seconds } from '../../util/time.js'
import { ELSEWHERE, KNOWN, REMOVED } from './names.js'
import { readOriginalTokens } from './original.js'
import { readPaths } from './paths.js'
import type { ReadSettings, SimpleJwtSettings, SimpleJwtTokenClass } from './settings.js'

/** Claims that have a meaning of their own. */
const TAKEN = ['exp', 'iat', 'nbf', 'iss', 'aud', 'sid', 'cnf']

const CLASSES: readonly SimpleJwtTokenClass[] = ['AccessToken', 'SlidingToken']
const AUTHENTICATIONS = ['JWTAuthentication', 'JWTStatelessUserAuthentication', 'JWTTokenUserAuthentication']

/** Throws `options_invalid` with the name of the first setting that does not allow a safe start. */
export function readSettings<U extends User>(settings: SimpleJwtSettings<U>): ReadSettings {
  if (typeof settings !== 'object' || settings === null) throw invalid('simplejwt', 'takes an object')
  const given = settings as unknown as SimpleJwtSettings<User>
  for (const name of Object.keys(given)) requireKnown(name)
  const { version = '5.2', ALGORITHM = 'HS256', authentication = 'JWTAuthentication' } = given
  if (version !== '5.2' && version !== '5.5') throw invalid('version', 'must be 5.2 or 5.5')
  if (!algorithm(ALGORITHM)) throw invalid('ALGORITHM', 'must be one of HS, RS, PS, ES 256/384/512 or EdDSA')
  if (!AUTHENTICATIONS.includes(authentication))
    throw invalid('authentication', `must be one of ${AUTHENTICATIONS.join(', ')}`)
  if (!['id', 'pk'].includes(given.USER_ID_FIELD ?? 'id'))
    throw invalid('USER_ID_FIELD', 'must be id: the id that your users table gives is what tokens name')
  const classes = readClasses(given.AUTH_TOKEN_CLASSES ?? ['AccessToken'])
  const stateless = authentication !== 'JWTAuthentication'
  const checksPassword = flag('CHECK_REVOKE_TOKEN', given.CHECK_REVOKE_TOKEN ?? false)
  const claims = readClaims(given)
  if (stateless && checksPassword)
    throw invalid('CHECK_REVOKE_TOKEN', `needs the user, whom ${authentication} does not load`)
  if (given.SIGNING_KEY === undefined && checksPassword)
    throw invalid('CHECK_REVOKE_TOKEN', 'needs a SIGNING_KEY: its fingerprints are made with it')
  const { passwordClaim, ...names } = claims
  return Object.freeze({
    ...readLifetimes(given),
    rotates: flag('ROTATE_REFRESH_TOKENS', given.ROTATE_REFRESH_TOKENS ?? false),
    blacklists: flag('BLACKLIST_AFTER_ROTATION', given.BLACKLIST_AFTER_ROTATION ?? false),
    tellsLogins: flag('UPDATE_LAST_LOGIN', given.UPDATE_LAST_LOGIN ?? false),
    checksActive: flag('CHECK_USER_IS_ACTIVE', given.CHECK_USER_IS_ACTIVE ?? true),
    passwordClaim: checksPassword ? passwordClaim : undefined,
    algorithm: ALGORITHM,
    ...readSigningKeys(given, ALGORITHM),
    verifyingKey: readVerifyingKey(given.VERIFYING_KEY ?? '', ALGORITHM),
    audience: list('AUDIENCE', given.AUDIENCE ?? []),
    issuer: given.ISSUER === undefined || given.ISSUER === null ? undefined : text('ISSUER', given.ISSUER),
    schemes: readSchemes(given.AUTH_HEADER_TYPES ?? ['Bearer']),
    header: readHeader(given.AUTH_HEADER_NAME ?? 'HTTP_AUTHORIZATION'),
    claims: names,
    classes,
    stateless,
    usernameField: readMember('username_field', given.username_field ?? 'username'),
    paths: readPaths(given.paths ?? {}, classes, ALGORITHM),
    hooks: readHooks(given),
    originalBefore: readOriginalTokens(given.originalRefreshTokens),
    textIds: version === '5.5',
    tellsExpired: version === '5.5',
  })
}

function requireKnown(name: string): void {
  if (Object.hasOwn(REMOVED, name)) throw invalid(name, `was removed: use ${REMOVED[name]}`)
  if (Object.hasOwn(ELSEWHERE, name)) throw invalid(name, ELSEWHERE[name] as string)
  if (!Object.hasOwn(KNOWN, name)) throw invalid(name, 'is not a setting that means something here')
}

function readLifetimes(given: SimpleJwtSettings<User>) {
  return {
    accessSeconds: lifetime('ACCESS_TOKEN_LIFETIME', given.ACCESS_TOKEN_LIFETIME, '5m'),
    refreshSeconds: lifetime('REFRESH_TOKEN_LIFETIME', given.REFRESH_TOKEN_LIFETIME, '1d'),
    slidingSeconds: lifetime('SLIDING_TOKEN_LIFETIME', given.SLIDING_TOKEN_LIFETIME, '5m'),
    slidingRefreshSeconds: lifetime('SLIDING_TOKEN_REFRESH_LIFETIME', given.SLIDING_TOKEN_REFRESH_LIFETIME, '1d'),
    leewaySeconds: seconds(given.LEEWAY ?? 0, 'LEEWAY'),
  }
}

/** Ten years. */
const MOST_SECONDS = 3_650 * 86_400

function lifetime(name: string, given: string | number | undefined, usual: string): number {
  return within(name, seconds(given ?? usual, name), 1, MOST_SECONDS)
}

function readSigningKeys(
  { SIGNING_KEY: given, JWK_URL }: SimpleJwtSettings<User>,
  alg: Algorithm,
): Pick<ReadSettings, 'signingKey' | 'signingKeys' | 'olderKeys' | 'jwkUrl'> {
  const jwkUrl = JWK_URL === undefined || JWK_URL === null ? undefined : text('JWK_URL', JWK_URL)
  if (jwkUrl !== undefined && alg.startsWith('HS'))
    throw invalid('JWK_URL', `means nothing with ${alg}, whose keys nobody publishes: name an ALGORITHM such as RS256`)
  if (given === undefined && jwkUrl !== undefined)
    return { signingKey: undefined, signingKeys: [], olderKeys: [], jwkUrl }
  const all: readonly string[] = typeof given === 'string' ? [given] : Array.isArray(given) ? given : []
  const [signingKey, ...older] = all.map((one) => text('SIGNING_KEY', one))
  const olderKeys = older.map((key) => {
    try {
      return importKey(alg.startsWith('HS') ? { secret: key } : { pem: key }, alg)
    } catch (error) {
      throw invalid('SIGNING_KEY', `has a key that cannot verify: ${(error as AuthError).hint}`)
    }
  })
  return { signingKey: text('SIGNING_KEY', signingKey), signingKeys: all, olderKeys, jwkUrl }
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

function readClasses(given: readonly string[]): readonly SimpleJwtTokenClass[] {
  const rule = 'must list AccessToken, SlidingToken or both: no other token opens views'
  if (!Array.isArray(given) || given.length === 0) throw invalid('AUTH_TOKEN_CLASSES', rule)
  const names = given.map((one) => String(one).replace(/^rest_framework_simplejwt\.tokens\./, ''))
  const known = CLASSES.filter((one) => names.includes(one))
  if (known.length < names.length) throw invalid('AUTH_TOKEN_CLASSES', rule)
  return names as SimpleJwtTokenClass[]
}

function readClaims(given: SimpleJwtSettings<User>) {
  const { USER_ID_CLAIM = 'user_id', TOKEN_TYPE_CLAIM = 'token_type', JTI_CLAIM = 'jti' } = given
  const { SLIDING_TOKEN_REFRESH_EXP_CLAIM = 'refresh_exp', REVOKE_TOKEN_CLAIM = 'hash_password' } = given
  const all = { USER_ID_CLAIM, TOKEN_TYPE_CLAIM, JTI_CLAIM, SLIDING_TOKEN_REFRESH_EXP_CLAIM, REVOKE_TOKEN_CLAIM }
  const named = Object.entries(all)
  for (const [name, claim] of named) {
    // The original turns a check off by None: without the type a refresh token opens views, without the id none can be told from another.
    if (typeof claim !== 'string' || claim === '') throw invalid(name, 'must name a claim: the check stays on')
    const twice = named.some(([other, same]) => other !== name && same === claim)
    if (twice || TAKEN.includes(claim)) throw invalid(name, `cannot be ${claim}: that claim says something else`)
  }
  return {
    user: USER_ID_CLAIM,
    type: TOKEN_TYPE_CLAIM,
    jti: JTI_CLAIM,
    refreshExp: SLIDING_TOKEN_REFRESH_EXP_CLAIM,
    passwordClaim: REVOKE_TOKEN_CLAIM,
  }
}

function readHooks(given: SimpleJwtSettings<User>): ReadSettings['hooks'] {
  for (const name of ['USER_AUTHENTICATION_RULE', 'ON_LOGIN_SUCCESS', 'ON_LOGIN_FAILED', 'TOKEN_USER_CLASS'] as const)
    requireFunction(name, given[name])
  for (const [name, value] of Object.entries(given)) {
    if (!name.endsWith('_SERIALIZER') || value === undefined) continue
    if (typeof value !== 'object' || value === null)
      throw invalid(name, 'must be an object of functions: there is no Python here that a dotted path could name')
    const takes = name.includes('OBTAIN') ? ['validate', 'get_token'] : ['validate']
    for (const [member, hook] of Object.entries(value)) {
      if (!takes.includes(member)) throw invalid(`${name}.${member}`, `is not one of ${takes.join(', ')}`)
      requireFunction(`${name}.${member}`, hook)
    }
  }
  return given
}

function requireFunction(name: string, given: unknown): void {
  if (given !== undefined && typeof given !== 'function')
    throw invalid(name, 'must be a function: there is no Python here that a dotted path could name')
}

function readMember(name: string, given: string): string {
  if (typeof given === 'string' && /^\w{1,64}$/.test(given) && given !== 'password') return given
  throw invalid(name, 'must be the name of a member')
}

function list(name: string, value: string | readonly string[]): readonly string[] {
  const all = typeof value === 'string' ? [value] : value
  if (!Array.isArray(all)) throw new AuthError('options_invalid', { hint: `${name} must be text or a list of texts` })
  return all.map((one) => text(name, one))
}
