/** The part of `latchkey token explain` for tokens of other issuers: what the pipeline said, told check by check, and whom the token stands for. */
import { AuthError, type IssuerInfo, type Reason, type Verified } from 'latchkey'
import type { Claims, Jws } from 'latchkey/jwt'
import type { IssuerSaid } from '../config/issuers.js'
import type { ServerAuth } from '../config/open.js'
import { bad, type Check, good, shown, unseen } from './checks.js'

/** What the pipeline answered. */
export type Verdict = Verified | AuthError

/** The checks of the pipeline in its order, each with the reasons by which it refuses. */
const STEPS: readonly (readonly [string, readonly Reason[]])[] = [
  ['key', ['key_unknown', 'kid', 'issuer_unavailable']],
  ['signature', ['signature', 'alg', 'alg_mismatch']],
  ['typ', ['typ']],
  ['iss', ['iss']],
  ['aud', ['aud']],
  ['exp', ['exp']],
  ['nbf', ['nbf']],
  ['iat', ['iat']],
  ['lifetime', ['lifetime']],
  ['sub', ['sub']],
  ['jti', ['jti']],
  ['sid', ['sid']],
  ['schema', ['schema']],
  ['revoked', ['revoked', 'session_ended']],
]
const SIGNATURE = STEPS.findIndex(([name]) => name === 'signature')

/** Whose row a token belongs to: ours, another's, or nobody's. */
export function rowOf(auth: Pick<ServerAuth, 'issuers'>, own: string, jws: Jws): 'own' | IssuerInfo | undefined {
  const others = auth.issuers()
  // Where there is one row, nothing is chosen by what a token says of itself.
  if (others.length === 0) return 'own'
  const payload = payloadOf(jws)
  if (payload === undefined) return undefined
  return payload.iss === own ? 'own' : others.find(({ issuer }) => issuer === payload.iss)
}

interface Facts {
  readonly jws: Jws
  readonly info: IssuerInfo
  readonly said: IssuerSaid | undefined
  readonly verdict: Verdict
}

/** Everything from the row on. The claims are shown where the signature was proved, here as there. */
export async function explainForeign(auth: ServerAuth, facts: Facts): Promise<readonly Check[]> {
  const { info, verdict } = facts
  const row = good('issuer', `${info.id}${info.issuer === undefined ? ', for tokens without iss' : ''}`)
  const failing = verdict instanceof AuthError ? stepOf(verdict) : STEPS.length
  const claims = failing > SIGNATURE ? (payloadOf(facts.jws) ?? {}) : {}
  const checks = STEPS.flatMap(([name], at): readonly Check[] => {
    if (at > failing) return at <= SIGNATURE ? [unseen(name)] : []
    const detail = detailOf(name, claims, facts)
    if (at === failing) return [refused(label(name, facts.said), detail, verdict as AuthError)]
    return detail === undefined ? [] : [good(label(name, facts.said), detail)]
  })
  if (verdict instanceof AuthError)
    return [row, ...checks, unseen(failing > SIGNATURE ? 'the rest' : 'claims'), unseen('user')]
  return [row, ...checks, await userCheck(auth, verdict)]
}

/** A reason that no check has is that of the last one: then everything before it was passed, or is not shown. */
function stepOf({ reason }: AuthError): number {
  const at = STEPS.findIndex(([, reasons]) => reason !== undefined && reasons.includes(reason))
  return at === -1 ? 0 : at
}

const label = (name: string, said: IssuerSaid | undefined): string => (name === 'sub' ? (said?.subject ?? 'sub') : name)

/** `undefined`: there is nothing to check. */
function detailOf(name: string, claims: Claims, { jws, said, info }: Facts): string | undefined {
  const { kid, alg, typ } = jws.header
  switch (name) {
    case 'key':
      return `${kid === undefined ? 'the token names no key' : `kid ${kid}`}, ${info.keys.length} known`
    case 'signature':
      return alg
    case 'typ':
      return typ ?? 'none'
    case 'lifetime':
      return `${Number(claims.exp) - Number(claims.iat ?? claims.exp)}s`
    case 'schema':
      return said?.schema === undefined ? undefined : 'as it demands'
    case 'revoked':
      return 'no'
    default: {
      const value = claims[label(name, said)]
      return value === undefined ? undefined : shown(value)
    }
  }
}

function refused(name: string, detail: string | undefined, error: AuthError): Check {
  if (name === 'schema') {
    const problems = (error.problems ?? []).map(({ path, message }) => `${path} ${message}`.trim())
    return { name, ok: false, detail: problems.join('; ') }
  }
  const why = error.hint ?? error.code
  return { name, ok: false, detail: name === 'revoked' ? why : `${detail ?? 'missing'}: ${why}` }
}

/** Looked up and never made: that a token was explained leaves no trace. */
async function userCheck(auth: ServerAuth, { row, subject, mapped }: Verified): Promise<Check> {
  if (mapped?.users === 'none') return good('user', 'none: the claims are all there is')
  const identity = await auth.identities?.find({ issuer: row, subject })
  if (!identity) {
    if (mapped?.users === 'create') return good('user', 'nobody yet: the first request makes one')
    return bad('user', new AuthError('user_inactive', { reason: 'user_gone' }))
  }
  const account = identity.userId === null ? undefined : await auth.users.byId(identity.userId)
  if (!account) return { name: 'user', ok: false, detail: 'was deleted here' }
  return { name: 'user', ok: account.active, detail: `${account.username}${account.active ? '' : ', disabled'}` }
}

/** What the token says of itself, proved or not. */
function payloadOf({ token, headerEnd, payloadEnd }: Jws): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.slice(headerEnd + 1, payloadEnd), 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
