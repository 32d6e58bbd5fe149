/** Why an access token was refused, as the list of its checks in their order: for developers, who read it in the answer. */
import type { AuthError, Reason } from '../errors.js'
import { claimsBehind } from '../tokens/refused.js'
import type { CheckAnswer } from './wire.js'

/** The checks in the order of the pipeline, with the reasons by which each says no. */
const CHECKS: readonly (readonly [name: string, ...reasons: Reason[]])[] = [
  [
    'form',
    'malformed',
    'structure',
    'b64',
    'header_json',
    'payload_json',
    'dup_member',
    'too_large',
    'unsupported_header',
    'alg',
    'kid',
  ],
  ['issuer'],
  ['key', 'key_unknown', 'key_policy', 'alg_mismatch', 'issuer_unavailable'],
  ['signature', 'signature'],
  ['typ', 'typ'],
  ['iss', 'iss'],
  ['aud', 'aud'],
  ['exp', 'exp'],
  ['nbf', 'nbf'],
  ['iat', 'iat'],
  ['lifetime', 'lifetime'],
  ['sub', 'sub'],
  ['jti', 'jti'],
  ['sid', 'sid'],
  ['schema', 'schema'],
  ['revocation', 'revoked', 'session_ended'],
  ['user', 'user_disabled', 'user_gone'],
]

const names = CHECKS.map(([name]) => name)
const SIGNATURE = names.indexOf('signature')
/** What is asked of the header, or of whom to ask, before anybody proved that the token is genuine. */
const UNPROVEN: Partial<Record<Reason, string>> = { typ: 'form', iss: 'issuer' }
const byReason = new Map(CHECKS.flatMap(([name, ...reasons]) => reasons.map((reason) => [reason, name] as const)))

/** The list up to the check that failed, and what was not looked at after it; `undefined` for what is no refusal of an access token. */
export function checksOf(error: AuthError): readonly CheckAnswer[] | undefined {
  const { reason } = error
  if (reason === undefined || !/^(token_|claims_|issuer_|user_)/.test(error.code)) return undefined
  const isProven = claimsBehind(error) !== undefined
  const failed = (isProven ? undefined : UNPROVEN[reason]) ?? byReason.get(reason)
  const at = failed === undefined ? -1 : names.indexOf(failed)
  // What stands after the signature is looked at in tokens that are genuine; an API token has neither.
  if (at === -1 || (!isProven && at > SIGNATURE)) return undefined
  return names.map((name, index) => {
    if (index < at) return { name, ok: true }
    return index === at ? { name, ok: false, detail: error.hint ?? reason } : { name, ok: null }
  })
}
