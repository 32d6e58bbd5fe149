/** The token that a request to one of djwto's endpoints came with: in the header, or in the cookie that `jwt_type` names. */
import type { Answer, Call, OwnRoute, RouteTools } from '../../endpoints/surface.js'
import { AuthError, type ErrorCode } from '../../errors.js'
import type { Claims } from '../../jwt/jws.js'
import { claimsBehind } from '../../tokens/refused.js'
import type { Credential } from '../../transport/transport.js'
import type { ReadSettings } from './settings.js'

/** One request to one of the endpoints. */
export interface Visit {
  /** What the body says in `jwt_type`. */
  readonly type: string
  readonly path: string
  readonly call: Call
  readonly tools: RouteTools
}

/** A token that is genuine and good. */
export interface Presented extends Credential {
  readonly claims: Claims
}

/** A refusal in words that none of our codes has. */
export class InWords extends Error {
  readonly status: number

  constructor(words: string, status = 403) {
    super(words)
    this.status = status
  }
}

/** The same work, with refusals in words as answers. */
export function speaking(work: OwnRoute['run']): OwnRoute['run'] {
  return async (input, call, tools): Promise<Answer> => {
    try {
      return await work(input, call, tools)
    } catch (error) {
      if (!(error instanceof InWords)) throw error
      return { status: error.status, body: { error: error.message } }
    }
  }
}

/** The session that one of our tokens names. Of another's claims it is none, and that has no CSRF token. */
export const sessionIn = ({ sid }: Claims): string | undefined =>
  typeof sid === 'string' ? sid.slice(0, sid.indexOf('.')) : undefined

/** The claims of a token of ours that is good, or was and is refused for nothing but what `but` lets pass. */
export async function proven(
  token: string,
  call: Call,
  { operations }: RouteTools,
  but: (code: ErrorCode, claims: Claims) => boolean,
): Promise<Claims> {
  try {
    return (await operations.verify({ token }, call)).claims
  } catch (error) {
    const claims = error instanceof AuthError ? claimsBehind(error) : undefined
    if (!claims || !but((error as AuthError).code, claims)) throw error
    return claims
  }
}

export function createPresented({ mode, refreshPath }: Pick<ReadSettings, 'mode' | 'refreshPath'>): {
  /** Throws what is against the token, in words or as an AuthError. */
  present(visit: Visit): Promise<Presented>
  /** The same, where only the refresh token will do. */
  presentRefresh(visit: Visit): Promise<Presented>
} {
  const byCookie = mode !== 'JSON'
  return { present, presentRefresh }

  async function present(visit: Visit): Promise<Presented> {
    const { call, tools, type } = visit
    const credential = find(visit)
    const claims = await proven(credential.token, call, tools, (code, { type: kind }) => {
      // What the user may do now is read when it is redeemed.
      return code === 'token_stale' && kind === 'refresh'
    })
    if (byCookie) {
      tools.transports.csrf?.check(call.head, sessionIn(claims))
      // In whichever cookie it comes, an access token is no refresh token.
      if (claims.type !== type) throw new InWords('Failed to validate token.')
    }
    return { ...credential, claims }
  }

  async function presentRefresh(visit: Visit): Promise<Presented> {
    const presented = await present(visit)
    if (presented.claims.type === 'refresh') return presented
    throw new InWords(
      byCookie
        ? 'POST variable "jwt_type" must be equal to "refresh".'
        : 'Refresh token was not sent in authorization header.',
    )
  }

  function find({ type, path, call: { head }, tools: { transports } }: Visit): Credential {
    if (byCookie) transports.csrf?.repeated(head)
    if (byCookie && type !== 'access' && type !== 'refresh')
      throw new InWords(`Input data "jwt_type" must be either "access" or "refresh". Got "${type}" instead.`)
    const isRefresh = byCookie && type === 'refresh'
    const found = isRefresh ? transports.refresh(head, undefined) : transports.access(head)
    if (found) return found
    if (!isRefresh) throw new AuthError('credential_missing')
    throw new InWords(
      path.startsWith(`${refreshPath}/`)
        ? 'Cookie "jwt_refresh" cannot be empty.'
        : `Refresh cookie is only sent in path "${refreshPath}". Requested path was: ${path}.`,
    )
  }
}
