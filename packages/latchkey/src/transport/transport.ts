/** Where tokens travel: a head in, a credential out; tokens in, a body and cookies out. */
import type { Tokens } from '../tokens/tokens.js'
import type { RequestHead } from './head.js'

/** A token found in a request, and where. */
export interface Credential {
  readonly token: string
  readonly via: 'bearer' | 'cookie' | 'basic' | 'api-token'
  /** Put together from two cookies: a pair that does not match is answered like an expired token, so that the client refreshes. */
  readonly split?: true
}

export type { Tokens }

/** What a response carries of the tokens: which of them go into the body, and the cookies to set. */
export interface Delivery {
  readonly body: Partial<Pick<Tokens, 'access' | 'refresh'>>
  readonly cookies: readonly string[]
}

/** Where a CSRF token travels: out in a cookie that the page reads, and back in a header that no other site can set. */
export interface CsrfPair {
  readonly header: Lowercase<string>
  /** The token in the cookie of a request; `undefined` without one. Throws `credential_ambiguous`. */
  cookie(head: RequestHead): string | undefined
  /** Whether the request must also say in `Referer` that a page of this host made it: for systems that demanded it. */
  readonly referer?: boolean
}

/** A place where tokens travel. */
export interface Transport {
  readonly kind: 'bearer' | 'cookie'
  /** The access token of a request, or `undefined`. Throws `credential_malformed`, `credential_ambiguous`. */
  access(head: RequestHead): Credential | undefined
  /** The refresh token of a request, given in the body or where this transport keeps it. */
  refresh(head: RequestHead, given: string | undefined): Credential | undefined
  /** What an answer carries of fresh tokens; `csrf`: the session's CSRF token, where the transport carries one; `head`: the request, where there is one. */
  deliver(tokens: Tokens, csrf?: string, head?: RequestHead): Delivery
  /** What an answer carries to make a browser forget: everything, or one of its tokens where the transport keeps them apart. */
  clear(what?: 'access' | 'refresh'): Delivery
  /** Absent where no CSRF token travels: the first two layers decide alone. */
  readonly csrf?: CsrfPair
  /** The largest cookie that an access token takes, name included; browsers keep 4,096 bytes. */
  accessBytes?(token: string): number
}

/** What a transport by cookie has to know of the service, before it can name its cookies. */
export interface CookieSite {
  /** Whether browsers come by https; without, cookies have neither prefix nor `Secure`. */
  readonly secure: boolean
  /** The path that the refresh cookie goes to: that of the endpoints, or `/` for silent refresh. */
  readonly refreshPath: string
}

/** A transport by cookie, as the option `transports` takes it. */
export type CookieTransport = (site: CookieSite) => Transport
