/** The bearer transport: `Authorization: Bearer <token>`, RFC 6750 section 2.1. */
import { AuthError } from '../errors.js'
import type { RequestHead } from './head.js'
import type { Credential, Delivery, Tokens, Transport } from './transport.js'

/** How the bearer transport reads the header. */
export interface BearerOptions {
  /** The scheme in front of the token, or several that mean the same. Default `Bearer`. */
  readonly scheme?: string | readonly string[]
  /** The header that carries them. Default `authorization`. */
  readonly header?: Lowercase<string>
  /** Compares the scheme to the letter, as systems of the past did. Default false (RFC 9110 section 11.1). */
  readonly caseSensitive?: boolean
}

/**
 * Tokens in the `Authorization` header, and in the body of the answers.
 *
 * Reading throws `credential_malformed` for a scheme without exactly one token, and `credential_ambiguous` for two of them.
 *
 * @example
 * ```ts
 * import { bearer } from 'latchkey'
 * const transport = bearer({ scheme: 'JWT' })
 * ```
 */
export function bearer({
  scheme = 'Bearer',
  header = 'authorization',
  caseSensitive = false,
}: BearerOptions = {}): Transport {
  const spelled = (name: string): string => (caseSensitive ? name : name.toLowerCase())
  const wanted = (typeof scheme === 'string' ? [scheme] : scheme).map(spelled)
  return { kind: 'bearer', access, refresh, deliver, clear: () => ({ body: {}, cookies: [] }) }

  function access(head: RequestHead): Credential | undefined {
    const value = head.header(header)
    if (value === undefined) return undefined
    const end = value.search(/[ \t,]/)
    const name = end === -1 ? value : value.slice(0, end)
    if (!wanted.includes(spelled(name))) return undefined
    const token = value.slice(name.length + 1)
    // Node joins two headers of one name with a comma, and so does `RequestHead`.
    if (value.includes(',')) throw new AuthError('credential_ambiguous', { hint: `more than one value of ${header}` })
    if (value[end] !== ' ' || token === '' || hasSpace(token)) {
      throw new AuthError('credential_malformed', { hint: `the scheme ${name} takes one space and one token` })
    }
    return { token, via: 'bearer' }
  }
}

// All the white space that a header can hold. An expression reads every token letter by letter, these three do not.
const hasSpace = (token: string): boolean => token.includes(' ') || token.includes('\t') || token.includes('\u00a0')

const refresh = (_head: RequestHead, given: string | undefined): Credential | undefined =>
  given === undefined ? undefined : { token: given, via: 'bearer' }

const deliver = ({ access, refresh }: Tokens): Delivery => ({
  body: refresh === undefined ? { access } : { access, refresh },
  cookies: [],
})
