/** Refresh tokens that the original issued with the same key: which of them go on here, and what they say. */
import { AuthError } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import { type ForeignRefresh, refused } from '../../tokens/format.js'

/** All of them, none, or those from before a moment: seconds since the epoch, or text such as `2027-01-31T12:00:00Z`. */
export type OriginalRefreshTokens = boolean | { readonly issuedBefore: string | number }

/** How its claims are called, and from when on its refresh tokens are refused. */
interface Original {
  readonly claims: { readonly user: string; readonly type: string; readonly jti: string; readonly refreshExp: string }
  readonly originalBefore: number
}

/** With its zone: what is noon here is another moment elsewhere. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** From when on they are refused, in seconds; 0: always. Throws `options_invalid`. */
export function readOriginalTokens(given: OriginalRefreshTokens = true): number {
  if (typeof given === 'boolean') return given ? Number.POSITIVE_INFINITY : 0
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : []
  if (names.length !== 1 || names[0] !== 'issuedBefore') throw invalid('must be true, false or { issuedBefore }')
  const { issuedBefore: moment } = given
  const at = typeof moment === 'string' && MOMENT.test(moment) ? Date.parse(moment) / 1000 : moment
  if (typeof at !== 'number' || !Number.isFinite(at)) {
    throw invalid('.issuedBefore must be seconds since the epoch, or text such as 2027-01-31T12:00:00Z')
  }
  return at
}

/** What a refresh token of the original says; `undefined` for whatever else. Throws `token_invalid` where it lacks what ours have. */
export function readOriginal(claims: Claims, original: Original): ForeignRefresh | undefined {
  return read(claims, original, 'refresh', claims.exp)
}

/** The same of a sliding token. Nothing renews itself for longer than ours do: what is ended is remembered no longer. */
export function readOriginalSliding(
  claims: Claims,
  original: Original & { readonly slidingRefreshSeconds: number },
): ForeignRefresh | undefined {
  const end = claims[original.claims.refreshExp]
  const token = read(claims, original, 'sliding', end)
  return token && token.expiresAt - token.issuedAt <= original.slidingRefreshSeconds ? token : undefined
}

function read(
  claims: Claims,
  { claims: names, originalBefore }: Original,
  type: string,
  end: unknown,
): ForeignRefresh | undefined {
  // Ours name their session.
  if (claims.sid !== undefined || claims[names.type] !== type) return undefined
  const { [names.user]: user, [names.jti]: jti, iat } = claims
  // Without a date nobody can tell what was ended since.
  if (typeof iat !== 'number' || !(iat < originalBefore) || typeof end !== 'number') return undefined
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) throw refused('jti')
  if (user === undefined) throw refused('sub')
  return { subject: String(user), jti, issuedAt: Math.floor(iat), expiresAt: Math.floor(end) }
}

const invalid = (rule: string): AuthError => new AuthError('options_invalid', { hint: `originalRefreshTokens ${rule}` })
