/** All transports of an auth together: which one a credential came by, and which one an answer goes by. */
import { AuthError } from '../errors.js'
import { cookieValues } from '../util/cookie.js'
import { type Csrf, isUnsafe } from './csrf.js'
import type { RequestHead } from './head.js'
import type { Credential, Delivery, Tokens, Transport } from './transport.js'

/** What an answer carries, and the CSRF token in its cookies. */
export interface Delivered {
  readonly delivery: Delivery
  readonly csrf: string | undefined
}

/** How tokens travel here. */
export interface Transports {
  /** The access token of a request. Throws `credential_malformed`, `credential_ambiguous`. */
  access(head: RequestHead): Credential | undefined
  /** The refresh token of a request, as given in its body or kept in a cookie. Throws `credential_ambiguous`. */
  refresh(head: RequestHead, given: string | undefined): Credential | undefined
  /**
   * What a sign-in is answered by: the kind that was asked for, else the first. Throws `request_invalid`, and what keeps this request from
   * getting cookies: `csrf_failed` where another site made a browser send it, and `credential_ambiguous`.
   */
  choose(kind: string | undefined, head: RequestHead | undefined): Transport['kind']
  /** What an answer carries of fresh tokens, and the CSRF token among it. */
  deliver(kind: Credential['via'], tokens: Tokens, head: RequestHead | undefined): Delivered
  /** The cookies that make a browser forget; none where none are used. */
  readonly forgetting: readonly string[]
  /** The same for one of the tokens, and whether the request had it. */
  forget(what: 'access' | 'refresh', head: RequestHead): { readonly cookies: readonly string[]; readonly had: boolean }
  /** Whether a request carries a cookie of ours, good or bad. */
  keeps(head: RequestHead): boolean
  /** Absent without cookies. */
  readonly csrf: Csrf | undefined
  /**
   * Refuses, before anything of a request is read, what another site made a browser send: with cookies of ours, or to sign in here.
   * Throws `csrf_failed`.
   */
  refuseForeign(head: RequestHead, signsIn: boolean): void
  /** The CSRF token that a request has in its cookie. */
  csrfCookie(head: RequestHead): string | undefined
}

/** `credentials`: what two credentials in one request are. `first`: the transport that stands first wins, as in systems with a precedence. */
export function createTransports(
  all: readonly Transport[],
  csrf: Csrf | undefined,
  credentials: 'one' | 'first' = 'one',
): Transports {
  const first = all[0] as Transport
  const cookie = all.find(({ kind }) => kind === 'cookie')
  const forgetting = cookie?.clear().cookies ?? []
  const had = (head: RequestHead, cookies: readonly string[]): boolean =>
    cookies.some((line) => cookieValues(head.header('cookie'), line.slice(0, line.indexOf('='))).length > 0)
  return {
    access: all.length === 1 ? first.access : (head) => found(({ access }) => access(head)),
    refresh: (head, given) => found(({ refresh }) => refresh(head, given)),
    choose,
    deliver,
    forgetting,
    forget(what, head) {
      const cookies = cookie?.clear(what).cookies ?? []
      return { cookies, had: had(head, cookies) }
    },
    keeps: (head) => had(head, forgetting),
    csrf,
    refuseForeign,
    csrfCookie: (head) => cookie?.csrf?.cookie(head),
  }

  /** Two credentials in one request are an error, whichever of them is good (RFC 6750 section 2). */
  function found(look: (transport: Transport) => Credential | undefined): Credential | undefined {
    let one: Credential | undefined
    for (const transport of all) {
      const credential = look(transport)
      if (credential && credentials === 'first') return credential
      if (credential && one) {
        throw new AuthError('credential_ambiguous', { hint: `both ${one.via} and ${credential.via}` })
      }
      one ??= credential
    }
    return one
  }

  function refuseForeign(head: RequestHead, signsIn: boolean): void {
    if (!csrf || !isUnsafe(head)) return
    if (signsIn ? first.kind === 'cookie' : head.header('authorization') === undefined && byCookie(head))
      csrf.site(head)
  }

  function byCookie(head: RequestHead): boolean {
    try {
      return (cookie?.access(head) ?? cookie?.refresh(head, undefined)) !== undefined
    } catch {
      return true
    }
  }

  function choose(kind: string | undefined, head: RequestHead | undefined): Transport['kind'] {
    const chosen = kind === undefined ? first : all.find((one) => one.kind === kind)
    if (chosen?.kind === 'cookie' && head) {
      csrf?.site(head)
      // Read before anything is done: the session's CSRF token would be made in view of it.
      chosen.csrf?.cookie(head)
    }
    if (chosen) return chosen.kind
    throw new AuthError('request_invalid', {
      problems: [{ path: 'transport', rule: 'unknown', message: 'Tokens do not travel like this here.' }],
    })
  }

  function deliver(kind: Credential['via'], tokens: Tokens, head: RequestHead | undefined): Delivered {
    if (kind !== 'cookie' || !cookie) {
      return { delivery: (all.find((one) => one.kind === 'bearer') ?? first).deliver(tokens), csrf: undefined }
    }
    const token = csrf?.tokenFor(tokens.sessionId, head)
    return { delivery: cookie.deliver(tokens, token, head), csrf: token }
  }
}
