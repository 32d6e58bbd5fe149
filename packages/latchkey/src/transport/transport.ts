/** Where tokens travel: a head in, a credential out; tokens in, a body and cookies out. */
import type { Tokens } from '../tokens/tokens.js'
import type { RequestHead } from './head.js'

/** A token found in a request, and where. */
export interface Credential {
  readonly token: string
  readonly via: 'bearer' | 'cookie' | 'basic' | 'api-token'
}

export type { Tokens }

/** What a response carries of the tokens: which of them go into the body, and the cookies to set. */
export interface Delivery {
  readonly body: Partial<Pick<Tokens, 'access' | 'refresh'>>
  readonly cookies: readonly string[]
}

/** A place where tokens travel. */
export interface Transport {
  /** The access token of a request, or `undefined`. Throws `credential_malformed`, `credential_ambiguous`. */
  access(head: RequestHead): Credential | undefined
  /** The refresh token of a request, given in the body or where this transport keeps it. */
  refresh(head: RequestHead, given: string | undefined): Credential | undefined
  /** What an answer carries of fresh tokens. */
  deliver(tokens: Tokens): Delivery
  /** What an answer carries to make a browser forget. */
  clear(): Delivery
}
