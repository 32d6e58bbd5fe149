/** Requests that another site made a browser send: told by Fetch Metadata, by Origin, and by a signed token that only our own page can repeat. */

import { randomBytes } from 'node:crypto'
import { AuthError, type CsrfLayer } from '../errors.js'
import type { ServerSecret, ServerSecrets } from '../keys/seal.js'
import { equalBytes, equalText, hmacSha256 } from '../util/bytes.js'
import type { RequestHead } from './head.js'
import type { CsrfPair } from './transport.js'

export interface CsrfParts {
  /** Our own origins, as browsers write them. */
  readonly own: ReadonlySet<string>
  /** Origins of others whose pages may act for their users here. */
  readonly allowed: ReadonlySet<string>
  readonly secrets: ServerSecrets
  readonly pair: CsrfPair | undefined
}

/** The layers, each throwing `csrf_failed` with its name. */
export interface Csrf {
  /** The first two: where the browser says that the request comes from. For requests without a session, such as a login. */
  site(head: RequestHead): void
  /** All three, for a request that a cookie of this session came with. */
  check(head: RequestHead, sessionId: string | undefined): void
  /** The part of it that needs no session: the header repeats the cookie, whoever's that is. */
  repeated(head: RequestHead): void
  /** The token of a session: the one that the request already has, or a new one. */
  tokenFor(sessionId: string, head: RequestHead | undefined): string | undefined
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a request may change something. A WebSocket is opened by GET, and then acts for whoever opened it. */
export const isUnsafe = (head: RequestHead): boolean => !SAFE.has(head.method) || isUpgrade(head)

/** Whether a request opens a WebSocket. */
export const isUpgrade = (head: RequestHead): boolean => head.header('upgrade')?.toLowerCase() === 'websocket'

export function createCsrf({ own, allowed, secrets, pair }: CsrfParts): Csrf {
  return { site, check, repeated, tokenFor }

  function site(head: RequestHead): void {
    const origin = head.header('origin')
    const fetchSite = head.header('sec-fetch-site')
    const isAllowed = origin !== undefined && allowed.has(origin)
    if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none' && !isAllowed) {
      throw failed('fetch-metadata')
    }
    // Who sends neither header is no browser. But every browser names the origin of a WebSocket, and no page can give it a token.
    if (origin === undefined ? isUpgrade(head) : !isAllowed && !own.has(origin)) throw failed('origin')
  }

  function check(head: RequestHead, sessionId: string | undefined): void {
    const kept = repeated(head)
    if (kept === undefined) return
    if (sessionId === undefined || !isGenuine(kept, sessionId)) throw failed('token')
  }

  /** The token; `undefined` where none travels. */
  function repeated(head: RequestHead): string | undefined {
    site(head)
    if (!pair || isUpgrade(head)) return undefined
    if (pair.referer && !isOurPage(head.header('referer'), head.header('host'))) throw failed('origin')
    const said = head.header(pair.header)
    const kept = pair.cookie(head)
    if (said === undefined || kept === undefined || !equalText(said, kept)) throw failed('token')
    return kept
  }

  /** Our own by its origin, or by the host that the browser itself says it asks. */
  function isOurPage(referer: string | undefined, host: string | undefined): boolean {
    if (referer === undefined || !URL.canParse(referer)) return false
    const page = new URL(referer)
    return own.has(page.origin) || (page.protocol === 'https:' && page.host === host)
  }

  function tokenFor(sessionId: string, head: RequestHead | undefined): string | undefined {
    if (!pair) return undefined
    // Pages of this session may hold it already, and a retried refresh has to be answered alike.
    const kept = head && unlessDoubled(pair, head)
    if (kept !== undefined && isGenuine(kept, sessionId)) return kept
    const random = randomBytes(HALF).toString('hex')
    return `${random}${mark(secrets.current(), sessionId, random).toString('hex')}`
  }

  function isGenuine(token: string, sessionId: string): boolean {
    if (!/^[\da-f]{64}$/.test(token)) return false
    const random = token.slice(0, 2 * HALF)
    const given = Buffer.from(token.slice(2 * HALF), 'hex')
    return secrets.all.some((secret) => equalBytes(mark(secret, sessionId, random), given))
  }
}

/** Two of them are none: the answer brings a new one. */
function unlessDoubled(pair: CsrfPair, head: RequestHead): string | undefined {
  try {
    return pair.cookie(head)
  } catch {
    return undefined
  }
}

const HALF = 16

/** Bound to the session, so that a token of somebody else's, planted by a sub-domain, is none. */
const mark = (secret: ServerSecret, sessionId: string, random: string): Buffer =>
  hmacSha256(secret.subkey('csrf'), `${sessionId}.${random}`).subarray(0, HALF)

const failed = (layer: CsrfLayer): AuthError => new AuthError('csrf_failed', { layer })
