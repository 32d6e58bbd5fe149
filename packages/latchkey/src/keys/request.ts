/** A request to somebody else's server, before a byte of it is sent: permitted addresses only, no proxies, nothing about who asks. */
import type { Agent, ClientRequest } from 'node:http'
import { isIP } from 'node:net'
import { checkedLookup, type Permits, type Resolve } from './addresses.js'

/** Which URLs are fetched at all. */
export interface UrlRules {
  readonly permits: Permits
  readonly allowHttp: boolean
}

export interface RequestParts extends UrlRules {
  /** Default: as the system resolves names. */
  readonly resolve?: Resolve
  /** Certificates to trust instead of the system's. */
  readonly ca?: string
  /** Whether a connection serves the next request too: where one server is asked again and again. Default: each has its own. */
  readonly keepAlive?: boolean
}

/** Begins a request to a URL; whoever gets it ends it. Rejects with an `Error` that says why a URL is not fetched. */
export type Send = (
  url: string,
  options: { readonly method: 'GET' | 'POST'; readonly headers: Readonly<Record<string, string>> },
) => Promise<ClientRequest>

export function createSend(parts: RequestParts): Send {
  const { ca, keepAlive = false } = parts
  const lookup = checkedLookup(parts.permits, parts.resolve)
  let kept: Agent | undefined
  return async (text, { method, headers }) => {
    const url = fetchable(text, parts)
    const { Agent, request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
    // Of its own: the shared one, and whatever is made after its likeness (`false`), may be anything and may know of proxies.
    if (keepAlive) kept ??= new Agent({ keepAlive: true, maxFreeSockets: 4 })
    return request(url, {
      method,
      lookup,
      agent: kept ?? new Agent({ keepAlive: false }),
      headers: { 'accept-encoding': 'identity', 'user-agent': 'latchkey', ...headers },
      maxHeaderSize: 16_384,
      // Written out, because a variable of the environment turns the default off.
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
    })
  }
}

/** The URL of a text, if it is one that is fetched. Throws an `Error` that says why it is not. */
export function fetchable(text: unknown, { permits, allowHttp }: UrlRules): URL {
  if (typeof text !== 'string' || !URL.canParse(text)) throw new Error('this is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) throw new Error('only https is fetched')
  if (url.username !== '' || url.password !== '') throw new Error('a URL with credentials is not fetched')
  // An address needs no look-up, so it is checked here. Other spellings of one (decimal, octal) are gone with the parsing.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !permits(host)) throw new Error(`${host} is no public address`)
  return url
}
