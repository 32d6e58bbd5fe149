/** How djangorestframework-jwt and drf-jwt say no: 401 with `detail` at a view, 400 with `non_field_errors` where a token is given in the body. */
import type { Site } from '../../endpoints/surface.js'
import type { AuthError, ErrorCode } from '../../errors.js'
import { claimsBehind } from '../../tokens/refused.js'
import type { Said } from '../drf.js'
import type { ReadSettings } from './settings.js'

/** What was good once and was ended since. */
const ENDED: readonly ErrorCode[] = ['token_revoked', 'token_stale', 'refresh_reused', 'session_revoked']
const OF_TOKENS: readonly ErrorCode[] = [
  ...ENDED,
  'token_invalid',
  'token_expired',
  'token_early',
  'token_audience',
  'claims_invalid',
  'refresh_invalid',
  'refresh_expired',
]

const MISSING = 'Authentication credentials were not provided.'
const SPACES = 'Invalid Authorization header. Credentials string should not contain spaces.'

interface Words {
  readonly expired: string
  readonly undecodable: string
  readonly foreign: string
  readonly nobody: string
}

const WORDS: Readonly<Record<'2017' | '1.17', Words>> = {
  '2017': {
    expired: 'Signature has expired.',
    undecodable: 'Error decoding signature.',
    foreign: 'Incorrect authentication credentials.',
    nobody: 'Invalid signature.',
  },
  '1.17': {
    expired: 'Token has expired.',
    undecodable: 'Error decoding token.',
    foreign: 'Invalid token.',
    nobody: 'Invalid token.',
  },
}

/** What a token says that cannot be refreshed, because it does not tell when its session began. */
export const NO_ORIGIN: Readonly<Record<'2017' | '1.17', string>> = {
  '2017': 'orig_iat field is required.',
  '1.17': 'orig_iat field not found in token.',
}

export function sayAsDrfJwt({
  old,
  namesKey,
}: Pick<ReadSettings, 'old' | 'namesKey'>): (error: AuthError, site: Site) => Said | undefined {
  const words = WORDS[old ? '2017' : '1.17']
  return (error, { route }) => (route ? atRoute(error) : undefined) ?? atView(error)

  function atRoute(error: AuthError): Said | undefined {
    if (error.code === 'login_failed') return inBody('Unable to log in with provided credentials.')
    if (error.code === 'user_inactive') {
      return inBody(error.reason === 'user_gone' ? "User doesn't exist." : 'User account is disabled.')
    }
    // A bad token in the header is answered as at a view: what was given in the body says so by its reason.
    return IN_BODY.has(error) ? inBody(wordsFor(error, true)) : undefined
  }

  function atView(error: AuthError): Said | undefined {
    switch (error.code) {
      case 'credential_malformed':
        return refusal(old ? 'Invalid Authorization header. No credentials provided.' : MISSING)
      // Two headers of one name reach the original as one, joined by a comma.
      case 'credential_ambiguous':
        return refusal(old ? SPACES : MISSING)
      case 'user_inactive':
        return refusal(error.reason === 'user_gone' ? words.nobody : 'User account is disabled.')
      default:
        if (!OF_TOKENS.includes(error.code)) return undefined
        if (ENDED.includes(error.code) && !old) return { status: 403, body: { detail: 'Token is blacklisted.' } }
        return refusal(wordsFor(error, false))
    }
  }

  function wordsFor(error: AuthError, isInBody: boolean): string {
    const { code, reason } = error
    if (ENDED.includes(code)) return old ? words.expired : 'Token is blacklisted.'
    if (code === 'refresh_expired') return 'Refresh has expired.'
    if (code === 'token_expired') return words.expired
    // Known only where the signature was good: whoever holds such a token may read what is wrong with it.
    if (!claimsBehind(error) && reason !== 'alg' && !(namesKey && reason === 'key_unknown')) return words.undecodable
    if (reason === 'sub') return isInBody && !old ? 'Invalid token.' : 'Invalid payload.'
    return isInBody && old ? words.undecodable : words.foreign
  }
}

/** The refusals that are about a token in the body, and not about the one in the header. */
const IN_BODY = new WeakSet<Error>()

/** Runs what reads a token that was given in the body, so that its refusal is answered there. */
export async function ofBody<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error) IN_BODY.add(error)
    throw error
  }
}

export const inBody = (message: string): Said => ({ status: 400, body: { non_field_errors: [message] } })

const refusal = (detail: string): Said => ({ status: 401, body: { detail } })
