/** Where tokens travel: a head in, a credential out; tokens in, a body and cookies out. */
import type { RequestHead } from './head.js'

/** A token found in a request, and where. */
export interface Credential {
  readonly token: string
  readonly via: 'bearer' | 'cookie' | 'basic' | 'api-token'
}

/** What a login or a refresh hands out. Dates in seconds. */
export interface Tokens {
  readonly access: string
  readonly accessExpiresAt: number
  /** Absent in the mode `single`, where the access token renews itself. */
  readonly refresh: string | undefined
  readonly refreshExpiresAt: number
  readonly sessionId: string
  readonly issuedAt: number
  readonly scope: string | undefined
}

/** What a response carries of the tokens: which of them go into the body, and the cookies to set. */
export interface Delivery {
  readonly body: Partial<Pick<Tokens, 'access' | 'refresh'>>
  readonly cookies: readonly string[]
}

export interface Transport {
  /** The access token of a request, or `undefined`. Throws `credential_malformed`, `credential_ambiguous`. */
  access(head: RequestHead): Credential | undefined
  /** The refresh token of a request, given in the body or where this transport keeps it. */
  refresh(head: RequestHead, given: string | undefined): Credential | undefined
  deliver(tokens: Tokens): Delivery
  clear(): Delivery
}
